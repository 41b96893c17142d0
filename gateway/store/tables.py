"""The tables: the one place that names columns, keys and indexes.

Every key and index of an org's own table begins with ``org_id``, so that each of them can be
hash-partitioned or distributed by org. An index says which query needs it; a unique one, which
promise it keeps.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, MetaData, Sequence, text
from sqlmodel import Field, SQLModel

from gateway.store.types import Document, ExactDecimal, Moment, Words, WordsOrBlank

IdKey = Annotated[UUID, Field(primary_key=True)]
TextKey = Annotated[str, Field(primary_key=True, sa_type=Words)]
Line = Annotated[str, Field(sa_type=Words)]
LineOrNone = Annotated[str | None, Field(sa_type=Words)]
LineOrBlank = Annotated[str, Field(sa_type=WordsOrBlank)]
Number = Annotated[int, Field(sa_type=BigInteger)]
NumberOrNone = Annotated[int | None, Field(sa_type=BigInteger)]
Time = Annotated[datetime, Field(sa_type=Moment)]
TimeOrNone = Annotated[datetime | None, Field(sa_type=Moment)]
DecimalOrNone = Annotated[Decimal | None, Field(sa_type=ExactDecimal)]
Json = Annotated[Any | None, Field(sa_type=Document)]

LIVE = text("presence = 'live'")
SUCCEEDED = text("state = 'success'")


def _refers(*columns: str, to: str, named: str) -> ForeignKeyConstraint:
    """A foreign key inside one org."""
    table, _, target = to.partition("(")
    keys = [f"{table}.{key.strip()}" for key in target.rstrip(")").split(",")]
    return ForeignKeyConstraint(columns, keys, name=named)


class Row(SQLModel):
    """Base of the rows."""

    metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey"})


class OrgRow(Row, table=True):
    __tablename__ = "orgs"

    id: IdKey
    number: Number
    name: Line
    name_key: Line
    aliases: Json
    created_at: Time


class OrgNameRow(Row, table=True):
    """The names and aliases of all orgs, folded: one space, so no two orgs answer to one name."""

    __tablename__ = "org_names"
    __table_args__ = (_refers("org_id", to="orgs(id)", named="org_names_org_fkey"),)

    name_key: TextKey
    org_id: UUID


class CounterRow(Row, table=True):
    """The last number given out, on SQLite; PostgreSQL has sequences."""

    __tablename__ = "counters"

    name: TextKey
    last: Number


class SecretRow(Row, table=True):
    """What the instance made for itself and must keep, such as its signing key."""

    __tablename__ = "secrets"

    name: TextKey
    value: Line


class UserRow(Row, table=True):
    __tablename__ = "users"
    __table_args__ = (
        _refers("org_id", to="orgs(id)", named="users_org_fkey"),
        # Promise: a username names one user. Query: by username.
        Index("one_user_per_username", "org_id", "username_key", unique=True),
        # Promise: an external id names one user. Query: who deployed, as said.
        Index("one_user_per_external_id", "org_id", "external_id", unique=True),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    username: Line
    username_key: Line
    name: Line
    external_id: LineOrNone
    created_at: Time


class TokenRow(Row, table=True):
    __tablename__ = "tokens"
    __table_args__ = (
        _refers("org_id", "user_id", to="users(org_id,id)", named="tokens_user_fkey"),
    )

    org_id: IdKey
    id: IdKey
    name: Line
    user_id: UUID
    permission: Number
    projects: Json
    is_limited: bool
    secret_hash: bytes
    jwt_hash: bytes
    created_at: Time
    expires_at: TimeOrNone
    revoked_at: TimeOrNone


class GroupRow(Row, table=True):
    __tablename__ = "groups"
    __table_args__ = (
        _refers("org_id", to="orgs(id)", named="groups_org_fkey"),
        # Promise: a name names one group. Query: by name.
        Index("one_group_per_name", "org_id", "name_key", unique=True),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    name: Line
    name_key: Line
    created_at: Time


class GroupMemberRow(Row, table=True):
    __tablename__ = "group_members"
    __table_args__ = (
        _refers("org_id", "group_id", to="groups(org_id,id)", named="group_members_group_fkey"),
        _refers("org_id", "user_id", to="users(org_id,id)", named="group_members_user_fkey"),
    )

    org_id: IdKey
    group_id: IdKey
    user_id: IdKey


class ProjectRow(Row, table=True):
    """``last_record_number`` is the project's counter: records are numbered 1, 2, 3…"""

    __tablename__ = "projects"
    __table_args__ = (
        _refers("org_id", to="orgs(id)", named="projects_org_fkey"),
        # Promise: a path names one project. Queries: by path, all by path.
        Index("one_project_per_path", "org_id", "path_key", unique=True),
        # Promise: a number names one project. Queries: by number, the org of a number.
        Index("one_project_per_number", "org_id", "number", unique=True),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    path: Line
    path_key: Line
    last_record_number: Number
    created_at: Time


class EnvironmentRow(Row, table=True):
    __tablename__ = "environments"
    __table_args__ = (
        _refers("org_id", to="orgs(id)", named="environments_org_fkey"),
        # Promise: three parts are one environment. Query: by parts.
        Index("one_environment_per_parts", "org_id", "logical", "physical", "cluster", unique=True),
        # Promise: a name names one environment. Query: by name.
        Index("one_environment_per_name", "org_id", "name", unique=True),
    )

    org_id: IdKey
    id: IdKey
    logical: Line
    physical: LineOrBlank
    cluster: LineOrBlank
    name: Line
    tier: Line
    kind: LineOrNone
    created_at: Time
    updated_at: Time


class ProjectEnvironmentRow(Row, table=True):
    __tablename__ = "project_environments"
    __table_args__ = (
        _refers("org_id", "project_id", to="projects(org_id,id)", named="places_project_fkey"),
        _refers("org_id", "environment_id", to="environments(org_id,id)", named="places_env_fkey"),
    )

    org_id: IdKey
    project_id: IdKey
    environment_id: IdKey
    number: Number
    slug: Line
    state: Line
    tier: Line
    external_url: LineOrNone
    description: LineOrNone
    created_at: Time
    updated_at: Time


class SlotRow(Row, table=True):
    """``current_number`` and ``current_created_at`` repeat the current record's, to sort by.

    There is no foreign key to the current record: it is removed before the slot points elsewhere.
    """

    __tablename__ = "slots"
    __table_args__ = (
        _refers("org_id", "environment_id", to="environments(org_id,id)", named="slots_env_fkey"),
        # Promise: a name in an environment is one slot. Query: the slot to lock.
        Index("one_slot_per_name", "org_id", "environment_id", "name", unique=True),
        # Query: what each slot shows, by number.
        Index("slots_by_current_number", "org_id", "current_number"),
        # Query: what each slot shows, by time.
        Index("slots_by_current_time", "org_id", "current_created_at", "current_number"),
    )

    org_id: IdKey
    id: IdKey
    number: Number
    environment_id: UUID
    name: Line
    created_at: Time
    current_record_id: UUID | None
    current_number: NumberOrNone
    current_created_at: TimeOrNone


class ArtifactRow(Row, table=True):
    """What is known of an artifact; records hold what was said of it at their time."""

    __tablename__ = "artifacts"
    __table_args__ = (_refers("org_id", to="orgs(id)", named="artifacts_org_fkey"),)

    org_id: IdKey
    id: IdKey
    kind: LineOrNone
    name: LineOrNone
    version: LineOrNone
    created_at: Time


class ArtifactDigestRow(Row, table=True):
    __tablename__ = "artifact_digests"
    __table_args__ = (
        _refers("org_id", "artifact_id", to="artifacts(org_id,id)", named="digests_artifact_fkey"),
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
        _refers("org_id", "slot_id", to="slots(org_id,id)", named="records_slot_fkey"),
        _refers(
            "org_id",
            "project_id",
            "environment_id",
            to="project_environments(org_id,project_id,environment_id)",
            named="records_place_fkey",
        ),
        _refers("org_id", "artifact_id", to="artifacts(org_id,id)", named="records_artifact_fkey"),
        _refers("org_id", "actor_id", to="users(org_id,id)", named="records_actor_fkey"),
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
        # Query: a project's history by its last change.
        Index("records_of_project_by_updated", "org_id", "project_id", "updated_at", "number"),
        # Query: a project's history by its finish.
        Index("records_of_project_by_finished", "org_id", "project_id", "finished_at", "number"),
        # Query: a project's history by ref.
        Index("records_of_project_by_ref", "org_id", "project_id", "source_ref", "number"),
        # Query: the last deployment of project and environment.
        Index(
            "successes_of_place",
            "org_id",
            "project_id",
            "environment_id",
            "finished_at",
            "number",
            postgresql_where=SUCCEEDED,
            sqlite_where=SUCCEEDED,
        ),
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


metadata = Row.metadata
orgs = metadata.tables["orgs"]
org_names = metadata.tables["org_names"]
counters = metadata.tables["counters"]
secrets = metadata.tables["secrets"]
users = metadata.tables["users"]
tokens = metadata.tables["tokens"]
groups = metadata.tables["groups"]
group_members = metadata.tables["group_members"]
projects = metadata.tables["projects"]
environments = metadata.tables["environments"]
project_environments = metadata.tables["project_environments"]
slots = metadata.tables["slots"]
artifacts = metadata.tables["artifacts"]
artifact_digests = metadata.tables["artifact_digests"]
records = metadata.tables["records"]
events = metadata.tables["events"]

SEQUENCES = {
    name: Sequence(f"{name}_numbers")
    for name in ("org", "user", "group", "project", "environment", "slot", "record")
}
"""What mints numbers on PostgreSQL; the names are the counters' on SQLite."""
