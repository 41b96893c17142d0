"""What a client of the events asks for, for those who check a server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner

EVENTS = "/cdevents/events"


def _page(mark: str, size: int, number: int) -> str:
    return f"{EVENTS}?{urlencode({'environment': mark, 'size': size, 'page': number})}"


def _first(_owner: Owner, mark: str, size: int, _options: Any) -> str:
    return _page(mark, size, 1)


def _next(page: Listed, _options: Any) -> str | None:
    number, size = page.body["page"], page.body["size"]
    if number * size >= page.body["total"]:
        return None
    mark = dict(parse_qsl(urlsplit(page.path).query))["environment"]
    return _page(mark, size, number + 1)


CLIENT = Client(
    identity="customData.record",
    again=lambda _owner, event: f"{EVENTS}/{event['customData']['record']}",
    listing=Listing(
        first=_first,
        items=lambda body: body["events"],
        following=_next,
        total=lambda page: page.body["total"],
        level="extended",  # the specification has events, and no list of them
    ),
)
