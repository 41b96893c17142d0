"""What a client of a dialect does, for those who check a server that speaks it.

Nothing here serves a request. It is the other side's view: where a client asks, and where in an
answer it finds what it wants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from gateway.dialect.frame import Owner, Wire

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')


@dataclass(frozen=True, slots=True)
class Listed:
    """One page as it was answered. ``path`` has its query; ``headers`` are by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: Any


def linked(page: Listed) -> str | None:
    """The next page as a ``Link`` header names it, without scheme and host."""
    found = _NEXT.search(page.headers.get("link", ""))
    if found is None:
        return None
    url = urlsplit(found[1])
    return f"{url.path}?{url.query}"


@dataclass(frozen=True, slots=True)
class Listing:
    """How a client walks what was recorded under one mark: an environment, or else a ref.

    ``first`` is the path of the first page, for an owner, a mark and a page size; ``following``
    that of the next one. ``total`` is how many a page says there are in all, ``pages`` on how many
    pages; ``None`` where it does not. ``most`` is the largest page; ``ways`` are what more of the
    query asks for the same records in another order or view. A list that only the gateway has is
    ``extended``.
    """

    first: Callable[[Owner, str, int, Any], str]
    items: Callable[[Any], Sequence[Wire]]
    following: Callable[[Listed, Any], str | None] = lambda page, _options: linked(page)
    total: Callable[[Listed], int | None] = lambda _page: None
    pages: Callable[[Listed], int | None] = lambda _page: None
    most: int = 100
    ways: Callable[[Any], Sequence[Mapping[str, str]]] = lambda _options: ()
    level: Literal["core", "extended"] = "core"

    def begun(self, owner: Owner, mark: str, size: int, options: Any, *, way: int) -> str:
        """The path of the first page in the way of this number, counted round: 0 is the plain."""
        path, ways = self.first(owner, mark, size, options), ({}, *self.ways(options))
        more = urlencode(ways[way % len(ways)])
        return f"{path}&{more}" if more else path


@dataclass(frozen=True, slots=True)
class Client:
    """Everything defaults to the plainest dialect: the answer is the record, and it has an ``id``.

    ``created`` is the bare record in the answer to a create, if it shows one; ``again`` where that
    record can be read later and ``pick`` which part of the answer it is. ``undo`` is the request
    that takes a record away again, of the body that made it and the record as answered: method,
    path and body. ``headers`` and ``addressed``, which adds to a create's body, say the owner's org
    to a dialect whose paths do not.
    """

    identity: str = "id"
    created: Callable[[Any], Wire | None] = lambda body: body
    again: Callable[[Owner, Wire], str | None] = lambda _owner, _record: None
    pick: Callable[[Any, Wire], Wire | None] = lambda body, _record: body
    undo: Callable[[Owner, Wire, Wire], tuple[str, str, Wire | None] | None] = (
        lambda _owner, _body, _record: None
    )
    listing: Listing | None = None
    headers: Callable[[Owner], Mapping[str, str]] = lambda _owner: {}
    addressed: Callable[[Owner, Wire], Wire] = lambda _owner, body: body
