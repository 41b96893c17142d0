"""Moments as RFC 3339 spells them in UTC, in three precisions. What is finer is cut, not rounded.

An answer holds several of them, a list hundreds: this is twice as fast as ``isoformat`` with its
zone written anew.
"""

from __future__ import annotations

from datetime import UTC, datetime

_SECONDS = "%04d-%02d-%02dT%02d:%02d:%02dZ"
_MILLIS = "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
_MICROS = "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ"


def seconds(moment: datetime) -> str:
    """``2026-11-20T08:00:00Z``."""
    m = moment.astimezone(UTC)
    return _SECONDS % (m.year, m.month, m.day, m.hour, m.minute, m.second)


def milliseconds(moment: datetime) -> str:
    """``2026-11-20T08:00:00.000Z``."""
    m = moment.astimezone(UTC)
    return _MILLIS % (m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond // 1000)


def microseconds(moment: datetime) -> str:
    """``2026-11-20T08:00:00.000000Z``."""
    m = moment.astimezone(UTC)
    return _MICROS % (m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond)
