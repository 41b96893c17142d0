"""The use cases of an org's administrators: orgs, users, tokens, groups and projects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils.compat as uuid_utils

from gateway.access import Access, Secret, digest
from gateway.auditing import note, noted
from gateway.core import placing
from gateway.core.audit import Action
from gateway.core.context import Caller, Context, Permission
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.limits import check_texts
from gateway.core.members import ROOT, Group, Token
from gateway.core.model import Org, Project, User
from gateway.core.moments import utc
from gateway.ports import Clock, Reading, Store, Transaction

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
"""What an org, a user or a group may be called: safe in every dialect's paths."""

_NAME_RULE = (
    "must be 1 to 100 letters, digits, dots, underscores and dashes, "
    "the first and the last a letter or a digit"
)
_NO_PATH = "is no path of a project"
_MOST_PROJECTS = 10_000  # each statement of the token's holder names them all
_IS_ROOT = "is the instance administrator, who holds the admin token alone"

_OWN_DIALECT = "canonical"
"""What an org is made through, by the API or the command line."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token just made, with the secret that is shown this once."""

    token: Token
    secret: Secret


class Directory:
    """Who is there, and what they hold. Reading needs ``read``, changing needs ``admin``."""

    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store = store
        self._clock = clock
        self._access = access

    async def make_org(
        self, caller: Caller, name: str, aliases: Sequence[str] = (), *, request_id: str = ""
    ) -> Org:
        """Raises ``Forbidden`` but for the instance administrator, ``Invalid``, ``Conflict``."""
        _require_instance_admin(caller)
        _check_name("name", name)
        for alias in aliases:
            _check_name("aliases", alias)
        async with self._store.writing() as tx:
            now = self._clock.now()
            made = await tx.make_org(name, aliases, now)
            ctx = Context(caller, made, _OWN_DIALECT, request_id)
            await note(tx, ctx, Action.ORG_CREATED, made.name, now=now)
            return made

    async def add_alias(self, caller: Caller, org: Org, alias: str) -> Org:
        """Raises ``Forbidden`` but for the instance administrator, ``Invalid``, ``Conflict``."""
        _require_instance_admin(caller)
        _check_name("alias", alias)
        async with self._store.writing() as tx:
            named = await tx.add_alias(org, alias)
            ctx = Context(caller, named, _OWN_DIALECT)
            await note(tx, ctx, Action.ORG_ALIASED, alias, now=self._clock.now())
            return named

    async def make_user(
        self, ctx: Context, username: str, *, name: str | None, external_id: str | None
    ) -> User:
        """Raises ``Forbidden``, ``Invalid``, ``Conflict``."""
        ctx.require_whole_org_admin()
        _check_name("username", username)
        check_texts({"name": name, "external_id": external_id})
        async with self._store.writing(ctx.trace) as tx:
            now = self._clock.now()
            made = await tx.make_user(
                ctx.org.id,
                username=username,
                name=name or username,
                external_id=external_id or None,
                now=now,
            )
            await note(tx, ctx, Action.USER_CREATED, username, now=now)
            return made

    async def users(self, ctx: Context) -> tuple[User, ...]:
        """All users of the org. Raises ``Forbidden``."""
        ctx.require_whole_org_admin()
        async with self._store.reading(ctx.trace) as reading:
            return await reading.users(ctx.org.id)

    async def issue_token(
        self,
        ctx: Context,
        *,
        name: str,
        username: str,
        permission: Permission,
        projects: Sequence[str] | None = None,
        expires_at: datetime | None = None,
    ) -> Issued:
        """A token for a user, who is made when new.

        Raises ``Forbidden`` and ``Invalid``, also for an ``expires_at`` that has passed.
        """
        ctx.require_whole_org_admin()
        _check_name("user", username)
        if username.casefold() == ROOT.username:
            raise Invalid(field="user", reason="reserved", value=username, detail=_IS_ROOT)
        check_texts({"name": name})
        now = self._clock.now()
        if expires_at is not None:
            expires_at = _future(expires_at, now)
        token_id = uuid_utils.uuid7()
        secret = await self._access.mint(ctx.org, token_id, username, expires_at)
        async with self._store.writing(ctx.trace) as tx:
            user = await tx.user_named(ctx.org.id, username, now=now)
            token = Token(
                id=token_id,
                org_id=ctx.org.id,
                name=name,
                user=await noted(tx, ctx, user, now),
                permission=permission,
                projects=await _project_ids(tx, ctx, projects, now),
                secret_hash=digest(secret.token),
                jwt_hash=digest(secret.jwt),
                created_at=now,
                expires_at=expires_at,
                revoked_at=None,
            )
            await tx.make_token(token)
            await note(tx, ctx, Action.TOKEN_CREATED, str(token_id), now=now)
        return Issued(token, secret)

    async def tokens(self, ctx: Context) -> tuple[Token, ...]:
        """All tokens of the org, the oldest first. Raises ``Forbidden``."""
        ctx.require_whole_org_admin()
        async with self._store.reading(ctx.trace) as reading:
            return await reading.tokens(ctx.org.id)

    async def revoke_token(self, ctx: Context, token_id: UUID) -> None:
        """Refused from the next request on. Raises ``Forbidden``, ``NotFound``."""
        ctx.require_whole_org_admin()
        async with self._store.writing(ctx.trace) as tx:
            if not await tx.revoke_token(ctx.org.id, token_id, self._clock.now()):
                raise NotFound("token", str(token_id))
            await note(tx, ctx, Action.TOKEN_REVOKED, str(token_id), now=self._clock.now())

    async def make_group(self, ctx: Context, name: str, members: Sequence[str]) -> Group:
        """Raises ``Forbidden``, ``Invalid``, ``Conflict``, ``NotFound`` for an unknown member."""
        ctx.require_whole_org_admin()
        _check_name("name", name)
        async with self._store.writing(ctx.trace) as tx:
            users = [await _user(tx, ctx, username) for username in dict.fromkeys(members)]
            now = self._clock.now()
            made = await tx.make_group(ctx.org.id, name, users, now)
            await note(tx, ctx, Action.GROUP_CREATED, name, now=now)
            return made

    async def add_to_group(self, ctx: Context, name: str, username: str) -> Group:
        """Raises ``Forbidden``, ``NotFound``."""
        ctx.require_whole_org_admin()
        async with self._store.writing(ctx.trace) as tx:
            group = await tx.add_to_group(ctx.org.id, name, await _user(tx, ctx, username))
            if group is None:
                raise NotFound("group", name)
            subject = f"{group.name} {username}"
            await note(tx, ctx, Action.GROUP_JOINED, subject, now=self._clock.now())
            return group

    async def groups(self, ctx: Context) -> tuple[Group, ...]:
        """All groups of the org. Raises ``Forbidden``."""
        ctx.require_whole_org_admin()
        async with self._store.reading(ctx.trace) as reading:
            return await reading.groups(ctx.org.id)

    async def make_project(self, ctx: Context, path: str) -> tuple[Project, bool]:
        """The project and whether it is new. Raises ``Forbidden``, ``Invalid``."""
        ctx.require_whole_org_admin()
        full = placing.project_path(ctx.org, path)
        if full is None:
            raise Invalid(field="path", reason="format", value=path, detail=_NO_PATH)
        async with self._store.writing(ctx.trace) as tx:
            found = await tx.project(ctx.scope, full)
            if found is not None:
                return found, False
            now = self._clock.now()
            made = await tx.make_project(ctx.org, full, now)
            await note(tx, ctx, Action.PROJECT_CREATED, made.path, now=now)
            return made, True


def _require_instance_admin(caller: Caller) -> None:
    if not caller.is_instance_admin:
        raise Forbidden(needs="instance_admin")


def _future(moment: datetime, now: datetime) -> datetime:
    moment = utc(moment, field="expires_at")
    if moment <= now:
        said = moment.isoformat()
        raise Invalid(field="expires_at", reason="past", value=said, detail="must be to come")
    return moment


def _check_name(field: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid(field=field, reason="format", value=name, detail=_NAME_RULE)


async def _user(reading: Reading, ctx: Context, username: str) -> User:
    user = await reading.user(ctx.org.id, username)
    if user is None:
        raise NotFound("user", username)
    return user


async def _project_ids(
    tx: Transaction, ctx: Context, paths: Sequence[str] | None, now: datetime
) -> frozenset[UUID] | None:
    """The projects a token is limited to; the administrator who names a new one makes it."""
    if paths is None:
        return None
    if not 0 < len(paths) <= _MOST_PROJECTS:
        detail = f"must name 1 to {_MOST_PROJECTS} projects, or be null"
        raise Invalid(field="projects", reason="length", value=len(paths), detail=detail)
    found = set()
    for said in paths:
        path = placing.project_path(ctx.org, said)
        if path is None:
            raise Invalid(field="projects", reason="format", value=said, detail=_NO_PATH)
        made = await tx.make_project(ctx.org, path, now)
        found.add((await noted(tx, ctx, made, now)).id)
    return frozenset(found)
