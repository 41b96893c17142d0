"""What only GitHub's dialect says: jobs, and where artifacts are kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, text

from gateway.store.tables.columns import (
    IdKey,
    Json,
    Line,
    LineOrBlank,
    LineOrNone,
    Number,
    NumberOrNone,
    Row,
    Time,
    TimeOrNone,
    refers,
)

UNFINISHED = text("status IN ('pending', 'processing')")


class JobRow(Row, table=True):
    """A bulk write to be worked off; ``raw`` is its body until it is finished.

    ``leased_until`` is when another process may take over from ``worker``.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        refers("org_id", "actor_id", to="users(org_id,id)", named="jobs_actor_fkey"),
        # Promise: one unfinished job per place. Query: what there is to work off.
        Index(
            "one_unfinished_job_per_place",
            "org_id",
            "dialect",
            "place",
            unique=True,
            postgresql_where=UNFINISHED,
            sqlite_where=UNFINISHED,
        ),
        # Promise: a number names one job. Query: by number.
        Index("one_job_per_number", "org_id", "number", unique=True),
    )
    org_id: IdKey
    id: IdKey
    number: Number
    dialect: Line
    place: Line
    status: Line
    actor_id: UUID
    permission: Number
    projects: Json
    is_limited: bool
    token_id: UUID | None
    request_id: Line
    raw: bytes | None
    attempts: Number
    worker: LineOrNone
    leased_until: TimeOrNone
    created_at: Time
    started_at: TimeOrNone
    finished_at: TimeOrNone
    total_count: NumberOrNone
    errors: Json


class StorageRow(Row, table=True):
    __tablename__ = "storage_records"
    __table_args__ = (
        refers("org_id", "project_id", to="projects(org_id,id)", named="storage_project_fkey"),
        refers("org_id", "artifact_id", to="artifacts(org_id,id)", named="storage_artifact_fkey"),
        refers("org_id", "actor_id", to="users(org_id,id)", named="storage_actor_fkey"),
        # Promise: an artifact under a name is kept once in a registry's repository.
        # Queries: that record; all of an artifact.
        Index(
            "one_storage_record_per_place",
            "org_id",
            "artifact_id",
            "name",
            "registry_url",
            "repository",
            unique=True,
        ),
        # Promise: a number names one storage record.
        Index("one_storage_record_per_number", "org_id", "number", unique=True),
    )
    org_id: IdKey
    id: IdKey
    number: Number
    project_id: UUID
    project_rule: Line
    artifact_id: UUID
    name: Line
    version: LineOrNone
    digests: Json
    registry_url: Line
    repository: LineOrBlank
    path: LineOrNone
    artifact_url: LineOrNone
    status: Line
    actor_id: UUID
    created_at: Time
    updated_at: Time
