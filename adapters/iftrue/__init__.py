"""iftrue's deployment tracking, ``/v1/organization/deployment``."""

from __future__ import annotations

from adapters.iftrue.client import CLIENT
from adapters.iftrue.errors import render_error
from adapters.iftrue.etags import tagged
from adapters.iftrue.ledgers import ACCOUNTS
from adapters.iftrue.options import OPTIONS
from adapters.iftrue.routes import routes
from adapters.iftrue.translate import LEDGER, STATE_IN, from_record, to_command
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup
from gateway.dialect.resources import examples_of, schemas_of

__all__ = ["dialect"]

DEPLOYMENT = "/v1/organization/deployment"


def _lenient(path: str) -> str:
    """The inferred router knows neither case nor a trailing slash."""
    return path.removesuffix("/").lower() or "/"


dialect = Dialect(
    name="iftrue",
    title="iftrue",
    version="v1",
    paths=("/v1/organization",),
    bases=("/v1/organization",),
    routes=routes,
    parse=to_command,
    render=from_record,
    render_error=render_error,
    shows=lambda _record: True,
    lookup=Lookup(
        path=lambda record: f"{DEPLOYMENT}/{record.id}",
        pick=lambda body, _record: body,
    ),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset(STATE_IN.values()),
        creates=lambda _org, _project: DEPLOYMENT,
        created_status=201,
    ),
    examples=examples_of("adapters.iftrue"),
    schemas=schemas_of("iftrue"),
    media_type="application/json; charset=utf-8",
    route_path=_lenient,
    ignores_case=True,
    dress=tagged,
    client=CLIENT,
)
