"""The query of the gateway's own list: which page, and which deployments on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from adapters.iftrue.repository import repository
from adapters.iftrue.translate import STATE_OUT
from adapters.iftrue.wire import Status
from gateway.core import placing
from gateway.core.errors import Invalid, Several
from gateway.core.model import Org, State
from gateway.core.search import Bounds, Search, SortKey
from gateway.dialect.paging import Page

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_PAGE = 2**31 - 1
EXACT_COUNT = 2**31 - 1
"""Totals are always known."""

_REST_OF_A_MILLISECOND = timedelta(microseconds=999)

Value = TypeVar("Value")


def search(query: Sequence[tuple[str, str]], org: Org) -> tuple[Search, Page]:
    """What a query asks for; blank values and unknown names are dropped.

    Raises ``Several``.
    """
    said = _Said({name: text for name, text in query if text})
    page = Page(
        said.read("page", _up_to(MAX_PAGE)) or 1,
        said.read("limit", _up_to(MAX_LIMIT)) or DEFAULT_LIMIT,
    )
    found = Search(
        project_path=said.read("repository_url", lambda text: _project(text, org)),
        ref=said.read("branch", str),
        states=said.read("status", _states),
        created=Bounds(after=said.read("since", _moment), before=said.read("until", _end)),
        sort=SortKey.CREATED_AT,
        is_descending=True,
        offset=page.offset,
        limit=page.size,
        count_limit=EXACT_COUNT,
    )
    if said.problems:
        raise Several(tuple(said.problems))
    return found, page


class _Said:
    """A query that gathers what is wrong with it, so that all of it is told at once."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said
        self.problems: list[Invalid] = []

    def read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        """The value of a parameter; a reader's ``Wrong`` becomes a problem."""
        text = self._said.get(name)
        if text is None:
            return None
        try:
            return reader(text)
        except _Wrong as wrong:
            self.problems.append(Invalid(field=name, reason=wrong.reason, value=wrong.limit))
            return None


class _Wrong(Exception):
    def __init__(self, reason: str, limit: int | None = None) -> None:
        self.reason = reason
        self.limit = limit


def _up_to(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.removeprefix("-").isdecimal() or not text.isascii():
            raise _Wrong("integer")
        if text.startswith("-") or not text.strip("0"):
            raise _Wrong("min", 1)
        digits = text.lstrip("0")
        if len(digits) > len(str(most)) or int(digits) > most:
            raise _Wrong("max", most)
        return int(digits)

    return read


def _project(url: str, org: Org) -> str:
    found = repository(url)
    if found is None:
        raise _Wrong("url")
    return placing.project_path(org, found.path) or found.path


def _states(word: str) -> frozenset[State]:
    if word not in set(Status):
        raise _Wrong("word")
    return frozenset(state for state, shown in STATE_OUT.items() if shown == word)


def _moment(text: str) -> datetime:
    """An ISO 8601 date or time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Wrong("date") from None


def _end(text: str) -> datetime:
    """A moment with all of its millisecond, unless it says a finer one: none finer is shown."""
    moment = _moment(text)
    return moment if moment.microsecond % 1000 else moment + _REST_OF_A_MILLISECOND
