"""The use cases of looking around: pages of projects and users, groups by name and number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.core.context import Caller, Context
from gateway.core.errors import NotFound
from gateway.core.listing import FoundProjects, FoundUsers, ProjectSearch, mentions
from gateway.core.members import ROOT, Group
from gateway.core.model import Org, User
from gateway.ports import Reading, Store


@dataclass(frozen=True, slots=True)
class Namespace:
    """An org, or a group in it (whose ``group`` it then is), under the one numbering of both."""

    id: UUID
    number: int
    name: str
    path: str
    created_at: datetime
    org: Org
    group: Group | None = None


class Listings:
    """What is there, page by page."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def projects(self, ctx: Context, search: ProjectSearch) -> FoundProjects:
        """One page of the projects that the caller may see."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.projects_found(ctx.scope, search)

    async def users(
        self, ctx: Context, *, offset: int, limit: int, text: str | None = None
    ) -> FoundUsers:
        """One page of the org's users whom the caller may know, the newest first.

        With ``text`` of those who have it in their username or name.
        """
        async with self._store.reading(ctx.trace) as reading:
            if ctx.caller.projects is not None:
                known = tuple((await _met(reading, ctx, ctx.caller.projects)).values())
            elif text is not None:  # names are folded by no database alike
                known = await reading.users(ctx.org.id)
            else:
                return await reading.users_page(ctx.org.id, offset=offset, limit=limit)
        found = [user for user in known if text is None or mentions(user, text)]
        newest_first = sorted(found, key=lambda user: user.number, reverse=True)
        return FoundUsers(tuple(newest_first[offset : offset + limit]), len(found))

    async def user(self, ctx: Context, username: str) -> User | None:
        """By username, in any case, if the caller may know them."""
        async with self._store.reading(ctx.trace) as reading:
            return await _known(reading, ctx, await reading.user(ctx.org.id, username))

    async def user_with_number(self, ctx: Context, number: int) -> User | None:
        """By number, if the caller may know them."""
        async with self._store.reading(ctx.trace) as reading:
            found = await reading.user_with_number(ctx.org.id, number)
            return await _known(reading, ctx, found)

    async def orgs(self, caller: Caller) -> tuple[Org, ...]:
        """All orgs for the instance administrator, the caller's own for everybody else."""
        if caller.org is not None:
            return (caller.org,)
        async with self._store.reading() as reading:
            return await reading.orgs()

    async def namespace(self, caller: Caller, said: str) -> Namespace:
        """An org or a group, by number or by a path that is none; a group also by its bare name.

        No group takes the name of another org. Raises ``NotFound``.
        """
        orgs = await self.orgs(caller)
        for org in orgs:
            if said == str(org.number) or (not said.isdecimal() and org.answers_to(said)):
                return Namespace(org.id, org.number, org.name, org.name, org.created_at, org)
        for org in orgs:
            found = await self._of_group(org, said)
            if found is not None:
                return found
        raise NotFound("group", said)

    async def _of_group(self, org: Org, said: str) -> Namespace | None:
        head, slash, name = said.partition("/")
        if slash and not org.answers_to(head):
            return None
        async with self._store.reading() as reading:
            groups = await reading.groups(org.id)
        wanted = (name if slash else said).casefold()
        for group in groups:
            is_named = not said.isdecimal() and group.name.casefold() == wanted
            if is_named or said == str(group.number):
                path = f"{org.name}/{group.name}"
                return Namespace(
                    group.id, group.number, group.name, path, group.created_at, org, group
                )
        return None


async def _known(reading: Reading, ctx: Context, found: User | None) -> User | None:
    if found is None or ctx.caller.projects is None:
        return found
    return found if found.id in await _met(reading, ctx, ctx.caller.projects) else None


async def _met(reading: Reading, ctx: Context, projects: frozenset[UUID]) -> dict[UUID, User]:
    """Whom a caller limited to projects may know: who holds a token that opens one of them."""
    tokens = [token for token in await reading.tokens(ctx.org.id) if token.revoked_at is None]
    holders = [
        token.user for token in tokens if token.projects is None or token.projects & projects
    ]
    return {user.id: user for user in (ROOT, ctx.caller.user, *holders)}
