"""What a client of GitLab's deployments asks for, for those who check a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from adapters.gitlab.wire import ORDERS
from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner, Wire


def _deployments(owner: Owner) -> str:
    return f"/api/v4/projects/{quote(owner.project or '', safe='')}/deployments"


def _one(owner: Owner, record: Wire) -> str:
    return f"{_deployments(owner)}/{record['id']}"


def _first(owner: Owner, mark: str, size: int, _options: Any) -> str:
    query = {"environment": mark, "per_page": size}
    return f"{_deployments(owner)}?{urlencode(query)}"


def _counter(name: str) -> Callable[[Listed], int | None]:
    def counted(page: Listed) -> int | None:
        said = page.headers.get(name)
        return int(said) if said else None

    return counted


def _ways(options: Any) -> Sequence[Mapping[str, str]]:
    """Each order in both directions; by the time of the finish only what has finished."""
    by_ref = ("ref",) if options.orders_by_ref else ()
    return [
        {"order_by": order, "sort": sort, **_ALONG.get(order, {})}
        for order in (*ORDERS, *by_ref)
        for sort in ("asc", "desc")
    ]


_ALONG: Mapping[str, Mapping[str, str]] = {"finished_at": {"status": "success"}}

CLIENT = Client(
    again=_one,
    undo=lambda owner, _body, record: ("DELETE", _one(owner, record), None),
    listing=Listing(
        first=_first,
        items=lambda body: body,
        total=_counter("x-total"),
        pages=_counter("x-total-pages"),
        ways=_ways,
    ),
)
