"""A list walked page by page as a client walks it, and what is wrong with its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.conformance.cases import Unlisted
from gateway.conformance.places import dig
from gateway.conformance.server import Server
from gateway.dialect import Dialect
from gateway.dialect.client import Listed, Listing
from gateway.dialect.paging import page_count

MOST_PAGES = 20


async def walked(
    server: Server, listing: Listing, path: str | None, *, most: int = MOST_PAGES
) -> list[Listed]:
    """The pages from this path on. Raises ``Unlisted``."""
    pages: list[Listed] = []
    while path is not None:
        if len(pages) == most:
            raise Unlisted(path, f"follows page {most}")
        answer = await server.ask("GET", path)
        if answer.status_code != 200:
            detail = f"{answer.status_code} {answer.text[:300]}"
            raise Unlisted(path, detail, answer.status_code)
        pages.append(Listed(path, answer.headers, answer.json()))
        path = listing.following(pages[-1], server.options)
    return pages


def identities(dialect: Dialect, listing: Listing, pages: Sequence[Listed]) -> list[Any]:
    """What tells the items of pages apart, in their order."""
    key = dialect.client.identity
    return [dig(item, key) for page in pages for item in listing.items(page.body)]


def page_faults(listing: Listing, pages: Sequence[Listed], size: int) -> Iterator[str]:
    """Pages that hold too many items, miscount the whole, or are more than the whole needs.

    Where no total is told, a page that is full may have an empty one behind it.
    """
    held = sum(len(listing.items(page.body)) for page in pages)
    needed = max(page_count(held, size), 1)
    for number, page in enumerate(pages, 1):
        if len(listing.items(page.body)) > size:
            yield f"page {number} of {size} holds {len(listing.items(page.body))}"
        total = listing.total(page)
        if total is not None and total != held:
            yield f"page {number} of {size}: total is {total}, the pages hold {held}"
        if total is not None and len(pages) != needed:
            yield f"{len(pages)} pages of {size} are walked for a total of {total}"
        said = listing.pages(page)
        if held and said is not None and said != needed:
            yield f"page {number} of {size}: there are {said} pages, {needed} hold {held}"
