"""Moments are spelled in UTC as RFC 3339 has it; what is finer than asked for is cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialect.moments import microseconds, milliseconds, seconds

EAST = timezone(timedelta(hours=2))
SPELLINGS = {"seconds": seconds, "milliseconds": milliseconds, "microseconds": microseconds}


@pytest.mark.parametrize(
    ("moment", "spelled"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "2026-01-02T03:04:05.999999Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000Z"),
        (datetime(2026, 1, 1, 1, 0, 0, 50, EAST), "2025-12-31T23:00:00.000050Z"),
    ],
)
def test_what_is_finer_is_cut_and_not_rounded(moment: datetime, spelled: str) -> None:
    assert microseconds(moment) == spelled
    assert milliseconds(moment) == f"{spelled[:23]}Z"
    assert seconds(moment) == f"{spelled[:19]}Z"


@pytest.mark.parametrize("precision", SPELLINGS)
@given(moment=st.datetimes(timezones=st.timezones()))
def test_each_moment_is_spelled_as_python_spells_it(precision: str, moment: datetime) -> None:
    spell: Callable[[datetime], str] = SPELLINGS[precision]
    try:
        naive = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:  # a moment that UTC cannot say
        return
    assert spell(moment) == f"{naive.isoformat(timespec=precision)}Z"
