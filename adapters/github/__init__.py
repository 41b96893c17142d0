"""GitHub's dialect: artifact deployment records of an organization."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from adapters.github.bulk import read_again, worded_again
from adapters.github.client import CLIENT
from adapters.github.documentation import BASES, single_slash
from adapters.github.envelope import CREDENTIALS
from adapters.github.headers import standing
from adapters.github.ledgers import ACCOUNTS
from adapters.github.options import OPTIONS
from adapters.github.refusals import render_error
from adapters.github.routes import routes
from adapters.github.translate import LEDGER, from_record, parse, shows
from gateway.core import digests
from gateway.core.model import Record, State
from gateway.dialect import Capabilities, Dialect
from gateway.dialect.frame import Lookup, Wire
from gateway.dialect.resources import examples_of, schemas_of
from gateway.jobs import Worked

_HEADS = ("/orgs", "/repos", "/versions", "/rate_limit", "/zen", "/meta")


def _path(record: Record) -> str:
    """The list by digest, the one place where GitHub itself shows a record to a reader.

    A record with neither a digest nor a full commit is only in the gateway's own list.
    """
    artifacts = f"/orgs/{quote(record.org.name)}/artifacts"
    digest = digests.spelled(record.artifact.digests, record.source.commit)
    if digest is not None:
        return f"{artifacts}/{digest}/metadata/deployment-records"
    slot = {"environment": record.environment.name, "deployment_name": record.slot.name}
    return f"{artifacts}/metadata/deployment-records?{urlencode(slot)}"


def _pick(body: Any, record: Record) -> Wire | None:
    items = body.get("deployment_records", ())
    return next((item for item in items if item["id"] == record.slot.number), None)


dialect = Dialect(
    name="github",
    title="GitHub",
    version="2026-03-10",
    # A client whose base URL ends in a slash asks for "//orgs" or "//api/v3".
    paths=(*_HEADS, BASES[1], *(f"/{head}" for head in (*_HEADS, BASES[1]))),
    bases=BASES,
    routes=routes,
    parse=parse,
    render=from_record,
    render_error=render_error,
    shows=shows,
    lookup=Lookup(path=_path, pick=_pick),
    ledger=LEDGER,
    accounts=ACCOUNTS,
    options=OPTIONS,
    capabilities=Capabilities(
        states=frozenset({State.SUCCESS}),
        creates=lambda org, _project: f"/orgs/{org}/artifacts/metadata/deployment-record",
        created_status=200,
        can_decommission=True,
    ),
    examples=examples_of("adapters.github"),
    schemas=schemas_of("github"),
    jobs=Worked(read=read_again, worded=worded_again),
    media_type="application/json; charset=utf-8",
    credentials=CREDENTIALS,
    headers=standing,
    route_path=single_slash,
    client=CLIENT,
)
