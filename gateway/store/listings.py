"""Pages of projects and users, and the pull requests that deployments carry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select

from gateway.core.listing import FoundProjects, FoundUsers, ProjectSearch
from gateway.core.model import Record
from gateway.core.search import Scope
from gateway.store.people import PeopleQueries
from gateway.store.queries import fold, page_number, visible
from gateway.store.records import CHOSEN, IN_ORG
from gateway.store.rows import PROJECT, USER, project_of, user_of
from gateway.store.tables import projects, records, users
from gateway.store.whole import record_of, whole

_PROJECTS = select(*PROJECT).where(projects.c.org_id == bindparam("org"))
_key = projects.c.path_key
_LAST_SEGMENT = func.replace(_key, func.rtrim(_key, func.replace(_key, "/", "")), "")
_ORDERS: dict[str, ColumnElement[Any]] = {
    "number": projects.c.number,
    "path": _key,
    "name": _LAST_SEGMENT,
}
_USERS = select(*USER).where(users.c.org_id == bindparam("org"))
_COUNT_USERS = select(func.count()).select_from(users).where(users.c.org_id == bindparam("org"))
_FIRST_CARRIERS = (
    select(func.min(records.c.number))
    .where(
        IN_ORG,
        records.c.project_id == bindparam("project"),
        records.c.source_commit == bindparam("revision"),
        records.c.pull_request_number.is_not(None),
    )
    .group_by(records.c.pull_request_number)
)
_CARRIERS = whole(CHOSEN.where(IN_ORG, records.c.number.in_(_FIRST_CARRIERS)))


class ListingQueries(PeopleQueries):
    """Pages of an org's projects and users."""

    async def projects_found(self, scope: Scope, search: ProjectSearch) -> FoundProjects:
        """One page of projects that the caller may see."""
        matching = visible(_PROJECTS, scope, projects.c.id)
        if search.text is not None:
            matching = matching.where(_mentions(search))
        if search.above is not None:
            matching = matching.where(projects.c.number > page_number(search.above))
        if search.below is not None:
            matching = matching.where(projects.c.number < page_number(search.below))
        order = _ORDERS[search.sort]
        directed = (order.desc() if search.is_descending else order.asc(), _key)
        page = matching.order_by(*directed)
        page = page.offset(page_number(search.offset)).limit(page_number(search.limit))
        values = {"org": scope.org_id}
        rows = await self._all(page, values)
        total = await self._count_up_to(matching, search.count_limit, values)
        return FoundProjects(tuple(map(project_of, rows)), total)

    async def users_page(self, org_id: UUID, *, offset: int, limit: int) -> FoundUsers:
        """One page of an org's users, the newest first."""
        page = _USERS.order_by(users.c.number.desc()).offset(page_number(offset))
        rows = await self._all(page.limit(page_number(limit)), {"org": org_id})
        total = await self._count(_COUNT_USERS, {"org": org_id})
        return FoundUsers(tuple(map(user_of, rows)), total)

    async def carriers(self, scope: Scope, project_id: UUID, commit: str) -> tuple[Record, ...]:
        """Per pull request number, the first record of the commit in the project to carry it."""
        values = {"org": scope.org_id, "project": project_id, "revision": commit}
        return tuple(map(record_of, await self._all(_CARRIERS, values)))


def _mentions(search: ProjectSearch) -> ColumnElement[bool]:
    """Whether the path, or its last segment, contains the text."""
    text = fold(search.text or "")
    place = _key if search.in_folders else _LAST_SEGMENT
    return place.contains(text, autoescape=True)
