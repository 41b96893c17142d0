"""Projects, by path and by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import and_, bindparam, select

from gateway.core.model import Org, Project
from gateway.core.search import Scope
from gateway.store.artifacts import ArtifactWrites
from gateway.store.queries import Queries, fold, insert_missing, storable, visible
from gateway.store.rows import PROJECT, project_of
from gateway.store.tables import projects, records, storage_records

_PROJECTS = select(*PROJECT).where(projects.c.org_id == bindparam("org"))
_BY_PATH = _PROJECTS.where(projects.c.path_key == bindparam("key"))
_BY_NUMBER = _PROJECTS.where(projects.c.number == bindparam("number"))
_BY_PATHS = _PROJECTS.where(projects.c.path_key.in_(bindparam("keys", expanding=True)))
_OF_ARTIFACTS = (
    _PROJECTS.add_columns(records.c.number)
    .join(
        records,
        and_(records.c.org_id == projects.c.org_id, records.c.project_id == projects.c.id),
    )
    .where(records.c.artifact_id == bindparam("artifact"))
    .order_by(records.c.number.desc())
    .limit(1)
)
_OF_STORED_ARTIFACTS = (
    _PROJECTS.add_columns(storage_records.c.number)
    .join(
        storage_records,
        and_(
            storage_records.c.org_id == projects.c.org_id,
            storage_records.c.project_id == projects.c.id,
        ),
    )
    .where(storage_records.c.artifact_id == bindparam("artifact"))
    .order_by(storage_records.c.number.desc())
    .limit(1)
)
_MAKE = insert_missing(projects).returning(projects.c.id)


class ProjectQueries(Queries):
    """Finding projects."""

    async def project(self, scope: Scope, path: str) -> Project | None:
        """By full path, in any case."""
        return await self._project(_BY_PATH, scope, {"key": fold(path)})

    async def project_by_number(self, scope: Scope, number: int) -> Project | None:
        """By its number."""
        return await self._project(_BY_NUMBER, scope, {"number": storable(number)})

    async def projects(self, scope: Scope) -> tuple[Project, ...]:
        """All that the caller may see, by path."""
        ordered = visible(_PROJECTS, scope, projects.c.id).order_by(projects.c.path_key)
        return tuple(map(project_of, await self._all(ordered, {"org": scope.org_id})))

    async def _project(
        self, statement: Any, scope: Scope, values: Mapping[str, Any]
    ) -> Project | None:
        statement = visible(statement, scope, projects.c.id)
        row = await self._first(statement, {"org": scope.org_id, **values})
        return None if row is None else project_of(row)


class ProjectWrites(ProjectQueries, ArtifactWrites):
    """Choosing the project of a record, and making it."""

    async def make_project(self, org: Org, path: str, now: datetime) -> Project:
        """Found in any case of letters, or made."""
        everywhere = Scope(org.id)
        found = await self.project(everywhere, path)
        if found is not None:
            return found
        project = Project(
            id=uuid_utils.uuid7(),
            number=await self._number(org.id, "project"),
            path=path,
            created_at=now,
        )
        if await self._made(_MAKE, project_values(org.id, project)):
            return project
        found = await self.project(everywhere, path)
        assert found is not None  # noqa: S101 (the insert that met it says so)
        return found

    async def project_of_digests(self, scope: Scope, digests: Mapping[str, str]) -> Project | None:
        """The project of the newest record of an artifact with one of these digests.

        Without a record of it, that of the newest storage record.
        """
        artifact_ids = await self._artifact_ids(scope.org_id, digests)
        for statement in (_OF_ARTIFACTS, _OF_STORED_ARTIFACTS):
            newest = visible(statement, scope, projects.c.id)
            found = [
                await self._first(newest, {"org": scope.org_id, "artifact": artifact_id})
                for artifact_id in artifact_ids
            ]
            known = [row for row in found if row is not None]
            if known:
                return project_of(max(known, key=lambda row: row.number))
        return None

    async def longest_project(self, scope: Scope, paths: Sequence[str]) -> Project | None:
        """Of the projects that exist, the one whose path comes first in ``paths``."""
        keys = [fold(path) for path in paths]
        if not keys:
            return None
        statement = visible(_BY_PATHS, scope, projects.c.id)
        rows = await self._all(statement, {"org": scope.org_id, "keys": keys})
        known = {fold(row.projects__path): row for row in rows}
        return next((project_of(known[key]) for key in keys if key in known), None)


def project_values(org_id: UUID, project: Project) -> dict[str, Any]:
    """The row of a new project."""
    return {
        "org_id": org_id,
        "id": project.id,
        "number": project.number,
        "path": project.path,
        "path_key": fold(project.path),
        "last_record_number": 0,
        "created_at": project.created_at,
    }
