"""Projects, environments and slots."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index

from gateway.store.tables.columns import (
    IdKey,
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


class ProjectRow(Row, table=True):
    """``last_record_number`` is the project's counter: records are numbered 1, 2, 3…"""

    __tablename__ = "projects"
    __table_args__ = (
        refers("org_id", to="orgs(id)", named="projects_org_fkey"),
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
    """``search_key`` is name and description, folded, to search text in."""

    __tablename__ = "environments"
    __table_args__ = (
        refers("org_id", to="orgs(id)", named="environments_org_fkey"),
        # Promise: three parts are one environment. Query: by parts.
        Index("one_environment_per_parts", "org_id", "logical", "physical", "cluster", unique=True),
        # Promise: a name names one environment. Query: by name.
        Index("one_environment_per_name", "org_id", "name", unique=True),
        # Query: an org's, the newest first.
        Index("environments_by_created", "org_id", "created_at", "id"),
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
    description: LineOrNone
    search_key: Line


class ProjectEnvironmentRow(Row, table=True):
    __tablename__ = "project_environments"
    __table_args__ = (
        refers("org_id", "project_id", to="projects(org_id,id)", named="places_project_fkey"),
        refers("org_id", "environment_id", to="environments(org_id,id)", named="places_env_fkey"),
        # Promise: a number names one of them. Queries: a project's by number.
        Index("one_place_per_number", "org_id", "project_id", "number", unique=True),
        # Query: a project's of one tier.
        Index("places_of_tier", "org_id", "project_id", "tier", "number"),
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
    auto_stop: LineOrNone
    created_at: Time
    updated_at: Time


class SlotRow(Row, table=True):
    """``current_number`` and ``current_created_at`` repeat the current record's, to sort by.

    There is no foreign key to the current record: it is removed before the slot points elsewhere.
    """

    __tablename__ = "slots"
    __table_args__ = (
        refers("org_id", "environment_id", to="environments(org_id,id)", named="slots_env_fkey"),
        # Promise: a name in an environment is one slot. Query: the slot to lock.
        Index("one_slot_per_name", "org_id", "environment_id", "name", unique=True),
        # Promise: a number names one slot. Query: what each slot shows, in the order of slots.
        Index("one_slot_per_number", "org_id", "number", unique=True),
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
