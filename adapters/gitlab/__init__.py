"""GitLab's REST API v4: deployments and what clients ask for around them."""

from __future__ import annotations

from urllib.parse import quote

from adapters.gitlab.calls import arrive
from adapters.gitlab.client import CLIENT
from adapters.gitlab.deployments import view
from adapters.gitlab.envelope import CREDENTIALS, encode, route_path
from adapters.gitlab.headers import dress, standing_headers
from adapters.gitlab.ledgers import ACCOUNTS
from adapters.gitlab.options import OPTIONS
from adapters.gitlab.refusals import render_error
from adapters.gitlab.routes import routes
from adapters.gitlab.translate import LEDGER, from_record, parse
from adapters.gitlab.wire import WRITABLE
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup
from gateway.dialect.resources import examples_of, schemas_of

dialect = Dialect(
    name="gitlab",
    title="GitLab",
    version="v4",
    # A client whose base URL ends in a slash asks for "//api/v4".
    paths=("/api/v4", "//api/v4"),
    bases=("/api/v4",),
    routes=routes,
    parse=parse,
    render=from_record,
    render_error=render_error,
    shows=lambda _record: True,
    lookup=Lookup(
        path=lambda record: f"/api/v4/projects/{record.project.number}/deployments/{record.number}",
        pick=lambda body, _record: body,
    ),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset(WRITABLE),
        creates=lambda _org, project: f"/api/v4/projects/{quote(project, safe='')}/deployments",
        created_status=201,
    ),
    examples=examples_of("adapters.gitlab"),
    schemas=schemas_of("gitlab"),
    body_types=(
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ),
    credentials=CREDENTIALS,
    encode=encode,
    headers=standing_headers,
    route_path=route_path,
    arrive=arrive,
    dress=dress,
    client=CLIENT,
    view=view,
)
