"""Chainloop's platform API, ``/v1``: environments, and deployment records of artifacts in them."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.chainloop.client import CLIENT, with_id
from adapters.chainloop.errors import render_error
from adapters.chainloop.ledgers import ACCOUNTS
from adapters.chainloop.options import OPTIONS
from adapters.chainloop.routes import routes
from adapters.chainloop.translate import LEDGER, from_record, spelled_place, to_command
from gateway.core.model import Record, State
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup, Wire
from gateway.dialect.resources import examples_of, schemas_of

__all__ = ["dialect"]


def _path(record: Record) -> str:
    """Chainloop has no endpoint for one record: its slot's history holds it."""
    query = {
        "full_history": "true",
        "environment_name": record.environment.name,
        "deployment_name": record.slot.name,
        "project_name": record.project.path,
    }
    return f"/v1/deployments?{urlencode(query)}"


def _pick(body: Wire, record: Record) -> Wire | None:
    return with_id(body, str(record.id))


def _route_path(path: str) -> str:
    """The service's router matches paths once decoded, so an encoded slash parts two segments."""
    return path.replace("%2F", "/").replace("%2f", "/")


dialect = Dialect(
    name="chainloop",
    title="Chainloop",
    version="v1",
    # A client whose base URL ends in a slash asks for "//v1", and is redirected.
    paths=("/v1", "//v1/deployments", "//v1/environments"),
    bases=("/v1",),
    routes=routes,
    parse=to_command,
    render=from_record,
    render_error=render_error,
    shows=lambda _record: True,
    lookup=Lookup(path=_path, pick=_pick),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset({State.SUCCESS}),
        creates=lambda _org, _project: "/v1/deployments",
        created_status=200,
        can_decommission=True,
        answers_head=False,
    ),
    examples=examples_of("adapters.chainloop"),
    schemas=schemas_of("chainloop"),
    body_types=("application/json", "application/x-www-form-urlencoded"),
    route_path=_route_path,
    spelled=spelled_place,
    client=CLIENT,
)
