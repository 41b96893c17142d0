"""What the use cases around orgs and their members ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.core.members import Group, Token
from gateway.core.model import Org, User


class MemberReading(Protocol):
    """Queries about orgs, their users, tokens and groups."""

    async def org(self, name: str) -> Org | None:
        """The org of this name or alias, in any case."""

    async def orgs(self) -> tuple[Org, ...]:
        """All orgs, by name."""

    async def org_of_project(self, number: int) -> Org | None:
        """The org that holds the project of this number."""

    async def org_of_record(self, record_id: UUID) -> Org | None:
        """The org that holds this record."""

    async def tokens(self, org_id: UUID) -> tuple[Token, ...]:
        """All tokens of an org, the oldest first, revoked ones included."""

    async def user(self, org_id: UUID, username: str) -> User | None:
        """By username, in any case."""

    async def user_with_number(self, org_id: UUID, number: int) -> User | None: ...

    async def users(self, org_id: UUID) -> tuple[User, ...]:
        """All users of an org, by number; the built-in ``root`` is number 1."""

    async def groups(self, org_id: UUID) -> tuple[Group, ...]: ...


class MemberWriting(Protocol):
    """Writes of the same."""

    async def make_org(self, name: str, aliases: Sequence[str], now: datetime) -> Org:
        """With its ``root`` user and its ``unassigned`` project. Raises ``Conflict``."""

    async def add_alias(self, org: Org, alias: str) -> Org:
        """Raises ``Conflict`` when another org has the name."""

    async def make_user(
        self, org_id: UUID, *, username: str, name: str, external_id: str | None, now: datetime
    ) -> User:
        """Raises ``Conflict`` for a username or an external id that is taken."""

    async def user_with_external_id(
        self,
        org_id: UUID,
        external_id: str,
        *,
        username: str | None = None,
        name: str | None,
        now: datetime,
    ) -> User:
        """Found, or made: ``username`` is the external id where unsaid, suffixed where taken."""

    async def user_named(
        self, org_id: UUID, username: str, *, name: str | None = None, now: datetime
    ) -> User:
        """Found, or made with this full name."""

    async def make_token(self, token: Token) -> None: ...

    async def revoke_token(self, org_id: UUID, token_id: UUID, now: datetime) -> bool:
        """False when there is none."""

    async def make_group(
        self, org_id: UUID, name: str, members: Sequence[User], now: datetime
    ) -> Group:
        """Raises ``Conflict``."""

    async def add_to_group(self, org_id: UUID, name: str, member: User) -> Group | None: ...
