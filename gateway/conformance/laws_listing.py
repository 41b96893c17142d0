"""The law about lists: pages of any size are the whole, whatever it is sorted by."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.conformance.broken import Broken, Unasked
from gateway.conformance.cases import Unlisted
from gateway.conformance.imagined_lists import imagined_server
from gateway.conformance.laws_rendering import frame_of
from gateway.conformance.pages import identities, page_faults, walked
from gateway.conformance.places import dig, plain
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.dialect.client import Listed, Listing

LAW = "pages add up"


class Shelf:
    """Records in slots of their own: those that are ``listed`` run under one mark, others do not.

    A client asks for ``size`` of them at a time, in the ``way`` of this number.
    """

    def __init__(
        self, mark: str, listed: Sequence[Record], others: Sequence[Record], *, size: int, way: int
    ) -> None:
        self.mark = mark
        self.listed = listed
        self.others = others
        self.size = size
        self.way = way

    def __repr__(self) -> str:  # of a dataclass hypothesis would print hundreds of records
        held = f"{len(self.listed)} listed, {len(self.others)} others"
        return f"<Shelf {held}, size={self.size}, way={self.way}>"


def has_no_list(dialect: Dialect) -> str | None:
    """Why a dialect is not asked for pages."""
    return "the dialect has no list" if dialect.client.listing is None else None


def pages_add_up(dialect: Dialect, options: Any, *, shelf: Shelf) -> None:
    """Pages of a size show each record once, in the order of pages as large as can be."""
    listing = dialect.client.listing
    if listing is None:
        raise Unasked(has_no_list(dialect))
    try:
        whole, pages = asyncio.run(_listed(dialect, options, listing, shelf))
    except Unlisted as unlisted:
        raise Broken(LAW, dialect.name, dialect.client.identity, str(unlisted)) from None
    for fault in _faults(dialect, options, listing, shelf, whole, pages):
        raise Broken(LAW, dialect.name, dialect.client.identity, fault)


async def _listed(
    dialect: Dialect, options: Any, listing: Listing, shelf: Shelf
) -> tuple[list[Listed], list[Listed]]:
    """The list on pages as large as can be, and on pages of the size asked for."""
    records = [*shelf.listed, *shelf.others]
    async with imagined_server(dialect, options.profile, records) as server:
        paths = (
            listing.begun(server.owner, shelf.mark, size, options, way=shelf.way)
            for size in (listing.most, shelf.size)
        )
        whole, pages = [await walked(server, listing, p, most=len(records) + 2) for p in paths]
    return whole, pages


def _faults(
    dialect: Dialect,
    options: Any,
    listing: Listing,
    shelf: Shelf,
    whole: list[Listed],
    pages: list[Listed],
) -> Iterator[str]:
    yield from page_faults(listing, whole, listing.most)
    yield from page_faults(listing, pages, shelf.size)
    key = dialect.client.identity
    frame = frame_of(options)
    wanted = plain([dig(dialect.render(record, frame), key) for record in shelf.listed])
    found = identities(dialect, listing, whole)
    again = identities(dialect, listing, pages)
    for size, listed in ((listing.most, found), (shelf.size, again)):
        for item, times in (Counter(listed) - Counter(wanted)).items():
            yield f"{item!r} is {times} times too often on pages of {size}, of {len(wanted)} in all"
        for item in Counter(wanted) - Counter(listed):
            yield f"{item!r} is not on pages of {size}, of {len(wanted)} in all"
    for place, (one, other) in enumerate(zip(again, found, strict=True), 1):
        if one != other:
            sizes = f"on pages of {shelf.size}, {other!r} on pages of {listing.most}"
            yield f"item {place} is {one!r} {sizes}"
