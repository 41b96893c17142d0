"""GitLab's endpoints by verb and path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from adapters.gitlab import deployments, environments, people, protections
from adapters.gitlab.calls import admit
from adapters.gitlab.families import NO_CACHE
from gateway.dialect.http import Call, Endpoint, Shapes

PROJECT = "/projects/{id}"
DEPLOYMENTS = f"{PROJECT}/deployments"
DEPLOYMENT = f"{DEPLOYMENTS}/{{deployment_id}}"
ENVIRONMENTS = f"{PROJECT}/environments"
ENVIRONMENT = f"{ENVIRONMENTS}/{{environment_id}}"
OWNERS = (PROJECT, "/groups/{id}")

_ONE: Shapes = {200: "record"}
_MADE: Shapes = {201: "record"}
_PLACED: Shapes = {200: "placed_environment"}
_GONE: Shapes = {204: None}


def routes() -> Sequence[Endpoint]:
    """Every endpoint below ``/api/v4``, and OPTIONS on each of their paths."""
    endpoints = (*_deployments(), *_environments(), *_protections(), *_neighbours())
    return (*endpoints, *_options(endpoints))


def _deployments() -> Sequence[Endpoint]:
    return (
        Endpoint(
            "GET", DEPLOYMENTS, deployments.listed, query="deployments_query", shapes={200: "list"}
        ),
        Endpoint(
            "POST",
            DEPLOYMENTS,
            deployments.create,
            body="create",
            shapes=_MADE,
            records=True,
            tells_fidelity=True,
        ),
        Endpoint("GET", DEPLOYMENT, deployments.show, shapes=_ONE, tells_fidelity=True),
        Endpoint(
            "PUT", DEPLOYMENT, deployments.update, body="update", shapes=_ONE, tells_fidelity=True
        ),
        Endpoint("DELETE", DEPLOYMENT, deployments.remove, shapes={202: "message", 204: None}),
        Endpoint(
            "POST",
            f"{DEPLOYMENT}/approval",
            deployments.approve,
            body="approve",
            shapes={201: "approval"},
        ),
        Endpoint(
            "GET",
            f"{DEPLOYMENT}/merge_requests",
            deployments.merged,
            query="merge_requests_query",
            shapes={200: "merge_requests"},
        ),
    )


def _environments() -> Sequence[Endpoint]:
    return (
        Endpoint(
            "GET",
            ENVIRONMENTS,
            environments.listed,
            query="environments_query",
            shapes={200: "environments"},
        ),
        Endpoint(
            "POST",
            ENVIRONMENTS,
            environments.create,
            body="environment_create",
            shapes={201: "placed_environment"},
        ),
        Endpoint(
            "POST",
            f"{ENVIRONMENTS}/stop_stale",
            environments.stop_stale,
            body="stop_stale",
            shapes={200: "message"},
        ),
        Endpoint("GET", ENVIRONMENT, environments.show, shapes={200: "environment"}),
        Endpoint(
            "PUT", ENVIRONMENT, environments.update, body="environment_update", shapes=_PLACED
        ),
        Endpoint("DELETE", ENVIRONMENT, environments.remove, shapes=_GONE),
        Endpoint(
            "POST",
            f"{ENVIRONMENT}/stop",
            environments.stop,
            body="environment_stop",
            shapes=_PLACED,
        ),
    )


def _protections() -> Iterator[Endpoint]:
    for owner in OWNERS:
        every = f"{owner}/protected_environments"
        one, shape = f"{every}/{{name}}", "protected_environment"
        yield Endpoint(
            "GET",
            every,
            protections.listed,
            query="pages_query",
            shapes={200: "protected_environments"},
        )
        yield Endpoint("POST", every, protections.create, body="protect", shapes={201: shape})
        yield Endpoint("GET", one, protections.show, shapes={200: shape})
        yield Endpoint("PUT", one, protections.update, body="protect_update", shapes={200: shape})
        yield Endpoint("DELETE", one, protections.remove, shapes=_GONE)


def _neighbours() -> Sequence[Endpoint]:
    """Projects, groups, users and the version."""
    return (
        Endpoint(
            "GET", "/projects", people.projects, query="projects_query", shapes={200: "projects"}
        ),
        Endpoint("GET", PROJECT, people.project, shapes={200: "project"}),
        Endpoint("GET", "/groups/{id}", people.group, shapes={200: "group"}),
        Endpoint(
            "GET",
            "/groups/{id}/projects",
            people.group_projects,
            query="projects_query",
            shapes={200: "projects"},
        ),
        Endpoint("GET", "/users", people.users, query="users_query", shapes={200: "users"}),
        Endpoint("GET", "/users/{id}", people.other, shapes={200: "profile"}),
        Endpoint("GET", "/user", people.user, shapes={200: "user"}),
        Endpoint("GET", "/version", people.version, shapes={200: "version"}),
        Endpoint("GET", "/metadata", people.version, shapes={200: "version"}),
    )


def _options(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """OPTIONS on every known path, which needs a credential as any other method does."""
    for path in dict.fromkeys(endpoint.path for endpoint in endpoints):
        verbs = [endpoint.method for endpoint in endpoints if endpoint.path == path]
        head = ["HEAD"] if "GET" in verbs else []
        yield Endpoint(
            "OPTIONS", path, _Allowed(", ".join(("OPTIONS", *verbs, *head))), shapes=_GONE
        )


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What may be asked of the path."""

    allow: str

    async def __call__(self, call: Call) -> Response:
        await admit(call)
        return call.reply(None, status=204, headers={**NO_CACHE, "Allow": self.allow})
