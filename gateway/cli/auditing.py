"""``audit export``: what was done in an org as one JSON object a line."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from adapters.canonical.audit import line_of
from adapters.canonical.envelope import MAX_LIMIT
from gateway.app import Gateway
from gateway.cli.administrator import DatabaseUrl, OrgName, ask, inside
from gateway.cli.exporting import zoned
from gateway.core.audit import AuditSearch

audit_commands = typer.Typer(no_args_is_help=True, help="Who did what in an org.")


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.add_typer(audit_commands, name="audit")


@audit_commands.command("export")
def export(
    org: OrgName,
    since: Annotated[datetime | None, typer.Option(help="done at or after; UTC if unsaid")] = None,
    until: Annotated[datetime | None, typer.Option(help="done at or before; UTC if unsaid")] = None,
    actor: Annotated[str | None, typer.Option(help="a username")] = None,
    action: Annotated[str | None, typer.Option(help="such as token.created")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print the lines of an org's audit as NDJSON, the newest first.

    Example: deployment-gateway audit export --org acme --since 2026-01-31 > audit.ndjson
    """
    search = AuditSearch(
        since=zoned(since),
        until=zoned(until),
        actor=actor,
        action=action,
        limit=MAX_LIMIT,
    )

    async def work(gateway: Gateway) -> None:
        ctx, log = await inside(gateway, org), gateway.services.audit
        async for act in log.lines(ctx, search, await log.page(ctx, search)):
            sys.stdout.buffer.write(line_of(act))
        sys.stdout.buffer.flush()

    ask(database_url, work)
