"""Updates through one dialect are seen through every other: one slot, four clients taking turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from gateway.conformance.agreement import disagreements
from tests.world import World

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
FIRST, SECOND = "1" * 40, "2" * 40


class Clients:
    """One client per dialect, all at work on ``acme/shop`` in production."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._headers = {"authorization": f"Bearer {token}"}

    async def _send(self, method: str, path: str, body: object) -> httpx.Response:
        answer = await self._world.client.request(method, path, json=body, headers=self._headers)
        assert answer.status_code < 300, f"{path}: {answer.text}"
        return answer

    async def gitlab(self, sha: str, status: str = "success", ref: str = "main") -> int:
        body = {"environment": "production", "sha": sha, "ref": ref, "tag": False}
        path = "/api/v4/projects/acme%2Fshop/deployments"
        answer = await self._send("POST", path, {**body, "status": status})
        number: int = answer.json()["id"]
        return number

    async def gitlab_change(self, number: int, status: str) -> None:
        path = f"/api/v4/projects/acme%2Fshop/deployments/{number}"
        await self._send("PUT", path, {"status": status})

    async def github(self, digest: str, status: str = "deployed") -> dict[str, Any]:
        body = {"name": "ghcr.io/acme/shop", "digest": digest, "status": status}
        body |= {"logical_environment": "production", "deployment_name": "shop"}
        path = "/orgs/acme/artifacts/metadata/deployment-record"
        answer = await self._send("POST", path, {**body, "github_repository": "shop"})
        record: dict[str, Any] = answer.json()["deployment_records"][0]
        return record

    async def chainloop(self, digest: str, status: str = "DEPLOYED") -> None:
        body = {"environment_name": "production", "deployment_name": "shop", "status": status}
        await self._send("POST", "/v1/deployments", {**body, "artifact_digest": digest})

    async def iftrue(self, commit: str, status: str = "succes", node: str | None = None) -> None:
        body = {"title": "t", "branch": "main", "commit_id": commit, "member_id": "m-1"}
        body |= {"repository_url": "https://git.example/acme/shop", "status": status}
        said = {**body, "pull_request_number": 7, "deployment_node_id": node}
        await self._send("POST", "/v1/organization/deployment", said)


async def seen_alike(world: World, expected: Sequence[tuple[str, str]]) -> None:
    """The records are in these states and presences, and every dialect shows them so."""
    records = await world.held()
    assert [(r.state.value, r.presence.value) for r in records] == list(expected)
    token = await world.token("read", user="reader")
    for record in records:
        for dialect, options in world.gateway.services.dialects.values():
            assert await disagreements(world, dialect, options, record, token) == []


async def test_a_slot_passes_from_client_to_client(any_world: World) -> None:
    clients = Clients(any_world, await any_world.token())
    await clients.gitlab(FIRST)
    await seen_alike(any_world, [("success", "live")])
    shown = await clients.github(A)
    await seen_alike(any_world, [("success", "superseded"), ("success", "live")])
    await clients.chainloop(B)
    superseded = ("success", "superseded")
    await seen_alike(any_world, [superseded, superseded, ("success", "live")])
    await clients.iftrue(SECOND)
    await seen_alike(any_world, [superseded] * 3 + [("success", "live")])
    again = await clients.github(A)
    await seen_alike(any_world, [superseded] * 4 + [("success", "live")])
    assert again["id"] == shown["id"], "the slot keeps its number"


async def test_a_gitlab_deployment_is_followed_to_its_end(any_world: World) -> None:
    clients = Clients(any_world, await any_world.token())
    await clients.github(A)
    number = await clients.gitlab(FIRST, "running")
    await seen_alike(any_world, [("success", "live"), ("running", "none")])
    await clients.gitlab_change(number, "success")
    await seen_alike(any_world, [("success", "superseded"), ("success", "live")])
    await clients.gitlab_change(number, "failed")
    await seen_alike(any_world, [("success", "live"), ("failed", "none")])
    await clients.gitlab_change(number, "canceled")
    await seen_alike(any_world, [("success", "live"), ("canceled", "none")])


async def test_what_one_client_records_another_decommissions(any_world: World) -> None:
    clients = Clients(any_world, await any_world.token())
    await clients.github(A)
    await clients.chainloop(A, "DECOMMISSIONED")
    gone = ("success", "decommissioned")
    await seen_alike(any_world, [gone])
    await clients.chainloop(A)
    await seen_alike(any_world, [gone, ("success", "live")])
    await clients.github(B, "decommissioned")
    await seen_alike(any_world, [gone, ("success", "live"), gone])
    await clients.github(A, "decommissioned")
    await seen_alike(any_world, [gone, gone, gone])


async def test_a_restated_artifact_is_one_record_whoever_restates_it(any_world: World) -> None:
    clients = Clients(any_world, await any_world.token())
    await clients.github(A)
    await clients.chainloop(A)
    await clients.gitlab(FIRST)
    await clients.gitlab(FIRST)
    await seen_alike(any_world, [("success", "superseded"), ("success", "live")])


async def test_an_iftrue_attempt_is_followed_by_its_node_id(any_world: World) -> None:
    clients = Clients(any_world, await any_world.token())
    await clients.gitlab(FIRST)
    await clients.iftrue(SECOND, "in_progress", "D_1")
    await seen_alike(any_world, [("success", "live"), ("running", "none")])
    await clients.iftrue(SECOND, "succes", "D_1")
    await seen_alike(any_world, [("success", "superseded"), ("success", "live")])
    await clients.iftrue(SECOND, "fail", "D_1")
    await seen_alike(any_world, [("success", "live"), ("failed", "none")])
    await clients.iftrue(SECOND, "in_progress", "D_1")
    await seen_alike(any_world, [("success", "live"), ("running", "none")])
