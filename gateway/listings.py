"""The use cases of looking around: pages of projects and users, groups by name and number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.core.context import Caller, Context
from gateway.core.errors import NotFound
from gateway.core.listing import FoundProjects, FoundUsers, ProjectSearch
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

    async def users(self, ctx: Context, *, offset: int, limit: int) -> FoundUsers:
        """One page of the org's users, the newest first."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.users_page(ctx.org.id, offset=offset, limit=limit)

    async def user(self, ctx: Context, username: str) -> User | None:
        """By username, in any case."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.user(ctx.org.id, username)

    async def orgs(self, caller: Caller) -> tuple[Org, ...]:
        """All orgs that the caller may enter, by name."""
        if caller.org is not None:
            return (caller.org,)
        async with self._store.reading() as reading:
            return await reading.orgs()

    async def namespace(self, caller: Caller, said: str) -> Namespace:
        """An org or a group, by number or by path; a group also by its bare name.

        Raises ``NotFound``.
        """
        for org in await self.orgs(caller):
            found = _of_org(org, said) or await self._of_group(org, said)
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
            if str(group.number) == said or group.name.casefold() == wanted:
                path = f"{org.name}/{group.name}"
                return Namespace(
                    group.id, group.number, group.name, path, group.created_at, org, group
                )
        return None


def _of_org(org: Org, said: str) -> Namespace | None:
    if str(org.number) != said and not org.answers_to(said):
        return None
    return Namespace(org.id, org.number, org.name, org.name, org.created_at, org)
