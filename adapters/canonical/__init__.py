"""The gateway's own API, ``/gateway/v1``: a dialect like the others that loses nothing."""

from __future__ import annotations

from adapters.canonical.client import CLIENT
from adapters.canonical.errors import render_error
from adapters.canonical.ledgers import ACCOUNTS
from adapters.canonical.options import OPTIONS
from adapters.canonical.record_ledger import LEDGER
from adapters.canonical.routes import routes
from adapters.canonical.translate import from_record, to_command
from gateway.core.model import State
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup
from gateway.dialect.resources import examples_of, schemas_of

dialect = Dialect(
    name="canonical",
    title="The gateway's own API",
    version="v1",
    paths=("/gateway/v1",),
    bases=("/gateway/v1",),
    routes=routes,
    parse=to_command,
    render=from_record,
    render_error=render_error,
    shows=lambda _record: True,
    lookup=Lookup(
        path=lambda record: f"/gateway/v1/records/{record.id}",
        pick=lambda body, _record: body,
    ),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset(State),
        creates=lambda _org, _project: "/gateway/v1/records",
        created_status=201,
        can_decommission=True,
    ),
    examples=examples_of("adapters.canonical"),
    schemas=schemas_of("canonical"),
    client=CLIENT,
)
