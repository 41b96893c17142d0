"""CDEvents' ``service.deployed``: a sink for the event, and a view of every deployment as one."""

from __future__ import annotations

from importlib.resources import files

from gateway.core.model import State
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup
from toy_cdevents.client import CLIENT
from toy_cdevents.envelope import render_error
from toy_cdevents.options import OPTIONS
from toy_cdevents.routes import routes
from toy_cdevents.translate import ACCOUNTS, LEDGER, from_record, shows, to_command

__all__ = ["dialect"]

EVENTS = "/cdevents/events"

dialect = Dialect(
    name="cdevents",
    version="0.5.1",
    title="CDEvents",
    paths=("/cdevents",),
    bases=("/cdevents",),
    routes=routes,
    parse=to_command,
    render=from_record,
    render_error=render_error,
    shows=shows,
    lookup=Lookup(
        path=lambda record: f"{EVENTS}/{record.id}",
        pick=lambda body, _record: body,
    ),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset({State.SUCCESS}),
        creates=lambda _org, _project: EVENTS,
        created_status=201,
    ),
    examples=files("toy_cdevents") / "examples",
    schemas=files("toy_cdevents") / "schemas",
    client=CLIENT,
    maturity="example",
)
