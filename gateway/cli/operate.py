"""``migrate``, ``adapters`` and ``config``: what an operator does beside serving."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from pydantic import SecretStr

from gateway import registry
from gateway.cli.administrator import DatabaseUrl
from gateway.cli.output import NEGATIVE, Format, Output, failing, refuse, show, show_one
from gateway.settings import load
from gateway.store import is_at_head, migrate
from gateway.store.urls import masked_url

adapter_commands = typer.Typer(no_args_is_help=True, help="The dialects that are installed.")
config_commands = typer.Typer(no_args_is_help=True, help="What the gateway would start with.")


def add_to(app: typer.Typer) -> None:
    """Put the commands on the program."""
    app.command("migrate")(migrate_schema)
    app.add_typer(adapter_commands, name="adapters")
    app.add_typer(config_commands, name="config")


def migrate_schema(
    database_url: DatabaseUrl = None,
    check: Annotated[bool, typer.Option("--check", help="exit 1 when not at head")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="print the statements instead")] = False,
) -> None:
    """Bring the database's schema to head.

    Example: deployment-gateway migrate --database-url postgresql://gateway@db/gateway
    """
    with failing():
        url = load(database_url=database_url).database_url
        if sql:
            from gateway.store.upgrading import offline_sql  # noqa: PLC0415 (Alembic is large)

            typer.echo(offline_sql(url))
        elif not check:
            asyncio.run(migrate(url))
        elif not asyncio.run(is_at_head(url)):
            refuse("the schema is not at head", NEGATIVE)


@adapter_commands.command("list")
def list_adapters(
    output: Output = Format.TEXT,
    json: Annotated[bool, typer.Option("--json", help="the same as -o json")] = False,
) -> None:
    """The installed dialects: version, profile, paths and maturity.

    Example: deployment-gateway adapters list --json
    """
    with failing():
        settings = load()
        rows = [
            {
                "name": name,
                "version": dialect.version,
                "profile": settings.profile_of(name),
                "paths": list(dialect.paths),
                "maturity": dialect.maturity,
            }
            for name, dialect in registry.installed().items()
        ]
    show(rows, Format.JSON if json else output)


@config_commands.command("show")
def show_config(output: Output = Format.TEXT) -> None:
    """The settings in force, secrets masked.

    Example: deployment-gateway config show -o json
    """
    with failing():
        settings = load()
    facts = {name: getattr(settings, name) for name in type(settings).model_fields}
    others = facts.pop("profiles")
    facts |= {f"{name}_profile": profile for name, profile in others.items()}
    masked = {
        name: "********" if isinstance(value, SecretStr) else value for name, value in facts.items()
    }
    masked["database_url"] = masked_url(settings.database_url)
    show_one(masked, output)
