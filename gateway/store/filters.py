"""From the filters of a search to conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select

from gateway.core.digests import GIT_COMMIT
from gateway.core.search import Bounds, Scope, Search, View
from gateway.store.artifacts import artifacts_with
from gateway.store.queries import fold, page_number
from gateway.store.tables import (
    environments,
    org_names,
    orgs,
    projects,
    records,
    ref_or_blank,
    slots,
)


def said_to_be(search: Search) -> Iterator[ColumnElement[bool]]:
    """The filters on the record's own words."""
    if search.states is not None:
        yield records.c.state.in_(sorted(search.states))
    if search.presences is not None:
        yield records.c.presence.in_(sorted(search.presences))
    if search.artifact_kind is not None:
        yield records.c.artifact_kind == search.artifact_kind
    if search.commit is not None:
        yield records.c.source_commit == search.commit
    if search.ref is not None:
        yield records.c.source_ref == search.ref
        yield ref_or_blank(records.c.source_ref) == search.ref  # which an index has
    if search.origin is not None:
        yield records.c.origin == search.origin
    if search.project_version is not None:
        version = func.coalesce(records.c.artifact_version, records.c.source_ref)
        yield version == search.project_version


def in_words(scope: Scope, search: Search) -> Iterator[ColumnElement[bool]]:
    """The filters on what the record refers to."""
    if search.project_path is not None:
        yield records.c.project_id.in_(_projects_at(scope, search.project_path))
    if search.view is View.HISTORY:
        if search.environment_name is not None:
            yield records.c.environment_id == _environment_named(scope, search.environment_name)
        if search.deployment_name is not None:
            yield records.c.slot_id.in_(_slots_named(scope, search))
    if search.digest is not None:
        algorithm, digits = search.digest
        if algorithm == GIT_COMMIT:
            yield records.c.source_commit == digits
            yield records.c.artifact_digests.is_(None)
        else:
            yield records.c.artifact_id.in_(artifacts_with(scope.org_id, {algorithm: digits}))


def of_slots(scope: Scope, search: Search) -> Iterator[ColumnElement[bool]]:
    """The filters on slots, where these are what is looked through."""
    if search.environment_name is not None:
        yield slots.c.environment_id == _environment_named(scope, search.environment_name)
    if search.deployment_name is not None:
        yield slots.c.name == search.deployment_name


def in_time(search: Search) -> Iterator[ColumnElement[bool]]:
    """The filters on times, and what a cursor leaves."""
    yield from between(records.c.created_at, search.created)
    yield from between(records.c.updated_at, search.updated)
    yield from between(records.c.finished_at, search.finished)
    if search.below_number is not None:
        is_slots = search.view is not View.HISTORY
        number = slots.c.current_number if is_slots else records.c.number
        yield number < max(-page_number(-search.below_number), page_number(search.below_number))


def between(column: ColumnElement[Any], bounds: Bounds) -> Iterator[ColumnElement[bool]]:
    """The filters on one time."""
    if bounds.after is not None:
        yield column >= bounds.after
    if bounds.before is not None:
        yield column < bounds.before if bounds.is_open else column <= bounds.before


def _projects_at(scope: Scope, path: str) -> Select[Any]:
    """The project of this path, said with or without the org.

    As everywhere, a first segment that is the org or an alias is the org.
    """
    segments = [fold(part) for part in path.split("/") if part]
    below: Any = "/".join(segments)
    if len(segments) > 1:
        rest = "/".join(segments[1:])
        names_the_org = exists().where(
            org_names.c.org_id == scope.org_id, org_names.c.name_key == segments[0]
        )
        below = case((names_the_org, rest), else_=below)
    key = select(orgs.c.name_key + "/" + below).where(orgs.c.id == scope.org_id).scalar_subquery()
    return select(projects.c.id).where(
        projects.c.org_id == scope.org_id, projects.c.path_key == key
    )


def _environment_named(scope: Scope, name: str) -> Any:
    return (
        select(environments.c.id)
        .where(environments.c.org_id == scope.org_id, environments.c.name == name)
        .scalar_subquery()
    )


def _slots_named(scope: Scope, search: Search) -> Select[Any]:
    named = select(slots.c.id).where(
        slots.c.org_id == scope.org_id, slots.c.name == search.deployment_name
    )
    if search.environment_name is None:
        return named
    in_environment = _environment_named(scope, search.environment_name)
    return named.where(slots.c.environment_id == in_environment)
