"""What a client of iftrue's deployments asks for, for those who check a server.

iftrue documents the create alone; reading is the gateway's addition.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner

_DEPLOYMENT = "/v1/organization/deployment"


def _page(mark: str, size: int, number: int) -> str:
    return f"{_DEPLOYMENT}?{urlencode({'branch': mark, 'limit': size, 'page': number})}"


def _first(_owner: Owner, mark: str, size: int, _options: Any) -> str:
    return _page(mark, size, 1)


def _next(page: Listed, _options: Any) -> str | None:
    body = page.body
    if not body["data"] or body["page"] * body["limit"] >= body["total"]:
        return None
    return _page(body["data"][0]["branch"], body["limit"], body["page"] + 1)


CLIENT = Client(
    again=lambda _owner, record: f"{_DEPLOYMENT}/{record['id']}",
    listing=Listing(
        first=_first,
        items=lambda body: body["data"],
        following=_next,
        total=lambda page: page.body["total"],
        level="extended",
    ),
)
