"""Chainloop's offset pages: which one a request asks for, and what the answer says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.chainloop.options import Options
from adapters.chainloop.translate import refusal
from adapters.chainloop.wire import OffsetPagination
from gateway.core.errors import Invalid
from gateway.dialect.frame import Wire
from gateway.dialect.paging import Page, page_count

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as the client numbers it, and the same page counted from one."""

    page: int
    window: Page


def problems(pagination: OffsetPagination | None, options: Options) -> Iterator[Invalid]:
    """What is wrong with the page a request asks for."""
    if pagination is None:
        return
    if options.refuses_odd_page_size:
        if pagination.page < options.first_page:
            detail = f"must be greater than or equal to {options.first_page}"
            yield Invalid(field="pagination.page", reason="range", detail=detail)
        if not 0 < pagination.page_size <= MAX_PAGE_SIZE:
            detail = f"must be greater than 0 and less than or equal to {MAX_PAGE_SIZE}"
            yield Invalid(field="pagination.page_size", reason="range", detail=detail)
        return
    if pagination.page < 0:
        yield refusal("pagination.page", "page must be greater than or equal to 0")
    if pagination.page_size < 0:
        yield refusal("pagination.page_size", "pageSize must be greater than 0")


def asked(pagination: OffsetPagination | None, options: Options) -> Asked:
    """The page that a request without problems asks for; the first, of 100, when it says none."""
    if pagination is None:
        return Asked(options.first_page, Page(1, DEFAULT_PAGE_SIZE))
    size = min(pagination.page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    return Asked(pagination.page, Page(pagination.page - options.first_page + 1, size))


def dress(page: Asked, total: int) -> Wire:
    """The ``pagination`` of an answer; ``page`` echoes what was asked."""
    return {
        "page": page.page,
        "page_size": page.window.size,
        "total_count": total,
        "total_pages": page_count(total, page.window.size),
    }
