"""What a search finds among given records: the store's own answer, computed in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gateway.conformance.imagined import ORG
from gateway.core import placing
from gateway.core.digests import GIT_COMMIT
from gateway.core.model import Presence, Record
from gateway.core.search import Bounds, Found, Search, SortKey, View

_NEVER = datetime.max.replace(tzinfo=UTC)


def found(records: Sequence[Record], search: Search, project_id: UUID | None = None) -> Found:
    """One page of these records, as a store would find it."""
    matching = [r for r in records if project_id in {None, r.project.id} and _fits(r, search)]
    is_counted = search.count_limit is not None and len(matching) <= search.count_limit
    end = None if search.limit is None else search.offset + search.limit
    page = _ordered(matching, search)[search.offset : end]
    return Found(tuple(page), len(matching) if is_counted else None)


def _ordered(records: Sequence[Record], search: Search) -> list[Record]:
    """In the order asked for, equal ones by number in the same direction."""
    by_number = sorted(records, key=lambda record: record.number, reverse=search.is_descending)
    ordered = sorted(by_number, key=_KEYS[search.sort], reverse=search.is_descending)
    if search.sort is SortKey.FINISHED_AT:  # what has not finished is last in both directions
        ordered.sort(key=lambda record: record.finished_at is None)
    return ordered


_KEYS: Mapping[SortKey, Callable[[Record], Any]] = {
    SortKey.NUMBER: lambda record: record.number,
    SortKey.CREATED_AT: lambda record: record.created_at,
    SortKey.UPDATED_AT: lambda record: record.updated_at,
    SortKey.FINISHED_AT: lambda record: record.finished_at or _NEVER,
    SortKey.REF: lambda record: record.source.ref or "",
    SortKey.SLOT: lambda record: record.slot.number,
}


def _fits(record: Record, search: Search) -> bool:
    """Whether every filter lets a record through."""
    return (
        _is_in_view(record, search.view)
        and (search.below_number is None or record.number < search.below_number)
        and all(wanted in {None, held} for wanted, held in _words(record, search))
        and (search.states is None or record.state in search.states)
        and (search.presences is None or record.presence in search.presences)
        and (search.digest is None or _has_digest(record, *search.digest))
        and _is_between(record.created_at, search.created)
        and _is_between(record.updated_at, search.updated)
        and _is_between(record.finished_at, search.finished)
    )


def _words(record: Record, search: Search) -> Iterator[tuple[object, object]]:
    yield search.environment_name, record.environment.name
    yield search.deployment_name, record.slot.name
    yield search.artifact_kind, record.artifact.kind
    version = record.artifact.version
    yield search.project_version, record.source.ref if version is None else version
    yield search.commit, record.source.commit
    yield search.ref, record.source.ref
    yield search.origin, record.origin
    if search.project_path is not None:
        path = placing.project_path(ORG, search.project_path) or ""
        yield path.casefold(), record.project.path.casefold()


def _is_in_view(record: Record, view: View) -> bool:
    is_current = record.slot.current == record.id
    return view is View.HISTORY or (
        is_current and (view is View.CURRENT or record.presence is Presence.LIVE)
    )


def _has_digest(record: Record, algorithm: str, digits: str) -> bool:
    if algorithm == GIT_COMMIT:
        return record.source.commit == digits and not record.artifact.digests
    return record.artifact.digests.get(algorithm) == digits


def _is_between(moment: datetime | None, bounds: Bounds) -> bool:
    if bounds.after is None and bounds.before is None:
        return True
    if moment is None or (bounds.after is not None and moment < bounds.after):
        return False
    if bounds.before is None:
        return True
    return moment < bounds.before if bounds.is_open else moment <= bounds.before
