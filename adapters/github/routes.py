"""The endpoints: one deployment recorded, and all deployments of a digest."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from adapters.github import envelope
from adapters.github.headers import of_success
from adapters.github.translate import from_records, to_command
from adapters.github.wire import read_create
from gateway.dialect.http import Call, Endpoint


def routes() -> Sequence[Endpoint]:
    """Every endpoint, below both bases."""
    return (
        Endpoint("POST", "/orgs/{org}/artifacts/metadata/deployment-record", create),
        Endpoint(
            "GET", "/orgs/{org}/artifacts/{subject_digest}/metadata/deployment-records", by_digest
        ),
    )


async def create(call: Call) -> Response:
    """Create the record of a slot or update it in place; 200 either way."""
    ctx = await envelope.entered(call)
    said = read_create(envelope.json_body(ctx.raw))
    outcome = await call.services.deployments.record(ctx, to_command(said))
    if not said.return_records:
        return call.reply({"total_count": 1}, headers=of_success("POST"))
    shown = outcome.current or outcome.record
    body = from_records([shown], call.frame)
    return call.reply_record(body, shown, headers=of_success("POST"))


async def by_digest(call: Call) -> Response:
    """All records shown for a digest, by ascending id, on one page."""
    ctx = await envelope.entered(call)
    search = envelope.search(call.segment("subject_digest"))
    found = await call.services.deployments.search(ctx, search)
    return call.reply(from_records(found.records, call.frame), headers=of_success("GET"))
