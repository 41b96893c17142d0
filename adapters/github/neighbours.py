"""What GitHub's clients ask for around artifact metadata, as far as they need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from starlette.responses import Response

from adapters.github import envelope, headers
from adapters.github.answers import fresh, public
from adapters.github.documentation import base_of
from gateway.core.commands import ProjectPath
from gateway.core.errors import NotFound
from gateway.core.model import Org, Project
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.http import Call, Endpoint
from gateway.dialect.limits import Allowance
from gateway.dialect.moments import seconds

ZEN = "One record of every deployment."


def routes() -> Sequence[Endpoint]:
    """Every endpoint, below both bases."""
    return (
        Endpoint("GET", "/versions", versions, shapes={200: "versions"}, is_public=True),
        Endpoint("GET", "/rate_limit", rate_limit, shapes={200: "rate_limit"}),
        Endpoint("GET", "/zen", zen, shapes={200: "zen"}, is_public=True),
        Endpoint("GET", "/meta", meta, shapes={200: "meta"}, is_public=True),
        Endpoint("GET", "/orgs/{org}", org, shapes={200: "organization"}),
        Endpoint("GET", "/repos/{org}/{repo}", repository, shapes={200: "repository"}),
    )


async def versions(call: Call) -> Response:
    """The API versions served, the oldest first."""
    return public(call, sorted(headers.VERSIONS))


async def meta(call: Call) -> Response:
    """About the host; GitHub's lists of addresses have no meaning here."""
    return public(call, {"verifiable_password_authentication": False})


async def zen(call: Call) -> Response:
    """A sentence, as text."""
    headers.check_request(call.frame.headers)
    answer = call.reply(None, headers={"content-type": "text/plain; charset=utf-8"})
    answer.body = ZEN.encode()
    answer.headers["content-length"] = str(len(answer.body))
    return answer


async def rate_limit(call: Call) -> Response:
    """What the caller may still ask; asking is free."""
    caller = await envelope.admitted(call, is_counted=False)
    limiter = call.services.limiter
    if limiter is not None:
        call.frame = replace(call.frame, allowance=limiter.look(caller))
    left = _spelled(headers.allowance(call.frame.allowance))
    body: Wire = {"resources": {"core": left}}
    if headers.selected_version(call.frame) == headers.DEFAULT_VERSION:
        body["rate"] = left  # gone from the newer version
    return call.reply(body, headers=headers.of_success("GET"))


async def org(call: Call) -> Response:
    """An organization the caller may enter."""
    ctx = await envelope.entered(call)
    return fresh(call, _organization(ctx.org, call.frame))


async def repository(call: Call) -> Response:
    """A repository: a project of the organization."""
    ctx = await envelope.entered(call)
    name = call.segment("repo")
    try:
        project = await call.services.deployments.project(ctx, ProjectPath(name))
    except NotFound:
        raise NotFound("repository", name) from None
    return fresh(call, _repository(project, ctx.org, call.frame))


def _spelled(left: Allowance) -> Wire:
    return {
        "limit": left.limit,
        "used": left.observed,
        "remaining": left.remaining,
        "reset": left.reset,
    }


def _root(frame: Frame) -> str:
    """Below what the API is, as the client asks for it."""
    return f"{frame.base_url}{base_of(frame.path)}"


def _organization(org: Org, frame: Frame) -> Wire:
    url = f"{_root(frame)}/orgs/{org.name}"
    return {
        "login": org.name,
        "id": org.number,
        "node_id": str(org.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "description": None,
        "name": org.name,
        "html_url": f"{frame.base_url}/{org.name}",
        "created_at": seconds(org.created_at),
        "type": "Organization",
    }


def _repository(project: Project, org: Org, frame: Frame) -> Wire:
    return {
        "id": project.number,
        "node_id": str(project.id),
        "name": project.name,
        "full_name": project.path,
        "private": True,
        "owner": {
            "login": org.name,
            "id": org.number,
            "node_id": str(org.id),
            "url": f"{_root(frame)}/orgs/{org.name}",
            "type": "Organization",
            "site_admin": False,
        },
        "html_url": f"{frame.base_url}/{quote(project.path)}",
        "description": None,
        "fork": False,
        "url": f"{_root(frame)}/repos/{org.name}/{quote(project.name, safe='')}",
        "created_at": seconds(project.created_at),
    }
