"""Storage records: where artifacts are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Insert

from gateway.core.model import Artifact, Project, ProjectRule, User
from gateway.core.search import Scope
from gateway.core.storage import RecordStorage, StorageRecord, StorageStatus
from gateway.store.artifacts import ArtifactWrites, artifacts_with
from gateway.store.queries import Queries, visible
from gateway.store.rows import PROJECT, project_of
from gateway.store.tables import projects, storage_records

_STORED = (
    select(*storage_records.c, *PROJECT)
    .join(
        projects,
        and_(
            projects.c.org_id == storage_records.c.org_id,
            projects.c.id == storage_records.c.project_id,
        ),
    )
    .where(storage_records.c.org_id == bindparam("org"))
    .order_by(storage_records.c.number)
)
_ONE = _STORED.where(
    storage_records.c.artifact_id == bindparam("artifact"),
    storage_records.c.name == bindparam("said"),
    storage_records.c.registry_url == bindparam("registry"),
    storage_records.c.repository == bindparam("place"),
)
_insert = postgresql.insert(storage_records)
_ANEW = ("status", "actor_id", "updated_at")
_WHERE_SAID = ("version", "path", "artifact_url")
_PROJECT = ("project_id", "project_rule")


def _recording(rule: ProjectRule, only: frozenset[UUID] | None) -> Insert:
    """PostgreSQL's construct, which is spelled the same way for SQLite.

    What is not said clears nothing, and only a project that is named takes the place of another.
    """
    new, known = _insert.excluded, storage_records.c
    anew = (*_ANEW, *_PROJECT) if rule is ProjectRule.NAMED else _ANEW
    return _insert.on_conflict_do_update(
        index_elements=["org_id", "artifact_id", "name", "registry_url", "repository"],
        set_={name: new[name] for name in anew}
        | {name: func.coalesce(new[name], known[name]) for name in _WHERE_SAID},
        where=None if only is None else known.project_id.in_(only),
    )


_RECORD = {rule: _recording(rule, None) for rule in ProjectRule}


class StorageQueries(Queries):
    """Finding storage records."""

    async def storage_records(
        self, scope: Scope, digest: tuple[str, str]
    ) -> tuple[StorageRecord, ...]:
        """All of an artifact, by number."""
        algorithm, digits = digest
        of_artifact = storage_records.c.artifact_id.in_(
            artifacts_with(scope.org_id, {algorithm: digits})
        )
        statement = visible(_STORED.where(of_artifact), scope, projects.c.id)
        return tuple(map(_stored, await self._all(statement, {"org": scope.org_id})))


class StorageWrites(StorageQueries, ArtifactWrites):
    """Making them."""

    async def record_storage(
        self,
        scope: Scope,
        said: RecordStorage,
        project: tuple[Project, ProjectRule],
        actor: User,
        now: datetime,
    ) -> StorageRecord | None:
        """Made, or the one of the same name, digest, registry and repository with what is new.

        ``None`` where that one is of a project that the scope does not see: it stays as it is.
        """
        org_id = scope.org_id
        # By its digests alone: what is said of where it is kept is not known of what runs.
        artifact = await self.artifact(org_id, Artifact(digests=said.artifact.digests), now)
        one = {
            "org": org_id,
            "artifact": artifact.id,
            "said": said.artifact.name,
            "registry": said.registry_url,
            "place": said.repository,
        }
        known = await self._first(_ONE, one)
        number = await self._number(org_id, "storage_record") if known is None else known.number
        values = {
            "org_id": org_id,
            "id": uuid_utils.uuid7(),
            "number": number,
            "project_id": project[0].id,
            "project_rule": project[1],
            "artifact_id": artifact.id,
            "name": said.artifact.name,
            "version": said.artifact.version,
            "digests": dict(said.artifact.digests),
            "registry_url": said.registry_url,
            "repository": said.repository,
            "path": said.path,
            "artifact_url": said.artifact_url,
            "status": said.status,
            "actor_id": actor.id,
            "created_at": now,
            "updated_at": now,
        }
        rule, only = project[1], scope.projects
        record = _RECORD[rule] if only is None else _recording(rule, only)
        await self._run(record, values)
        row = await self._first(_ONE, one)
        assert row is not None  # noqa: S101 (it was just inserted, or met)
        return _stored(row) if scope.sees(row.project_id) else None


def _stored(row: Row[Any]) -> StorageRecord:
    return StorageRecord(
        id=row.id,
        number=row.number,
        org_id=row.org_id,
        project=project_of(row),
        project_rule=ProjectRule(row.project_rule),
        artifact=Artifact(
            id=row.artifact_id, name=row.name, version=row.version, digests=row.digests or {}
        ),
        registry_url=row.registry_url,
        repository=row.repository,
        path=row.path,
        artifact_url=row.artifact_url,
        status=StorageStatus(row.status),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
