"""From rows to core values, and a record's values to a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Row, Select, Table, and_, column, select, table

from gateway.core.context import Permission
from gateway.core.members import Token
from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Delivery,
    Environment,
    Event,
    EventKind,
    Org,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Runtime,
    Slot,
    Source,
    State,
    User,
)
from gateway.store.tables import (
    environments,
    events,
    orgs,
    project_environments,
    projects,
    records,
    slots,
    tokens,
    users,
)


def _columns(part: Table) -> tuple[Label[Any], ...]:
    """The table's columns under names that no other table's have."""
    return tuple(own.label(f"{part.name}__{own.name}") for own in part.c)


ORG = _columns(orgs)
USER = _columns(users)
TOKEN = _columns(tokens)
PROJECT = _columns(projects)
ENVIRONMENT = _columns(environments)
PROJECT_ENVIRONMENT = _columns(project_environments)
SLOT = _columns(slots)
EVENT = _columns(events)

Order = tuple[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]]
"""A column's name and its direction."""


_chosen = table("chosen", *(column(own.name, own.type) for own in records.c))


def _refers(part: Table, **keys: str) -> ColumnElement[bool]:
    return and_(
        part.c.org_id == _chosen.c.org_id,
        *(part.c[key] == _chosen.c[own] for key, own in keys.items()),
    )


# Each join is one probe of a primary key.
_WHOLE = (
    select(
        *(own.label(f"records__{own.name}") for own in _chosen.c),
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


def org_of(row: Row[Any]) -> Org:
    """From ``ORG``."""
    return Org(
        id=row.orgs__id,
        number=row.orgs__number,
        name=row.orgs__name,
        aliases=tuple(row.orgs__aliases or ()),
        created_at=row.orgs__created_at,
    )


def user_of(row: Row[Any]) -> User:
    """From ``USER``."""
    return User(
        id=row.users__id,
        number=row.users__number,
        username=row.users__username,
        name=row.users__name,
        external_id=row.users__external_id,
        created_at=row.users__created_at,
    )


def token_of(row: Row[Any]) -> Token:
    """From ``TOKEN`` and ``USER``."""
    return Token(
        id=row.tokens__id,
        org_id=row.tokens__org_id,
        name=row.tokens__name,
        user=user_of(row),
        permission=Permission(row.tokens__permission),
        projects=_limits_of(row),
        secret_hash=row.tokens__secret_hash,
        jwt_hash=row.tokens__jwt_hash,
        created_at=row.tokens__created_at,
        expires_at=row.tokens__expires_at,
        revoked_at=row.tokens__revoked_at,
    )


def _limits_of(row: Row[Any]) -> frozenset[UUID] | None:
    if not row.tokens__is_limited:
        return None
    return frozenset(map(UUID, row.tokens__projects or ()))


def project_of(row: Row[Any]) -> Project:
    """From ``PROJECT``."""
    return Project(
        id=row.projects__id,
        number=row.projects__number,
        path=row.projects__path,
        created_at=row.projects__created_at,
    )


def environment_of(row: Row[Any]) -> Environment:
    """From ``ENVIRONMENT``."""
    return Environment(
        id=row.environments__id,
        logical=row.environments__logical,
        physical=row.environments__physical,
        cluster=row.environments__cluster,
        name=row.environments__name,
        tier=row.environments__tier,
        kind=row.environments__kind,
        created_at=row.environments__created_at,
        updated_at=row.environments__updated_at,
    )


def project_environment_of(row: Row[Any]) -> ProjectEnvironment:
    """From ``PROJECT_ENVIRONMENT``."""
    return ProjectEnvironment(
        number=row.project_environments__number,
        slug=row.project_environments__slug,
        state=row.project_environments__state,
        tier=row.project_environments__tier,
        external_url=row.project_environments__external_url,
        description=row.project_environments__description,
        created_at=row.project_environments__created_at,
        updated_at=row.project_environments__updated_at,
    )


def slot_of(row: Row[Any]) -> Slot:
    """From ``SLOT``."""
    return Slot(
        id=row.slots__id,
        number=row.slots__number,
        name=row.slots__name,
        created_at=row.slots__created_at,
        current=row.slots__current_record_id,
    )


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


def event_of(row: Row[Any]) -> Event:
    """From ``EVENT`` and ``USER``."""
    return Event(
        kind=EventKind(row.events__kind),
        record_id=row.events__record_id,
        occurred_at=row.events__occurred_at,
        recorded_at=row.events__recorded_at,
        dialect=row.events__dialect,
        actor=user_of(row),
        state=State(row.events__state),
        presence=Presence(row.events__presence),
    )
