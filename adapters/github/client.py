"""What a client of GitHub's deployment records asks for, for those who check a server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from gateway.dialect.client import Client, Listed, Listing
from gateway.dialect.frame import Owner, Wire


def _artifacts(owner: Owner) -> str:
    return f"/orgs/{quote(owner.org or '')}/artifacts"


def _again(owner: Owner, record: Wire) -> str:
    return f"{_artifacts(owner)}/{quote(record['digest'])}/metadata/deployment-records"


def _first(owner: Owner, mark: str, size: int, _options: Any) -> str:
    query = urlencode({"environment": mark, "per_page": size})
    return f"{_artifacts(owner)}/metadata/deployment-records?{query}"


def _total(page: Listed) -> int | None:
    total: int | None = page.body.get("total_count")
    return total


def _decommission(owner: Owner, body: Wire, _record: Wire) -> tuple[str, str, Wire | None]:
    path = f"{_artifacts(owner)}/metadata/deployment-record"
    return "POST", path, {**body, "status": "decommissioned"}


def _same(body: Wire, record: Wire) -> Wire | None:
    found = (item for item in body["deployment_records"] if item["id"] == record["id"])
    return next(found, None)


CLIENT = Client(
    created=lambda body: next(iter(body.get("deployment_records", ())), None),
    again=_again,
    pick=_same,
    undo=_decommission,
    # GitHub itself lists by digest alone; this list is the gateway's.
    listing=Listing(
        first=_first,
        items=lambda body: body["deployment_records"],
        total=_total,
        level="extended",
    ),
)
