"""GitLab's endpoints by verb and path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from adapters.gitlab import deployments, environments, people, protections
from adapters.gitlab.calls import admit
from adapters.gitlab.refusals import NO_CACHE
from gateway.dialect.http import Call, Endpoint

PROJECT = "/projects/{id}"
DEPLOYMENTS = f"{PROJECT}/deployments"
DEPLOYMENT = f"{DEPLOYMENTS}/{{deployment_id}}"
ENVIRONMENTS = f"{PROJECT}/environments"
ENVIRONMENT = f"{ENVIRONMENTS}/{{environment_id}}"
OWNERS = (PROJECT, "/groups/{id}")


def routes() -> Sequence[Endpoint]:
    """Every endpoint below ``/api/v4``, and OPTIONS on each of their paths."""
    endpoints = (
        Endpoint("GET", DEPLOYMENTS, deployments.listed),
        Endpoint("POST", DEPLOYMENTS, deployments.create),
        Endpoint("GET", DEPLOYMENT, deployments.show),
        Endpoint("PUT", DEPLOYMENT, deployments.update),
        Endpoint("DELETE", DEPLOYMENT, deployments.remove),
        Endpoint("POST", f"{DEPLOYMENT}/approval", deployments.approve),
        Endpoint("GET", f"{DEPLOYMENT}/merge_requests", deployments.merged),
        Endpoint("GET", ENVIRONMENTS, environments.listed),
        Endpoint("POST", ENVIRONMENTS, environments.create),
        Endpoint("POST", f"{ENVIRONMENTS}/stop_stale", environments.stop_stale),
        Endpoint("GET", ENVIRONMENT, environments.show),
        Endpoint("PUT", ENVIRONMENT, environments.update),
        Endpoint("DELETE", ENVIRONMENT, environments.remove),
        Endpoint("POST", f"{ENVIRONMENT}/stop", environments.stop),
        *_protections(),
        Endpoint("GET", "/projects", people.projects),
        Endpoint("GET", PROJECT, people.project),
        Endpoint("GET", "/groups/{id}", people.group),
        Endpoint("GET", "/users", people.users),
        Endpoint("GET", "/user", people.user),
        Endpoint("GET", "/version", people.version),
        Endpoint("GET", "/metadata", people.version),
    )
    return (*endpoints, *_options(endpoints))


def _protections() -> Iterator[Endpoint]:
    for owner in OWNERS:
        every = f"{owner}/protected_environments"
        yield Endpoint("GET", every, protections.listed)
        yield Endpoint("POST", every, protections.create)
        yield Endpoint("GET", f"{every}/{{name}}", protections.show)
        yield Endpoint("PUT", f"{every}/{{name}}", protections.update)
        yield Endpoint("DELETE", f"{every}/{{name}}", protections.remove)


def _options(endpoints: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """OPTIONS on every known path, which needs a credential as any other method does."""
    for path in dict.fromkeys(endpoint.path for endpoint in endpoints):
        verbs = [endpoint.method for endpoint in endpoints if endpoint.path == path]
        head = ["HEAD"] if "GET" in verbs else []
        yield Endpoint("OPTIONS", path, _Allowed(", ".join(("OPTIONS", *verbs, *head))))


@dataclass(frozen=True, slots=True)
class _Allowed:
    allow: str

    async def __call__(self, call: Call) -> Response:
        await admit(call)
        return call.reply(None, status=204, headers={**NO_CACHE, "Allow": self.allow})
