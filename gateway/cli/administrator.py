"""A command's way to the store: as the instance administrator, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from gateway.app import Gateway, build
from gateway.cli.output import UNAVAILABLE, failing, refuse
from gateway.core.context import Caller, Context, Permission
from gateway.core.members import ROOT
from gateway.settings import Settings, load
from gateway.store import is_at_head, migrate

Answer = TypeVar("Answer")

DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="sqlite:///file.db or postgresql://…", show_default=False),
]
OrgName = Annotated[str, typer.Option("--org", help="the org's name or alias")]

ADMINISTRATOR = Caller(user=ROOT, permission=Permission.ADMIN)


async def prepare(settings: Settings) -> None:
    """An embedded database is migrated here; a server's must have been, by ``migrate``."""
    if settings.database_url.startswith("sqlite:"):
        await migrate(settings.database_url)
    elif not await is_at_head(settings.database_url):
        refuse("run `deployment-gateway migrate` first", UNAVAILABLE)


def ask(database_url: str | None, work: Callable[[Gateway], Awaitable[Answer]]) -> Answer:
    """Run ``work`` on an open gateway, whose database is prepared first."""

    async def opened() -> Answer:
        settings = load(database_url=database_url)
        await prepare(settings)
        gateway = build(settings)
        try:
            return await work(gateway)
        finally:
            await gateway.store.close()

    with failing():
        return asyncio.run(opened())
    raise AssertionError("failing() exits")


async def inside(gateway: Gateway, org: str) -> Context:
    """The administrator inside an org. Raises ``NotFound``."""
    found = await gateway.access.org(ADMINISTRATOR, org)
    return Context(caller=ADMINISTRATOR, org=found, dialect="canonical")
