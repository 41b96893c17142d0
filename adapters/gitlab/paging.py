"""How GitLab dresses a page: counters and links in headers, the body a bare array.

Source: https://docs.gitlab.com/ee/api/rest/index.html#pagination, checked 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote_plus

from adapters.gitlab.wire import Paged
from gateway.core.limits import MAX_NUMBER
from gateway.dialect.paging import Page, page_count

TOTAL_LIMIT = 10_000
"""Beyond this many rows the totals and the last link are left out."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: ``count`` rows on it, ``total`` in all (``None`` beyond the limit)."""

    page: Page
    count: int
    has_next: bool
    total: int | None

    @property
    def next(self) -> int | None:
        """The page after this one."""
        return self.page.number + 1 if self.has_next else None

    @property
    def previous(self) -> int | None:
        """The page before; there is none on the first page, nor beyond the end."""
        return self.page.number - 1 if self.page.number > 1 and self.count else None

    @property
    def last(self) -> int | None:
        """The number of pages, one at least; ``None`` where the total is not known."""
        return None if self.total is None else max(page_count(self.total, self.page.size), 1)


def page_of(said: Paged) -> Page:
    """The page a request asks for."""
    return Page(said.page, said.per_page)


def offset(said: Paged) -> int:
    """How many rows come before the page; no table has more than can be counted to."""
    page = page_of(said)
    return min(page.offset, MAX_NUMBER - page.size - 1)


def cut(rows: Sequence[Row], said: Paged, *, total: int | None) -> tuple[Sequence[Row], Listing]:
    """A page from its rows, of which there is one too many where another page follows."""
    page = page_of(said)
    shown = rows[: page.size]
    known = total if total is not None and total <= TOTAL_LIMIT else None
    return shown, Listing(page, len(shown), len(rows) > page.size, known)


def echo(
    query: list[tuple[str, str]], validated: Paged, route: Mapping[str, str]
) -> dict[str, str | list[str]]:
    """The parameters that a page's links repeat: all that were sent, the defaults, the route's.

    Times are printed again with the offset they were read with. GitLab drops the fraction of their
    second there; it is kept here, for without it the pages would not be of one list. Of a name sent
    twice the last value counts, unless it is spelled as an array.
    """
    found: dict[str, str | list[str]] = {}
    for name, value in query:
        if name.endswith("[]"):
            found[name] = [*found.get(name, ()), value]
        else:
            found[name] = value
    for name in type(validated).model_fields:
        value = getattr(validated, name)
        if isinstance(value, datetime):
            found[name] = value.isoformat()
        elif isinstance(value, bool):
            found[name] = str(value).lower()
        elif value is not None:
            found[name] = str(value)
    return {**found, **route}


def headers(
    listing: Listing, *, url: str, parameters: Mapping[str, str | list[str]]
) -> dict[str, str]:
    """The counters and the links of a page; an absent neighbour is an empty counter."""
    dress = {
        "X-Page": str(listing.page.number),
        "X-Per-Page": str(listing.page.size),
        "X-Next-Page": str(listing.next or ""),
        "X-Prev-Page": str(listing.previous or ""),
    }
    if listing.total is not None:
        dress["X-Total"] = str(listing.total)
        dress["X-Total-Pages"] = str(listing.last)
    links = {"prev": listing.previous, "next": listing.next, "first": 1, "last": listing.last}
    pairs = _pairs(parameters)
    dress["Link"] = ", ".join(
        f'<{url}?{"&".join(sorted([*pairs, f"page={number}"]))}>; rel="{rel}"'
        for rel, number in links.items()
        if number is not None
    )
    return dress


def _pairs(parameters: Mapping[str, str | list[str]]) -> list[str]:
    """The parameters as a query spells them, but for the page, which each link has of its own."""
    return [
        f"{quote_plus(name)}={quote_plus(value)}"
        for name, values in parameters.items()
        if name != "page"
        for value in ([values] if isinstance(values, str) else values)
    ]
