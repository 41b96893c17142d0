"""``token``: the same use cases as ``/gateway/v1/orgs/{org}/tokens``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from gateway.app import Gateway
from gateway.cli.administrator import DatabaseUrl, OrgName, ask, inside
from gateway.cli.output import Format, Output, show, show_one
from gateway.core.context import Context, Permission
from gateway.core.errors import NotFound
from gateway.core.members import Token

_SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

token_commands = typer.Typer(no_args_is_help=True, help="Credentials of an org.")


class PermissionName(StrEnum):
    """What a token may do."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


def add_to(app: typer.Typer) -> None:
    """Put the family of commands on the program."""
    app.add_typer(token_commands, name="token")


@token_commands.command("create")
def create_token(
    org: OrgName,
    user: Annotated[str, typer.Option(help="whose it is; made when new")] = "automation",
    permission: PermissionName = PermissionName.WRITE,
    project: Annotated[list[str] | None, typer.Option(help="limit it to this project")] = None,
    expires: Annotated[str | None, typer.Option(help="a span such as 90d, 12h")] = None,
    name: str = "",
    database_url: DatabaseUrl = None,
    output: Output = Format.TEXT,
) -> None:
    """Make a token and print its secret, this once.

    Example: deployment-gateway token create --org acme --permission write --expires 90d
    """
    expires_at = _end_of(expires)

    async def work(gateway: Gateway) -> dict[str, object]:
        ctx = await inside(gateway, org)
        issued = await gateway.services.directory.issue_token(
            ctx,
            name=name,
            username=user,
            permission=Permission[permission.name],
            projects=project,
            expires_at=expires_at,
        )
        shown = _token(issued.token, await _paths(gateway, ctx))
        return {**shown, "token": issued.secret.token, "jwt": issued.secret.jwt}

    show_one(ask(database_url, work), output)


@token_commands.command("list")
def list_tokens(
    org: OrgName, database_url: DatabaseUrl = None, output: Output = Format.TEXT
) -> None:
    """All tokens of an org, without their secrets.

    Example: deployment-gateway token list --org acme
    """

    async def work(gateway: Gateway) -> list[dict[str, object]]:
        ctx = await inside(gateway, org)
        found = await gateway.services.directory.tokens(ctx)
        paths = await _paths(gateway, ctx)
        return [_token(token, paths) for token in found]

    show(ask(database_url, work), output)


@token_commands.command("revoke")
def revoke_token(token_id: str, org: OrgName, database_url: DatabaseUrl = None) -> None:
    """Refuse a token from the next request on.

    Example: deployment-gateway token revoke 01a1fe28-2c24-74b3-ad19-69a6aa0e11ad --org acme
    """

    async def work(gateway: Gateway) -> None:
        try:
            found = UUID(token_id)
        except ValueError:
            raise NotFound("token", token_id) from None
        await gateway.services.directory.revoke_token(await inside(gateway, org), found)

    ask(database_url, work)


def _end_of(span: str | None) -> datetime | None:
    if span is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", span)
    if match is None:
        raise typer.BadParameter("a span is a number and m, h, d or w, such as 90d")
    return datetime.now(UTC) + timedelta(**{_SPANS[match[2]]: int(match[1])})


async def _paths(gateway: Gateway, ctx: Context) -> dict[UUID, str]:
    return {found.id: found.path for found in await gateway.services.deployments.projects(ctx)}


def _token(token: Token, paths: Mapping[UUID, str]) -> dict[str, object]:
    limited = token.projects
    return {
        "id": str(token.id),
        "name": token.name,
        "user": token.user.username,
        "permission": token.permission.word,
        "projects": sorted(paths[found] for found in limited) if limited is not None else None,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }
