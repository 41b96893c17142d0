"""Times as GitLab's clients may write them: loosely, the day before the month.

GitLab reads its date parameters with Ruby's lenient parser. The forms below are the ones that it
takes; what it refuses (``now``, a bare year, seconds since 1970) is refused here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from dateutil import parser as dateutil

_LONGEST = 128
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FULL_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORT_YEAR = 69  # two digits from here on are of the last century

_CLOCK = re.compile(
    r"""(?P<lead>^|[T\s])\s*
        (?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?
        (?:\s*(?P<half>[ap])\.?m\b\.?)?
        (?:\s*(?P<zone>z\b|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|(?!jan|feb|mar|apr|may|jun
            |jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)[a-z]{3,4}\b))?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_COMPACT = re.compile(
    r"(\d{8})T(\d{2})(\d{2})?(\d{2})?(?:[.,](\d+))?(z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_LOST_PLUS = re.compile(r"\s\d{2}:?\d{2}", re.ASCII)  # an offset whose plus read as a space
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", re.ASCII | re.IGNORECASE)
_THREE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?w(\d{2})(?:-?(\d))?", re.ASCII | re.IGNORECASE)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_HOURS_FROM_UTC = {"est": -5, "edt": -4, "cst": -6, "cdt": -5}
_HOURS_FROM_UTC |= {"mst": -7, "mdt": -6, "pst": -8, "pdt": -7}


def parse_moment(text: str, today: date) -> datetime | None:
    """The moment a text names, with the offset it says (UTC unless it does); ``None`` for no form.

    What a text leaves open is taken from ``today``: ``12`` is that day of the month, ``monday``
    that day of the week. A month alone is its first day, a date alone its midnight.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _moment(text, today)
    except (ValueError, OverflowError):
        return None


def _moment(text: str, today: date) -> datetime:
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        day, hour, minute, second, fraction, zone = compact.groups()
        return _joined(_day(day, today), (hour, minute, second, fraction), zone)
    clock = _CLOCK.search(text)
    if clock is None:
        return datetime.combine(_day(text, today), time(), UTC)
    before, after = text[: clock.start()], text[clock.end() :]
    if _LOST_PLUS.fullmatch(after) and before[:4].isdigit():
        after = ""
    rest = f"{before} {after}".strip()
    hour = _hour(int(clock["hour"]), clock["half"])
    parts = (str(hour), clock["minute"], clock["second"], clock["fraction"])
    return _joined(_day(rest, today) if rest else today, parts, clock["zone"])


def _joined(day: date, clock: tuple[str | None, ...], zone: str | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    midnight = datetime.combine(day, time(), _zone(zone))
    if (hour, minute, second) == (24, 0, 0):
        return midnight + timedelta(days=1)
    moment = midnight.replace(
        hour=hour,
        minute=minute,
        second=59 if second == 60 else second,  # a leap second
        microsecond=int(((clock[3] or "") + "000000")[:6]),
    )
    moment.astimezone(UTC)  # a moment that UTC cannot say is none
    return moment


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _zone(text: str | None) -> tzinfo:
    """The offset of a zone; a name that nobody knows counts as UTC, as in Ruby."""
    offset = _OFFSET.fullmatch(text or "")
    if offset is None:
        hours = _HOURS_FROM_UTC.get((text or "").lower(), 0)
        return timezone(timedelta(hours=hours)) if hours else UTC
    span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-span if offset[1] == "-" else span)


def _day(text: str, today: date) -> date:
    """The date in a text without a clock. Raises ``ValueError``."""
    text = text.strip().removesuffix(",")
    if text.isascii() and text.isdigit():
        return _of_digits(text, today)
    for form, read in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return read(match)
    if text.lower() in (*_DAYS, *_FULL_DAYS):
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return sunday + timedelta(days=_DAYS.index(text[:3].lower()))
    if _MONTH.search(text) is None:
        raise ValueError(text)
    first = datetime(today.year, 1, 1, tzinfo=UTC)  # of the month that the text names
    return dateutil.parse(text, default=first, dayfirst=True, tzinfos=lambda *_: UTC).date()


def _of_digits(text: str, today: date) -> date:
    """A run of digits, read by its length: a day, a day of the year, month and day…"""
    year = today.year
    match len(text):
        case 2:
            return today.replace(day=int(text))
        case 3:
            return _of_year(year, int(text))
        case 4:
            return date(year, int(text[:2]), int(text[2:]))
        case 5:
            return _of_year(_year(text[:2]), int(text[2:]))
        case 6:
            return date(_year(text[:2]), int(text[2:4]), int(text[4:]))
        case 7:
            return _of_year(int(text[:4]), int(text[4:]))
        case 8:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        case _:
            raise ValueError(text)


def _of_three(match: re.Match[str]) -> date:
    """Year first, unless only the last number can be one: then the day is."""
    first, _, month, last = match.groups()
    if len(last) > 2 and len(first) <= 2:
        first, last = last, first
    return date(_year(first), int(month), int(last))


def _of_week(match: re.Match[str]) -> date:
    return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1))


def _of_year(year: int, day: int) -> date:
    found = date(year, 1, 1) + timedelta(days=day - 1)
    if found.year != year:
        raise ValueError(day)
    return found


def _year(text: str) -> int:
    if len(text) > 2:
        return int(text)
    return int(text) + (1900 if int(text) >= _SHORT_YEAR else 2000)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date]], ...] = (
    (_THREE, _of_three),
    (_WEEK, _of_week),
    (_ORDINAL, lambda match: _of_year(int(match[1]), int(match[2]))),
)
