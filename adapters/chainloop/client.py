"""What a client of Chainloop's deployments asks for, for those who check a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from adapters.chainloop.envelope import ORGANIZATION
from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner, Wire

_DEPLOYMENTS = "/v1/deployments"


def with_id(body: Wire, record_id: str) -> Wire | None:
    """The record of this id on a page."""
    return next((item for item in _items(body) if item["id"] == record_id), None)


def _items(body: Wire) -> Sequence[Wire]:
    found: Sequence[Wire] = _either(body, "deployment_records", "deploymentRecords")
    return found


def _either(body: Wire, *names: str) -> Any:
    """What stands under whichever spelling the profile has."""
    return next(body[name] for name in names if name in body)


def _again(_owner: Owner, record: Wire) -> str:
    query = {
        "full_history": "true",
        "environment_name": _either(record, "environment_name", "environmentName"),
        "deployment_name": _either(record, "deployment_name", "deploymentName"),
    }
    return f"{_DEPLOYMENTS}?{urlencode(query)}"


def _first(_owner: Owner, mark: str, size: int, options: Any) -> str:
    page = {"pagination.page": options.first_page, "pagination.page_size": size}
    return f"{_DEPLOYMENTS}?{urlencode({'environment_name': mark, **page})}"


def _next(page: Listed, options: Any) -> str | None:
    said = page.body["pagination"]
    number = said["page"]
    if number - options.first_page + 1 >= _pages(page):
        return None
    query = dict(parse_qsl(urlsplit(page.path).query)) | {"pagination.page": str(number + 1)}
    return f"{_DEPLOYMENTS}?{urlencode(query)}"


def _total(page: Listed) -> int | None:
    total: int = _either(page.body["pagination"], "total_count", "totalCount")
    return total


def _pages(page: Listed) -> int:
    pages: int = _either(page.body["pagination"], "total_pages", "totalPages")
    return pages


def _decommission(_owner: Owner, body: Wire, _record: Wire) -> tuple[str, str, Wire | None]:
    return "POST", _DEPLOYMENTS, {**body, "status": "DECOMMISSIONED"}


CLIENT = Client(
    headers=lambda owner: {} if owner.org is None else {ORGANIZATION: owner.org},
    created=lambda body: _either(body, "deployment_record", "deploymentRecord"),
    again=_again,
    pick=lambda body, record: with_id(body, record["id"]),
    undo=_decommission,
    listing=Listing(
        first=_first,
        items=_items,
        following=_next,
        total=_total,
        pages=_pages,
        ways=lambda _options: ({"full_history": "true"},),
    ),
)
