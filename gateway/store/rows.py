"""From rows to core values: everything but a record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Label, Row, Table

from gateway.core.context import Permission
from gateway.core.events import Event, EventKind
from gateway.core.members import Token
from gateway.core.model import (
    Environment,
    Org,
    Presence,
    Project,
    ProjectEnvironment,
    Slot,
    State,
    User,
)
from gateway.store.tables import (
    environments,
    events,
    orgs,
    project_environments,
    projects,
    slots,
    tokens,
    users,
)


def _columns(part: Table, *names: str) -> tuple[Label[Any], ...]:
    """These columns of the table, under names that no other table's have.

    Only what a value is made of: ids that a row is joined by are parsed for nothing.
    """
    return tuple(part.c[name].label(f"{part.name}__{name}") for name in names)


ORG = _columns(orgs, "id", "number", "name", "aliases", "created_at")
USER = _columns(users, "id", "number", "username", "name", "external_id", "created_at")
TOKEN = _columns(
    tokens,
    "id",
    "org_id",
    "name",
    "permission",
    "is_limited",
    "projects",
    "secret_hash",
    "jwt_hash",
    "created_at",
    "expires_at",
    "revoked_at",
)
PROJECT = _columns(projects, "id", "number", "path", "created_at")
ENVIRONMENT = _columns(
    environments,
    "id",
    "logical",
    "physical",
    "cluster",
    "name",
    "tier",
    "kind",
    "created_at",
    "updated_at",
    "description",
)
PROJECT_ENVIRONMENT = _columns(
    project_environments,
    "number",
    "slug",
    "state",
    "tier",
    "external_url",
    "description",
    "created_at",
    "updated_at",
    "auto_stop",
)
SLOT = _columns(slots, "id", "number", "name", "created_at", "current_record_id")
EVENT = _columns(
    events,
    "kind",
    "record_id",
    "occurred_at",
    "recorded_at",
    "dialect",
    "state",
    "presence",
)


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
        description=row.environments__description,
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
        auto_stop=row.project_environments__auto_stop,
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
