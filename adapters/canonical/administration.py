"""``/gateway/v1/orgs…``: orgs, users, tokens, groups and projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from adapters.canonical import wire
from adapters.canonical.reading import caller_of, entered, json_body
from adapters.canonical.translate import from_user, rfc3339, validated
from gateway.core.context import Context, Permission
from gateway.core.errors import NotFound
from gateway.core.members import Group, Token
from gateway.core.model import Org, Project
from gateway.dialect.frame import Wire
from gateway.dialect.http import Call, Endpoint

Body = TypeVar("Body", bound=BaseModel)


def administration() -> Sequence[Endpoint]:
    """The endpoints of an org's administrators."""
    return (
        Endpoint("POST", "/orgs", make_org, body="org_create", shapes={201: "org"}),
        Endpoint("GET", "/orgs", orgs, shapes={200: "orgs"}),
        Endpoint("GET", "/orgs/{org}", org, shapes={200: "org"}),
        Endpoint("POST", "/orgs/{org}/users", make_user, body="user_create", shapes={201: "user"}),
        Endpoint("GET", "/orgs/{org}/users", users, shapes={200: "users"}),
        Endpoint(
            "POST", "/orgs/{org}/tokens", make_token, body="token_create", shapes={201: "issued"}
        ),
        Endpoint("GET", "/orgs/{org}/tokens", tokens, shapes={200: "tokens"}),
        Endpoint("DELETE", "/orgs/{org}/tokens/{id}", revoke_token, shapes={204: None}),
        Endpoint(
            "POST", "/orgs/{org}/groups", make_group, body="group_create", shapes={201: "group"}
        ),
        Endpoint("GET", "/orgs/{org}/groups", groups, shapes={200: "groups"}),
        Endpoint(
            "POST",
            "/orgs/{org}/projects",
            make_project,
            body="project_create",
            shapes={201: "project", 200: "project"},
        ),
        Endpoint("GET", "/orgs/{org}/projects", projects, shapes={200: "projects"}),
    )


async def make_org(call: Call) -> Response:
    """Make an org; the instance administrator alone may."""
    said = await json_body(call)
    caller = await caller_of(call)
    body = validated(wire.OrgBody, said)
    made = await call.services.directory.make_org(
        caller, body.name, body.aliases, request_id=call.request_id
    )
    return call.reply(_from_org(made), status=201)


async def orgs(call: Call) -> Response:
    """All orgs, or the caller's own."""
    found = await call.services.listings.orgs(await caller_of(call))
    return call.reply({"orgs": [_from_org(org) for org in found]})


async def org(call: Call) -> Response:
    """One org, by name or alias."""
    return call.reply(_from_org((await _inside(call)).org))


async def make_user(call: Call) -> Response:
    """Make a user of the org."""
    ctx, body = await _asked(call, wire.UserBody)
    made = await call.services.directory.make_user(
        ctx, body.username, name=body.name, external_id=body.external_id
    )
    return call.reply(from_user(made), status=201)


async def users(call: Call) -> Response:
    """All users of the org."""
    found = await call.services.directory.users(await _inside(call))
    return call.reply({"users": [from_user(user) for user in found]})


async def make_token(call: Call) -> Response:
    """Make a token; its secret is shown in both forms, this once."""
    ctx, body = await _asked(call, wire.TokenBody)
    issued = await call.services.directory.issue_token(
        ctx,
        name=body.name,
        username=body.user,
        permission=Permission[body.permission.upper()],
        projects=body.projects,
        expires_at=body.expires_at,
    )
    shown = _from_token(issued.token, await _paths(call, ctx))
    return call.reply({**shown, "token": issued.secret.token, "jwt": issued.secret.jwt}, status=201)


async def tokens(call: Call) -> Response:
    """All tokens of the org without their secrets, the oldest first."""
    ctx = await _inside(call)
    found = await call.services.directory.tokens(ctx)
    paths = await _paths(call, ctx)
    return call.reply({"tokens": [_from_token(token, paths) for token in found]})


async def revoke_token(call: Call) -> Response:
    """Revoke a token: it is refused from the next request on."""
    ctx = await _inside(call)
    try:
        token_id = UUID(call.segment("id"))
    except ValueError:
        raise NotFound("token", call.segment("id")) from None
    await call.services.directory.revoke_token(ctx, token_id)
    return call.reply(None, status=204)


async def make_group(call: Call) -> Response:
    """Make a group: a named set of users."""
    ctx, body = await _asked(call, wire.GroupBody)
    made = await call.services.directory.make_group(ctx, body.name, body.members)
    return call.reply(_from_group(made), status=201)


async def groups(call: Call) -> Response:
    """All groups of the org."""
    found = await call.services.directory.groups(await _inside(call))
    return call.reply({"groups": [_from_group(group) for group in found]})


async def make_project(call: Call) -> Response:
    """Make a project; one that exists is the answer as well, with 200."""
    ctx, body = await _asked(call, wire.ProjectBody)
    made, is_new = await call.services.directory.make_project(ctx, body.path)
    return call.reply(_from_project(made), status=201 if is_new else 200)


async def projects(call: Call) -> Response:
    """The projects that the caller may see."""
    found = await call.services.deployments.projects(await _inside(call))
    return call.reply({"projects": [_from_project(project) for project in found]})


async def _inside(call: Call) -> Context:
    return await entered(call, call.segment("org"))


async def _asked(call: Call, model: type[Body]) -> tuple[Context, Body]:
    said = await json_body(call)
    ctx = await _inside(call)
    return ctx, validated(model, said)


async def _paths(call: Call, ctx: Context) -> dict[UUID, str]:
    return {project.id: project.path for project in await call.services.deployments.projects(ctx)}


def _from_org(found: Org) -> Wire:
    return {
        "id": str(found.id),
        "number": found.number,
        "name": found.name,
        "aliases": list(found.aliases),
        "created_at": rfc3339(found.created_at),
    }


def _from_project(project: Project) -> Wire:
    return {"id": str(project.id), "number": project.number, "path": project.path}


def _from_group(group: Group) -> Wire:
    return {
        "id": str(group.id),
        "number": group.number,
        "name": group.name,
        "members": [member.username for member in group.members],
    }


def _from_token(token: Token, paths: dict[UUID, str]) -> Wire:
    limited = token.projects
    return {
        "id": str(token.id),
        "name": token.name,
        "user": token.user.username,
        "permission": token.permission.word,
        "projects": sorted(paths[found] for found in limited) if limited is not None else None,
        "created_at": rfc3339(token.created_at),
        "expires_at": rfc3339(token.expires_at),
        "revoked_at": rfc3339(token.revoked_at),
    }
