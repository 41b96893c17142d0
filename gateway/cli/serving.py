"""``serve``: the gateway itself, and the small demo org that shows it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from typing import Annotated

import typer
from pydantic import SecretStr

from gateway import server
from gateway.app import Gateway, spoken
from gateway.cli import demo
from gateway.cli.administrator import DatabaseUrl, ask, prepare
from gateway.cli.output import UNAVAILABLE, failing
from gateway.logs import configure
from gateway.settings import PREFIX, Settings, load


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(show_default=False)] = None,
    port: Annotated[int | None, typer.Option(show_default=False)] = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    with_demo: Annotated[bool, typer.Option("--demo", help="with a small demo org")] = False,
) -> None:
    """Run the gateway.

    Example: deployment-gateway serve --port 8080 --database-url sqlite:///gateway.db
    """
    with failing():
        admin_token = None
        if with_demo and f"{PREFIX}ADMIN_TOKEN" not in os.environ:
            admin_token = SecretStr(secrets.token_urlsafe(32))
        settings = load(host=host, port=port, database_url=database_url, admin_token=admin_token)
        spoken(settings)  # an adapter that cannot be mounted is told of here, not by each worker
        configure(settings.log_format, settings.log_level)
        listener = _bound(settings)
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        _hand_over(settings)
        asyncio.run(prepare(settings))
    if with_demo:
        _show_demo(settings)
    if not server.run(settings, listener, workers):
        raise SystemExit(UNAVAILABLE)


def _bound(settings: Settings) -> socket.socket:
    try:
        return server.bound(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        typer.echo(f"deployment-gateway: cannot listen on {where}: {error.strerror}", err=True)
        raise SystemExit(UNAVAILABLE) from None


def _hand_over(settings: Settings) -> None:
    """Worker processes read the environment; what the command line said goes there too.

    Profiles of other adapters are said nowhere else.
    """
    said = settings.model_dump(include=settings.model_fields_set - {"profiles"})
    for name, value in said.items():
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        os.environ[PREFIX + name.upper()] = text


def _show_demo(settings: Settings) -> None:
    async def work(gateway: Gateway) -> str:
        return await demo.prepare(gateway)

    token = ask(settings.database_url, work)
    typer.echo(demo.greeting(settings, token))
