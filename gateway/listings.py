"""The use cases of looking around: pages of projects and users, groups by name and number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.acquaintance import known_groups, known_user, known_users
from gateway.core.context import Caller, Context
from gateway.core.errors import NotFound
from gateway.core.listing import FoundProjects, FoundUsers, ProjectSearch, mentions
from gateway.core.members import Group
from gateway.core.model import Org, User
from gateway.ports import Store


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
            if ctx.caller.projects is None and text is None:
                return await reading.users_page(ctx.org.id, offset=offset, limit=limit)
            # Names are folded by no database alike.
            known = await known_users(reading, ctx.org, ctx.caller)
        found = [user for user in known if text is None or mentions(user, text)]
        newest_first = sorted(found, key=lambda user: user.number, reverse=True)
        return FoundUsers(tuple(newest_first[offset : offset + limit]), len(found))

    async def user(self, ctx: Context, username: str) -> User | None:
        """By username, in any case, if the caller may know them."""
        async with self._store.reading(ctx.trace) as reading:
            found = await reading.user(ctx.org.id, username)
            return await known_user(reading, ctx.org, ctx.caller, found)

    async def user_with_number(self, ctx: Context, number: int) -> User | None:
        """By number, if the caller may know them."""
        async with self._store.reading(ctx.trace) as reading:
            found = await reading.user_with_number(ctx.org.id, number)
            return await known_user(reading, ctx.org, ctx.caller, found)

    async def orgs(self, caller: Caller) -> tuple[Org, ...]:
        """All orgs for the instance administrator, the caller's own for everybody else."""
        if caller.org is not None:
            return (caller.org,)
        async with self._store.reading() as reading:
            return await reading.orgs()

    async def namespace(self, caller: Caller, said: str) -> Namespace:
        """An org or a group, by number or by a path that is none; a group also by its bare name.

        No group takes the name of another org. Raises ``NotFound``, also for a group that the
        caller may not know.
        """
        orgs = await self.orgs(caller)
        for org in orgs:
            if said == str(org.number) or (not said.isdecimal() and org.answers_to(said)):
                return Namespace(org.id, org.number, org.name, org.name, org.created_at, org)
        for org in orgs:
            found = await self._of_group(caller, org, said)
            if found is not None:
                return found
        raise NotFound("group", said)

    async def _of_group(self, caller: Caller, org: Org, said: str) -> Namespace | None:
        head, slash, name = said.partition("/")
        if slash and not org.answers_to(head):
            return None
        async with self._store.reading() as reading:
            groups = await known_groups(reading, org, caller)
        wanted = (name if slash else said).casefold()
        for group in groups:
            is_named = not said.isdecimal() and group.name.casefold() == wanted
            if is_named or said == str(group.number):
                path = f"{org.name}/{group.name}"
                return Namespace(
                    group.id, group.number, group.name, path, group.created_at, org, group
                )
        return None
