"""``export``: records as one JSON object a line, however many there are."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.app import Gateway
from gateway.cli.administrator import ADMINISTRATOR, DatabaseUrl, ask, inside
from gateway.core.context import Context
from gateway.core.model import Record
from gateway.core.search import Bounds, Search
from gateway.dialect.frame import Frame

_PAGE = 500


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command("export")(export)


def export(
    org: Annotated[str | None, typer.Option(help="this org alone")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="created at or after; UTC if unsaid")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print the records of all orgs as NDJSON, the newest of each org first.

    Example: deployment-gateway export --org acme --since 2026-01-31 > acme.ndjson
    """
    bounds = Bounds(after=zoned(since))

    async def work(gateway: Gateway) -> None:
        orgs = await gateway.services.listings.orgs(ADMINISTRATOR)
        for name in [org] if org else [found.name for found in orgs]:
            ctx = await inside(gateway, name)
            async for record in records(gateway, ctx, bounds):
                sys.stdout.buffer.write(_line(gateway, record))
        sys.stdout.buffer.flush()

    ask(database_url, work)


def zoned(said: datetime | None) -> datetime | None:
    """A moment of the command line: in its own zone, or in UTC where it names none."""
    return said.replace(tzinfo=UTC) if said is not None and said.tzinfo is None else said


async def records(gateway: Gateway, ctx: Context, bounds: Bounds) -> AsyncIterator[Record]:
    """Page after page; what is recorded meanwhile has higher numbers and is left out."""
    deployments, below = gateway.services.deployments, None
    while True:
        search = Search(created=bounds, is_descending=True, limit=_PAGE, below_number=below)
        found = await deployments.search(ctx, search)
        for record in await deployments.with_seen_successors(ctx, found.records):
            yield record
        if len(found.records) < _PAGE:
            return
        below = found.records[-1].number


def _line(gateway: Gateway, record: Record) -> bytes:
    dialect, options = gateway.services.dialects["canonical"]
    return dialect.encode(dialect.render(record, Frame(options=options))) + b"\n"
