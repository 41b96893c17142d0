"""Moments in UTC, also at the ends of time, where an offset can point beyond what exists."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.errors import Invalid

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def utc(moment: datetime, *, field: str) -> datetime:
    """The moment in UTC. Raises ``Invalid`` without a zone, or where UTC has no such moment."""
    if moment.tzinfo is None:
        raise Invalid(field=field, reason="zone", detail="must have a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Invalid(field=field, reason="range", detail="is no moment in UTC") from None


def clamped(moment: datetime | None) -> datetime | None:
    """A bound in UTC; one beyond the first or the last moment bounds no less there."""
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == 1 else LAST
