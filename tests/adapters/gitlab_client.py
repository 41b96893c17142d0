"""A GitLab client for the tests; every answer it gets has to fit the dialect's schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.gitlab import dialect
from tests.schemas import misfits
from tests.world import World

SHA = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"
SHOP = "/projects/acme%2Fshop"
DEPLOYMENTS = f"{SHOP}/deployments"

_SCHEMAS = (
    (r"/projects/[^/]+/deployments", {"GET": "list", "POST": "record"}),
    (r"/projects/[^/]+/deployments/[^/]+", {"GET": "record", "PUT": "record"}),
    (r"/projects/[^/]+/deployments/[^/]+/approval", {"POST": "approval"}),
    (r"/projects/[^/]+/deployments/[^/]+/merge_requests", {"GET": "merge_requests"}),
    (r"/projects/[^/]+/environments", {"GET": "environments", "POST": "placed_environment"}),
    (r"/projects/[^/]+/environments/stop_stale", {}),
    (r"/projects/[^/]+/environments/[^/]+", {"GET": "environment", "PUT": "placed_environment"}),
    (r"/projects/[^/]+/environments/[^/]+/stop", {"POST": "placed_environment"}),
    (
        r"/(projects|groups)/[^/]+/protected_environments",
        {"GET": "protected_environments", "POST": "protected_environment"},
    ),
    (
        r"/(projects|groups)/[^/]+/protected_environments/[^/]+",
        {"GET": "protected_environment", "PUT": "protected_environment"},
    ),
    (r"/projects", {"GET": "projects"}),
    (r"/projects/[^/]+", {"GET": "project"}),
    (r"/groups/[^/]+", {"GET": "group"}),
    (r"/users", {"GET": "users"}),
    (r"/user", {"GET": "user"}),
    (r"/(version|metadata)", {"GET": "version"}),
)


def said(**changes: object) -> dict[str, Any]:
    """The parameters of a create, as the documentation's curl line says them."""
    known = {"environment": "production", "sha": SHA, "ref": "main", "tag": "false"}
    return {**known, "status": "success", **changes}


@dataclass
class Client:
    """Asks below ``/api/v4`` with one token."""

    world: World
    token: str

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Ask, and hold the answer against its schema."""
        answer = await self.world.client.request(
            method,
            f"/api/v4{path}",
            headers={"PRIVATE-TOKEN": self.token, **(headers or {})},
            **more,
        )
        assert misfit(answer) == [], answer.text
        return answer

    async def get(self, path: str, **query: object) -> Any:
        """The body of a GET that succeeds."""
        answer = await self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, path: str = DEPLOYMENTS, **changes: object) -> dict[str, Any]:
        """A new deployment, or the live one."""
        answer = await self.ask("POST", path, json=said(**changes))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def put(self, number: object, status: str) -> httpx.Response:
        """Move a deployment on."""
        return await self.ask("PUT", f"{DEPLOYMENTS}/{number}", data={"status": status})

    async def listed(self, **query: object) -> list[int]:
        """The numbers of a list's deployments."""
        return [item["id"] for item in await self.get(DEPLOYMENTS, **query)]


def misfit(answer: httpx.Response) -> list[str]:
    """Where an answer does not fit the schema of its endpoint, or of a refusal."""
    is_json = answer.headers.get("content-type") == "application/json"
    if answer.status_code == 304:
        return []
    if answer.status_code >= 500:
        return [f"{answer.status_code}"]
    if answer.request.method == "HEAD":
        return []
    if answer.status_code >= 400:
        return misfits(dialect, "error", answer.json() if is_json else answer.text)
    path = answer.request.url.raw_path.decode().partition("?")[0].removeprefix("/api/v4")
    path = re.sub(r"\.[a-z]+$", "", path)
    if not answer.content:
        return []
    for pattern, by_method in _SCHEMAS:
        name = by_method.get(answer.request.method)
        if re.fullmatch(pattern, path) and name is not None:
            return misfits(dialect, name, answer.json())
    return []


async def client(world: World, permission: str = "write", **more: Any) -> Client:
    """A client with a new token."""
    return Client(world, await world.token(permission, **more))
