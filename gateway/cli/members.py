"""``org``, ``user`` and ``group``: the same use cases as ``/gateway/v1/orgs…``."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.app import Gateway
from gateway.cli import tokens
from gateway.cli.administrator import ADMINISTRATOR, DatabaseUrl, OrgName, ask, inside
from gateway.cli.output import Format, Output, show, show_one
from gateway.core.members import Group
from gateway.core.model import Org, User

org_commands = typer.Typer(no_args_is_help=True, help="Orgs and their aliases.")
user_commands = typer.Typer(no_args_is_help=True, help="Users of an org.")
group_commands = typer.Typer(no_args_is_help=True, help="Groups of users.")


def add_to(app: typer.Typer) -> None:
    """Put the families of commands on the program."""
    app.add_typer(org_commands, name="org")
    app.add_typer(user_commands, name="user")
    tokens.add_to(app)
    app.add_typer(group_commands, name="group")


@org_commands.command("create")
def create_org(
    name: str,
    alias: Annotated[list[str] | None, typer.Option(help="another name of it")] = None,
    database_url: DatabaseUrl = None,
    output: Output = Format.TEXT,
) -> None:
    """Make an org.

    Example: deployment-gateway org create acme --alias acme-inc
    """

    async def work(gateway: Gateway) -> Org:
        return await gateway.services.directory.make_org(ADMINISTRATOR, name, alias or [])

    show_one(_org(ask(database_url, work)), output)


@org_commands.command("list")
def list_orgs(database_url: DatabaseUrl = None, output: Output = Format.TEXT) -> None:
    """All orgs.

    Example: deployment-gateway org list -o json
    """

    async def work(gateway: Gateway) -> tuple[Org, ...]:
        return await gateway.services.listings.orgs(ADMINISTRATOR)

    show([_org(found) for found in ask(database_url, work)], output)


@org_commands.command("alias")
def alias_org(
    name: str, alias: str, database_url: DatabaseUrl = None, output: Output = Format.TEXT
) -> None:
    """Give an org another name.

    Example: deployment-gateway org alias acme acme-inc
    """

    async def work(gateway: Gateway) -> Org:
        found = (await inside(gateway, name)).org
        return await gateway.services.directory.add_alias(ADMINISTRATOR, found, alias)

    show_one(_org(ask(database_url, work)), output)


@user_commands.command("create")
def create_user(
    username: str,
    org: OrgName,
    name: Annotated[str | None, typer.Option(help="the full name")] = None,
    external_id: Annotated[str | None, typer.Option(help="what another tool calls them")] = None,
    database_url: DatabaseUrl = None,
    output: Output = Format.TEXT,
) -> None:
    """Make a user.

    Example: deployment-gateway user create kim --org acme --name "Kim Park"
    """

    async def work(gateway: Gateway) -> User:
        ctx = await inside(gateway, org)
        return await gateway.services.directory.make_user(
            ctx, username, name=name, external_id=external_id
        )

    show_one(_user(ask(database_url, work)), output)


@user_commands.command("list")
def list_users(
    org: OrgName, database_url: DatabaseUrl = None, output: Output = Format.TEXT
) -> None:
    """All users of an org.

    Example: deployment-gateway user list --org acme
    """

    async def work(gateway: Gateway) -> tuple[User, ...]:
        return await gateway.services.directory.users(await inside(gateway, org))

    show([_user(found) for found in ask(database_url, work)], output)


@group_commands.command("create")
def create_group(
    name: str,
    org: OrgName,
    member: Annotated[list[str] | None, typer.Option(help="a username")] = None,
    database_url: DatabaseUrl = None,
    output: Output = Format.TEXT,
) -> None:
    """Make a group of users.

    Example: deployment-gateway group create ops --org acme --member kim
    """

    async def work(gateway: Gateway) -> Group:
        ctx = await inside(gateway, org)
        return await gateway.services.directory.make_group(ctx, name, member or [])

    show_one(_group(ask(database_url, work)), output)


@group_commands.command("add")
def add_to_group(
    name: str,
    username: str,
    org: OrgName,
    database_url: DatabaseUrl = None,
    output: Output = Format.TEXT,
) -> None:
    """Add a user to a group.

    Example: deployment-gateway group add ops kim --org acme
    """

    async def work(gateway: Gateway) -> Group:
        ctx = await inside(gateway, org)
        return await gateway.services.directory.add_to_group(ctx, name, username)

    show_one(_group(ask(database_url, work)), output)


@group_commands.command("list")
def list_groups(
    org: OrgName, database_url: DatabaseUrl = None, output: Output = Format.TEXT
) -> None:
    """All groups of an org.

    Example: deployment-gateway group list --org acme
    """

    async def work(gateway: Gateway) -> tuple[Group, ...]:
        return await gateway.services.directory.groups(await inside(gateway, org))

    show([_group(found) for found in ask(database_url, work)], output)


def _org(org: Org) -> dict[str, object]:
    return {"id": str(org.id), "name": org.name, "aliases": list(org.aliases)}


def _user(user: User) -> dict[str, object]:
    return {
        "number": user.number,
        "username": user.username,
        "name": user.name,
        "external_id": user.external_id,
    }


def _group(group: Group) -> dict[str, object]:
    return {
        "number": group.number,
        "name": group.name,
        "members": [member.username for member in group.members],
    }
