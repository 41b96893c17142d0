"""Which texts GitLab's clients may write for a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.gitlab.dates import parse_moment

TODAY = date(2026, 11, 20)  # a Friday

ACCEPTED = {
    "12": "2026-11-12T00:00:00+00:00",
    "monday": "2026-11-16T00:00:00+00:00",
    "Sunday": "2026-11-15T00:00:00+00:00",
    "fri": "2026-11-20T00:00:00+00:00",
    "2019-03-15": "2019-03-15T00:00:00+00:00",
    "2019-3-5": "2019-03-05T00:00:00+00:00",
    "2019-03-15 08:00:00": "2019-03-15T08:00:00+00:00",
    "2019-03-15T08:00": "2019-03-15T08:00:00+00:00",
    "2019-03-15T08:00:00Z": "2019-03-15T08:00:00+00:00",
    "2019-03-15t08:00:00z": "2019-03-15T08:00:00+00:00",
    "2019-03-15T08:00:00.123456Z": "2019-03-15T08:00:00.123456+00:00",
    "2019-03-15T08:00:00,5": "2019-03-15T08:00:00.500000+00:00",
    "2019-03-15T08:00:00+02:00": "2019-03-15T08:00:00+02:00",
    "2019-03-15T08:00:00+02": "2019-03-15T08:00:00+02:00",
    "2019-03-15T08:00:00-0330": "2019-03-15T08:00:00-03:30",
    "2019-03-15T08:00:00 02:00": "2019-03-15T08:00:00+00:00",
    "2019-03-15T24:00:00Z": "2019-03-16T00:00:00+00:00",
    "2019-03-15T08:00:60Z": "2019-03-15T08:00:59+00:00",
    "2019-03-15 8:00 pm": "2019-03-15T20:00:00+00:00",
    "20190315": "2019-03-15T00:00:00+00:00",
    "20190315T080000Z": "2019-03-15T08:00:00+00:00",
    "20190315T08": "2019-03-15T08:00:00+00:00",
    "2019-W11-5": "2019-03-15T00:00:00+00:00",
    "2019W11": "2019-03-11T00:00:00+00:00",
    "2019-074": "2019-03-15T00:00:00+00:00",
    "2019074": "2019-03-15T00:00:00+00:00",
    "190315": "2019-03-15T00:00:00+00:00",
    "10/10/2021": "2021-10-10T00:00:00+00:00",
    "15/03/2019": "2019-03-15T00:00:00+00:00",
    "15.3.2019": "2019-03-15T00:00:00+00:00",
    "2019/03/15": "2019-03-15T00:00:00+00:00",
    "074": "2026-03-15T00:00:00+00:00",
    "1120": "2026-11-20T00:00:00+00:00",
    "19074": "2019-03-15T00:00:00+00:00",
    "690315": "1969-03-15T00:00:00+00:00",
    "680315": "2068-03-15T00:00:00+00:00",
    "08:00": "2026-11-20T08:00:00+00:00",
    "2019-03-15, 08:00": "2019-03-15T08:00:00+00:00",
    "2019-03-15 12:30 am": "2019-03-15T00:30:00+00:00",
    "2019-03-15 12:30 pm": "2019-03-15T12:30:00+00:00",
    "2019-03-15 08:00 CET": "2019-03-15T08:00:00+00:00",
    "Mar 15": "2026-03-15T00:00:00+00:00",
    "March 2019": "2019-03-01T00:00:00+00:00",
    "Mar 15 2019": "2019-03-15T00:00:00+00:00",
    "15 March 2019": "2019-03-15T00:00:00+00:00",
    "Mar 15 2019 08:00": "2019-03-15T08:00:00+00:00",
    "08:00 Mar 15 2019": "2019-03-15T08:00:00+00:00",
    "Fri, 15 Mar 2019 08:00:00 GMT": "2019-03-15T08:00:00+00:00",
    "Fri Mar 15 08:00:00 PST 2019": "2019-03-15T08:00:00-08:00",
    " 2019-03-15 ": "2019-03-15T00:00:00+00:00",
}

REFUSED = (
    *("", " ", "2019", "2019-13-01", "2019-02-30", "03/15/2019", "2019-03-15T25:00:00Z", "now"),
    *(
        "1552636800",
        "garbage",
        "2019-03-15T08:61",
        "2019-W54-1",
        "2019-366",
        "366",
        "1320",
        "0000-01-01",
        "99",
        "2019-03-15T24:00:01Z",
    ),
    *(
        "9999-12-31T23:59:59-02:00",
        "2019-03-15T08:00:00+99:00",
        "\u00b2\u00b3",
        "\u0661\u0662",
        "1" * 200,
    ),
)


@pytest.mark.parametrize(("text", "moment"), ACCEPTED.items())
def test_a_time_is_read_in_the_form_that_the_client_writes(text: str, moment: str) -> None:
    found = parse_moment(text, TODAY)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize("text", REFUSED)
def test_what_names_no_moment_is_none(text: str) -> None:
    assert parse_moment(text, TODAY) is None


def test_a_day_that_this_month_does_not_have_is_none() -> None:
    assert parse_moment("31", TODAY) is None


@given(st.text(max_size=40))
def test_any_text_is_a_moment_in_some_zone_or_none(text: str) -> None:
    found = parse_moment(text, TODAY)
    assert found is None or found.utcoffset() is not None


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001 (a zone is drawn beside it)
    st.integers(-14 * 60, 14 * 60),
)
def test_every_iso_time_is_read_as_written(naive: datetime, minutes: int) -> None:
    offset = timedelta(minutes=minutes)
    moment = (naive.replace(tzinfo=UTC) - offset).astimezone(UTC)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    text = f"{naive.isoformat(timespec='microseconds')}{sign}{hours:02}:{rest:02}"
    assert parse_moment(text, TODAY) == moment
