"""Users, their tokens and the groups that gather them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import Row, and_, bindparam, insert, select, update

from gateway.core.errors import Conflict
from gateway.core.members import Group, Token
from gateway.core.model import User
from gateway.store.queries import Queries, fold, insert_missing
from gateway.store.rows import TOKEN, USER, token_of, user_of
from gateway.store.tables import group_members, groups, tokens, users

_USERS = select(*USER).where(users.c.org_id == bindparam("org"))
_BY_USERNAME = _USERS.where(users.c.username_key == bindparam("key"))
_BY_NUMBER = _USERS.where(users.c.number == bindparam("number"))
_BY_EXTERNAL_ID = _USERS.where(users.c.external_id == bindparam("external"))
_MAKE_USER = insert_missing(users).returning(users.c.id)

_TOKENS = (
    select(*TOKEN, *USER)
    .join(users, and_(users.c.org_id == tokens.c.org_id, users.c.id == tokens.c.user_id))
    .where(tokens.c.org_id == bindparam("org"))
)
_TOKEN = _TOKENS.where(tokens.c.id == bindparam("token"))
_MAKE_TOKEN = insert(tokens)
_OF_TOKEN = and_(tokens.c.org_id == bindparam("org"), tokens.c.id == bindparam("token"))
_REVOKE = (
    update(tokens)
    .where(_OF_TOKEN, tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("moment"))
)

_GROUPS = (
    select(
        groups.c.id,
        groups.c.number,
        groups.c.name,
        groups.c.created_at,
        group_members.c.user_id,
        *USER,
    )
    .outerjoin(
        group_members,
        and_(group_members.c.org_id == groups.c.org_id, group_members.c.group_id == groups.c.id),
    )
    .outerjoin(
        users,
        and_(users.c.org_id == group_members.c.org_id, users.c.id == group_members.c.user_id),
    )
    .where(groups.c.org_id == bindparam("org"))
    .order_by(groups.c.number, users.c.number)
)
_GROUP_NAMED = _GROUPS.where(groups.c.name_key == bindparam("key"))
_MAKE_GROUP = insert_missing(groups).returning(groups.c.id)
_ADD_MEMBER = insert_missing(group_members)


class PeopleQueries(Queries):
    """Finding users, tokens and groups."""

    async def user(self, org_id: UUID, username: str) -> User | None:
        """By username, in any case."""
        row = await self._first(_BY_USERNAME, {"org": org_id, "key": fold(username)})
        return None if row is None else user_of(row)

    async def user_with_number(self, org_id: UUID, number: int) -> User | None:
        """By number: one of the few users of an org."""
        row = await self._first(_BY_NUMBER, {"org": org_id, "number": number})
        return None if row is None else user_of(row)

    async def users(self, org_id: UUID) -> tuple[User, ...]:
        """All users of an org, by number."""
        found = await self._all(_USERS.order_by(users.c.number), {"org": org_id})
        return tuple(map(user_of, found))

    async def tokens(self, org_id: UUID) -> tuple[Token, ...]:
        """All tokens of an org, the oldest first, revoked ones included."""
        oldest_first = _TOKENS.order_by(tokens.c.created_at, tokens.c.id)
        return tuple(map(token_of, await self._all(oldest_first, {"org": org_id})))

    async def groups(self, org_id: UUID) -> tuple[Group, ...]:
        """All groups of an org, by number, their members by number."""
        return _groups_of(await self._all(_GROUPS, {"org": org_id}))


class PeopleWrites(PeopleQueries):
    """Making users, tokens and groups."""

    async def make_user(
        self, org_id: UUID, *, username: str, name: str, external_id: str | None, now: datetime
    ) -> User:
        """Raises ``Conflict`` for a username or an external id that is taken."""
        made = await self._make_user(org_id, username, name, external_id, now)
        if made is not None:
            return made
        is_username = await self.user(org_id, username) is not None
        raise Conflict("user", username if is_username else external_id or username)

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
        wanted = username or external_id
        for attempt in count(1):
            row = await self._first(_BY_EXTERNAL_ID, {"org": org_id, "external": external_id})
            if row is not None:
                return user_of(row)
            free = wanted if attempt == 1 else f"{wanted}-{attempt}"
            made = await self._make_user(org_id, free, name or wanted, external_id, now)
            if made is not None:
                return made
        raise AssertionError("counting ended")

    async def user_named(
        self, org_id: UUID, username: str, *, name: str | None = None, now: datetime
    ) -> User:
        """Found, or made with this full name."""
        found = await self.user(org_id, username)
        if found is None:
            found = await self._make_user(org_id, username, name or username, None, now)
        return found or await self._present(org_id, username)

    async def make_token(self, token: Token) -> None:
        """Keep a new token."""
        limits = token.projects
        await self._run(
            _MAKE_TOKEN,
            {
                "org_id": token.org_id,
                "id": token.id,
                "name": token.name,
                "user_id": token.user.id,
                "permission": int(token.permission),
                "projects": None if limits is None else sorted(map(str, limits)),
                "is_limited": limits is not None,
                "secret_hash": token.secret_hash,
                "jwt_hash": token.jwt_hash,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "revoked_at": token.revoked_at,
            },
        )

    async def revoke_token(self, org_id: UUID, token_id: UUID, now: datetime) -> bool:
        """False when there is none; one that is revoked already keeps its time."""
        await self._run(_REVOKE, {"org": org_id, "token": token_id, "moment": now})
        return await self._first(_TOKEN, {"org": org_id, "token": token_id}) is not None

    async def make_group(
        self, org_id: UUID, name: str, members: Sequence[User], now: datetime
    ) -> Group:
        """Raises ``Conflict``."""
        group_id = uuid_utils.uuid7()
        values = {
            "org_id": org_id,
            "id": group_id,
            # One numbering with orgs: to a client of GitLab both are groups.
            "number": await self._number(org_id, "org"),
            "name": name,
            "name_key": fold(name),
            "created_at": now,
        }
        if not await self._made(_MAKE_GROUP, values):
            raise Conflict("group", name)
        if members:
            rows = [self._member(org_id, group_id, member) for member in members]
            await self._run(_ADD_MEMBER, rows)
        return (await self._group(org_id, name))[0]

    async def add_to_group(self, org_id: UUID, name: str, member: User) -> Group | None:
        """The group with its new member; ``None`` when there is no such group."""
        found = await self._group(org_id, name)
        if not found:
            return None
        await self._run(_ADD_MEMBER, self._member(org_id, found[0].id, member))
        return (await self._group(org_id, name))[0]

    async def _group(self, org_id: UUID, name: str) -> tuple[Group, ...]:
        return _groups_of(await self._all(_GROUP_NAMED, {"org": org_id, "key": fold(name)}))

    async def _present(self, org_id: UUID, username: str) -> User:
        found = await self.user(org_id, username)
        assert found is not None  # noqa: S101 (the insert that met it says so)
        return found

    async def _make_user(
        self, org_id: UUID, username: str, name: str, external_id: str | None, now: datetime
    ) -> User | None:
        user = User(
            id=uuid_utils.uuid7(),
            number=await self._number(org_id, "user"),
            username=username,
            name=name,
            external_id=external_id,
            created_at=now,
        )
        return user if await self._made(_MAKE_USER, user_values(org_id, user)) else None

    @staticmethod
    def _member(org_id: UUID, group_id: UUID, user: User) -> dict[str, UUID]:
        return {"org_id": org_id, "group_id": group_id, "user_id": user.id}


def user_values(org_id: UUID, user: User) -> dict[str, Any]:
    """The row of a user."""
    return {
        "org_id": org_id,
        "id": user.id,
        "number": user.number,
        "username": user.username,
        "username_key": fold(user.username),
        "name": user.name,
        "external_id": user.external_id,
        "created_at": user.created_at,
    }


def _groups_of(rows: Sequence[Row[Any]]) -> tuple[Group, ...]:
    """From one row per member, and one for a group without any."""
    members: dict[UUID, list[User]] = {}
    for row in rows:
        gathered = members.setdefault(row.id, [])
        if row.user_id is not None:
            gathered.append(user_of(row))
    return tuple(
        Group(
            id=row.id,
            number=row.number,
            name=row.name,
            members=tuple(members[row.id]),
            created_at=row.created_at,
        )
        for row in {row.id: row for row in rows}.values()
    )
