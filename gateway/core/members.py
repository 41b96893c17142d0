"""Tokens and groups: what an org's administrators hand out and gather."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gateway.core.context import Permission
from gateway.core.model import Org, User

ROOT = User(
    id=UUID(int=1),
    number=1,
    username="root",
    name="Administrator",
    external_id=None,
    created_at=datetime(2000, 1, 1, tzinfo=UTC),
)
"""The built-in user of every org: whatever the admin token writes is theirs."""


@dataclass(frozen=True, slots=True)
class Token:
    """A credential as it is kept: the secret's two forms only as SHA-256 digests.

    ``projects`` is ``None`` for all projects of the org.
    """

    id: UUID
    org_id: UUID
    name: str
    user: User
    permission: Permission
    projects: frozenset[UUID] | None
    secret_hash: bytes
    jwt_hash: bytes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A token, whether it still holds or not, and the org that it opens.

    ``is_discussed`` says whether the org's records may need approvals, or have any.
    """

    token: Token
    org: Org
    is_discussed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of users, for approval rules."""

    id: UUID
    number: int
    name: str
    members: tuple[User, ...]
    created_at: datetime
