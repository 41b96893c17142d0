"""A whole record: the statement that reads it and all it refers to, and the row it comes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, column, select, table

from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Delivery,
    Presence,
    ProjectRule,
    Record,
    Runtime,
    Source,
    State,
)
from gateway.store.rows import (
    ENVIRONMENT,
    ORG,
    PROJECT,
    PROJECT_ENVIRONMENT,
    SLOT,
    USER,
    environment_of,
    org_of,
    project_environment_of,
    project_of,
    slot_of,
    user_of,
)
from gateway.store.tables import (
    environments,
    orgs,
    project_environments,
    projects,
    records,
    slots,
    users,
)

Order = tuple[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]]
"""A column's name and its direction."""


_chosen = table("chosen", *(column(own.name, own.type) for own in records.c))
# What the other tables are joined by, and say themselves.
_JOINED = {"org_id", "project_id", "environment_id", "slot_id", "actor_id"}


def _refers(part: Table, **keys: str) -> ColumnElement[bool]:
    return and_(
        part.c.org_id == _chosen.c.org_id,
        *(part.c[key] == _chosen.c[own] for key, own in keys.items()),
    )


# Each join is one probe of a primary key.
_WHOLE = (
    select(
        *(own.label(f"records__{own.name}") for own in _chosen.c if own.name not in _JOINED),
        *ORG,
        *PROJECT,
        *ENVIRONMENT,
        *PROJECT_ENVIRONMENT,
        *SLOT,
        *USER,
    )
    .select_from(_chosen)
    .join(orgs, orgs.c.id == _chosen.c.org_id)
    .join(projects, _refers(projects, id="project_id"))
    .join(environments, _refers(environments, id="environment_id"))
    .join(
        project_environments,
        _refers(project_environments, project_id="project_id", environment_id="environment_id"),
    )
    .join(slots, _refers(slots, id="slot_id"))
    .join(users, _refers(users, id="actor_id"))
)


def whole(chosen: Select[Any], order: Sequence[Order] = ()) -> Select[Any]:
    """The chosen rows of ``records`` with all that they refer to, in one statement.

    Choosing comes first, so that only what is chosen is joined. ``order`` is said again of the
    whole: a subquery's own is nobody's promise.
    """
    statement = _WHOLE.add_cte(chosen.cte("chosen"))
    return statement.order_by(*(direct(_chosen.c[name]) for name, direct in order))


def record_of(row: Row[Any]) -> Record:
    """From ``whole``."""
    return Record(
        id=row.records__id,
        number=row.records__number,
        project_number=row.records__project_number,
        org=org_of(row),
        project=project_of(row),
        project_rule=ProjectRule(row.records__project_rule),
        slot=slot_of(row),
        environment=environment_of(row),
        project_environment=project_environment_of(row),
        artifact=_artifact_of(row),
        source=Source(
            commit=row.records__source_commit,
            ref=row.records__source_ref,
            is_tag=row.records__source_is_tag,
        ),
        state=State(row.records__state),
        presence=Presence(row.records__presence),
        superseded_by=row.records__superseded_by,
        created_at=row.records__created_at,
        updated_at=row.records__updated_at,
        started_at=row.records__started_at,
        finished_at=row.records__finished_at,
        last_seen_at=row.records__last_seen_at,
        ended_at=row.records__ended_at,
        actor=user_of(row),
        delivery=_delivery_of(row),
        runtime=Runtime(
            risks=tuple(row.records__risks or ()),
            tags=row.records__tags or {},
            attestation_id=row.records__attestation_id,
        ),
        origin=row.records__origin,
        kept=row.records__kept or {},
    )


def _artifact_of(row: Row[Any]) -> Artifact:
    kind = row.records__artifact_kind
    return Artifact(
        id=row.records__artifact_id,
        kind=None if kind is None else ArtifactKind(kind),
        name=row.records__artifact_name,
        version=row.records__artifact_version,
        digests=row.records__artifact_digests or {},
    )


def _delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(
        title=row.records__title,
        changelog=row.records__changelog,
        url=row.records__url,
        duration_seconds=row.records__duration_seconds,
        is_fix=row.records__is_fix,
        is_hotfix=row.records__is_hotfix,
        is_forced=row.records__is_forced,
        commits_count=row.records__commits_count,
        pull_request_number=row.records__pull_request_number,
        node_id=row.records__node_id,
    )
