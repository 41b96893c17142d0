"""Artifacts, records and events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, func, literal_column, text

from gateway.store.tables.columns import (
    DecimalOrNone,
    IdKey,
    Json,
    Line,
    LineOrNone,
    Number,
    NumberOrNone,
    Row,
    TextKey,
    Time,
    TimeOrNone,
    refers,
)

LIVE = text("presence = 'live'")

_UPDATED = ("updated_at", "number", "source_ref")
COMBINATIONS = {
    "records_of_place_by_state": ("environment_id", "state", "number"),
    "records_of_place_by_updated": ("environment_id", *_UPDATED),
    "records_in_state_by_updated": ("state", *_UPDATED),
    "records_of_place_in_state_by_updated": ("environment_id", "state", *_UPDATED),
    "records_in_state_by_finished": ("state", "finished_at", "number"),
    "records_of_place_in_state_by_finished": ("environment_id", "state", "finished_at", "number"),
}
"""Indexes of a project's records by filter and order."""

BLOCK_BITS = 13
"""A block has 8192 records. Smaller ones are more to ask, greater ones more to read of each."""


class ArtifactRow(Row, table=True):
    """What is known of an artifact; records hold what was said of it at their time."""

    __tablename__ = "artifacts"
    __table_args__ = (refers("org_id", to="orgs(id)", named="artifacts_org_fkey"),)

    org_id: IdKey
    id: IdKey
    kind: LineOrNone
    name: LineOrNone
    version: LineOrNone
    created_at: Time


class ArtifactDigestRow(Row, table=True):
    __tablename__ = "artifact_digests"
    __table_args__ = (
        refers("org_id", "artifact_id", to="artifacts(org_id,id)", named="digests_artifact_fkey"),
        # Query: the artifacts with a digest.
        Index("artifacts_by_digest", "org_id", "algorithm", "hex"),
    )

    org_id: IdKey
    artifact_id: IdKey
    algorithm: TextKey
    hex: TextKey


class RecordRow(Row, table=True):
    __tablename__ = "records"
    __table_args__ = (
        refers("org_id", "slot_id", to="slots(org_id,id)", named="records_slot_fkey"),
        refers(
            "org_id",
            "project_id",
            "environment_id",
            to="project_environments(org_id,project_id,environment_id)",
            named="records_place_fkey",
        ),
        refers("org_id", "artifact_id", to="artifacts(org_id,id)", named="records_artifact_fkey"),
        refers("org_id", "actor_id", to="users(org_id,id)", named="records_actor_fkey"),
        # Promise: a slot holds at most one live record. Query: that record.
        Index(
            "one_live_record_per_slot",
            "org_id",
            "slot_id",
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        # Queries: the newest of a slot that ever was live, and the one to fall back to.
        Index("records_of_slot", "org_id", "slot_id", "number"),
        # Promise: a number names one record. Query: an org's history by number.
        Index("one_record_per_number", "org_id", "number", unique=True),
        # Query: an org's history by time.
        Index("records_by_created", "org_id", "created_at", "number"),
        # Queries: a project's history by number; a record by its number in a project.
        Index("records_of_project", "org_id", "project_id", "number"),
        # Query: the same in one environment.
        Index("records_of_place", "org_id", "project_id", "environment_id", "number"),
        # Query: the same in one state.
        Index("records_of_project_by_state", "org_id", "project_id", "state", "number"),
        # Queries: a project's history by its last change; a short window of it, in any order.
        Index("records_of_project_by_updated", "org_id", "project_id", *_UPDATED),
        # Queries: a project's history in an environment, in a state, or in both, in each order
        # that GitLab's list has. Without one of its own, a rare combination is looked for in all
        # the rest. The one by finish has the last deployment of project and environment too.
        *(Index(name, "org_id", "project_id", *columns) for name, columns in COMBINATIONS.items()),
        # Query: whether anything of a project is live in an environment.
        Index(
            "live_records_of_place",
            "org_id",
            "project_id",
            "environment_id",
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        # Queries: by digest; the project an artifact was recorded under.
        Index("records_of_artifact", "org_id", "artifact_id", "number"),
        # Query: by commit.
        Index("records_of_commit", "org_id", "source_commit", "number"),
        # Query: the earlier attempt with this node id.
        Index(
            "records_of_node",
            "org_id",
            "project_id",
            "node_id",
            "number",
            postgresql_where=text("node_id IS NOT NULL"),
            sqlite_where=text("node_id IS NOT NULL"),
        ),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    project_id: UUID
    project_number: Number
    project_rule: Line
    slot_id: UUID
    environment_id: UUID
    artifact_id: UUID | None
    artifact_kind: LineOrNone
    artifact_name: LineOrNone
    artifact_version: LineOrNone
    artifact_digests: Json
    source_commit: LineOrNone
    source_ref: LineOrNone
    source_is_tag: bool | None
    state: Line
    presence: Line
    superseded_by: UUID | None
    created_at: Time
    updated_at: Time
    started_at: TimeOrNone
    finished_at: TimeOrNone
    last_seen_at: Time
    ended_at: TimeOrNone
    actor_id: UUID
    title: LineOrNone
    changelog: LineOrNone
    url: LineOrNone
    duration_seconds: DecimalOrNone
    is_fix: bool | None
    is_hotfix: bool | None
    is_forced: bool | None
    commits_count: NumberOrNone
    pull_request_number: NumberOrNone
    node_id: LineOrNone
    risks: Json
    tags: Json
    attestation_id: NumberOrNone
    origin: Line
    kept: Json


records = Row.metadata.tables["records"]
_own = records.c

BLOCK: ColumnElement[int] = _own.project_number.bitwise_rshift(literal_column(str(BLOCK_BITS)))
"""A project's records in blocks by their number in it. They are in the order of the numbers."""


def ref_or_blank(ref: ColumnElement[Any]) -> ColumnElement[str]:
    """A ref, so that records without one have their place in an order: before all others."""
    return func.coalesce(ref, literal_column("''"))


# Query: a wide window of a project's history by its last change, in the order of the numbers. One
# probe tells how many of a block lie in the window; of what environment and state, no row need say.
Index(
    "records_of_project_by_block",
    *(_own.org_id, _own.project_id, BLOCK, _own.updated_at, _own.environment_id, _own.state),
    *(_own.number, _own.project_number),
)

REFS = {
    "records_of_project_by_ref": (),
    "records_of_place_by_ref": (_own.environment_id,),
    "records_in_state_by_ref": (_own.state,),
    "records_of_place_in_state_by_ref": (_own.environment_id, _own.state),
}
"""Indexes of a project's records by filter, ref and block.

Queries: a project's history by ref; a wide window of it by its last change.
"""

for _name, _filters in REFS.items():
    Index(
        _name,
        *(_own.org_id, _own.project_id, *_filters, ref_or_blank(_own.source_ref), BLOCK),
        *(_own.updated_at, _own.number, _own.project_number),
    )


class EventRow(Row, table=True):
    """Append-only. No foreign key to the record: its history outlives it."""

    __tablename__ = "events"
    __table_args__ = (
        # Query: a record's history.
        Index("events_of_record", "org_id", "record_id", "id"),
        # Promise: an idempotency key is spent once. Query: the earlier request under it.
        Index(
            "one_event_per_idempotency_key",
            "org_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
            sqlite_where=text("idempotency_key IS NOT NULL"),
        ),
    )

    org_id: IdKey
    id: IdKey
    record_id: UUID
    project_id: UUID
    kind: Line
    occurred_at: Time
    recorded_at: Time
    dialect: Line
    actor_id: UUID
    state: Line
    presence: Line
    raw: bytes | None
    raw_digest: bytes
    idempotency_key: LineOrNone
    token_id: UUID | None
    request_id: LineOrNone
