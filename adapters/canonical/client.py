"""What a client of ``/gateway/v1`` asks for, for those who check a server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner, Wire

_RECORDS = "/gateway/v1/records"


def _org(owner: Owner) -> Wire:
    return {} if owner.org is None else {"org": owner.org}


def _first(owner: Owner, mark: str, size: int, _options: Any) -> str:
    return f"{_RECORDS}?{urlencode({**_org(owner), 'environment': mark, 'limit': size})}"


def _next(page: Listed, _options: Any) -> str | None:
    cursor = page.body["next_cursor"]
    if cursor is None:
        return None
    query = dict(parse_qsl(urlsplit(page.path).query)) | {"cursor": cursor}
    return f"{_RECORDS}?{urlencode(query)}"


def _decommission(_owner: Owner, body: Wire, _record: Wire) -> tuple[str, str, Wire | None]:
    kept = {name: value for name, value in body.items() if name not in {"state", "occurred_at"}}
    return "POST", _RECORDS, {**kept, "presence": "decommissioned"}


CLIENT = Client(
    again=lambda _owner, record: f"{_RECORDS}/{record['id']}",
    undo=_decommission,
    addressed=lambda owner, body: {**body, **_org(owner)},
    listing=Listing(first=_first, items=lambda body: body["records"], following=_next, most=500),
)
