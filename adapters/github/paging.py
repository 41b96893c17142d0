"""Pages as GitHub numbers them, and the ``Link`` header that leads through them.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api, checked
2026-11-20. Only the gateway's own list is paged; GitHub's lists by digest are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from adapters.github.translate import SHOWN
from gateway.core.search import Search, SortKey, View
from gateway.dialect.frame import Frame
from gateway.dialect.paging import Page, page_count

DEFAULT_SIZE = 30
MAX_SIZE = 100
_MAX_DIGITS = 9


def search_page(query: Sequence[tuple[str, str]]) -> tuple[Page, Search]:
    """One page of all records shown, by slot; ``environment`` and ``deployment_name`` filter."""
    said = dict(query)
    size = min(_number(said.get("per_page"), DEFAULT_SIZE), MAX_SIZE)
    page = Page(_number(said.get("page"), 1), size)
    return page, Search(
        view=View.CURRENT,
        presences=SHOWN,
        environment_name=said.get("environment"),
        deployment_name=said.get("deployment_name"),
        sort=SortKey.SLOT,
        offset=page.offset,
        limit=page.size,
        count_limit=2**31,
    )


def link(frame: Frame, page: Page, total: int) -> Mapping[str, str]:
    """``prev``, ``next``, ``last`` and ``first`` as far as there are such; none for one page."""
    last = page_count(total, page.size)
    wanted = {
        "prev": page.number - 1 if 1 < page.number <= last + 1 else None,
        "next": page.number + 1 if page.number < last else None,
        "last": last if page.number < last else None,
        "first": 1 if page.number > 1 and last else None,
    }
    links = [f'<{_at(frame, n)}>; rel="{rel}"' for rel, n in wanted.items() if n is not None]
    return {"Link": ", ".join(links)} if links else {}


def _at(frame: Frame, number: int) -> str:
    kept = parse_qsl(frame.query, keep_blank_values=True)
    pairs = [*((name, value) for name, value in kept if name != "page"), ("page", str(number))]
    return f"{frame.base_url}{frame.path}?{urlencode(pairs)}"


def _number(said: str | None, default: int) -> int:
    """GitHub takes what is no number, or none above zero, as unsaid."""
    if said is None or not (said.isascii() and said.isdigit()) or len(said) > _MAX_DIGITS:
        return default
    return int(said) or default
