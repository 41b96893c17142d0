"""Whose record took the slot is told to those alone who may see that record."""

from __future__ import annotations

from typing import Any

from tests.isolation.tenants import asked
from tests.world import World

SLOT = {"org": "acme", "environment": "production", "deployment_name": "shared"}


async def deploy(world: World, project: str, digest: str) -> dict[str, Any]:
    body = {**SLOT, "project": project, "artifact": {"digests": {"sha256": digest * 64}}}
    answer = await world.admin("POST", "/records", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def successors(world: World, token: str, record_id: str) -> list[str | None]:
    """What each answer that shows the record says of its successor."""
    shown = []
    for path in (f"/records/{record_id}", f"/records/{record_id}/views/canonical"):
        answer = await asked(world, token, "GET", f"/gateway/v1{path}")
        shown.append(answer.json()["superseded_by"])
    page = (await asked(world, token, "GET", "/gateway/v1/records")).json()["records"]
    return [*shown, *(r["superseded_by"] for r in page if r["id"] == record_id)]


async def test_a_successor_outside_the_token_is_not_told(world: World) -> None:
    first = await deploy(world, "acme/shop", "a")
    second = await deploy(world, "acme/hidden", "b")
    whole, limited = await world.token(), await world.token(projects=["acme/shop"])
    assert await successors(world, whole, first["id"]) == [second["id"]] * 3
    assert await successors(world, limited, first["id"]) == [None] * 3


async def test_a_successor_of_the_same_project_is_told(world: World) -> None:
    first, second = await deploy(world, "acme/shop", "a"), await deploy(world, "acme/shop", "b")
    limited = await world.token(projects=["acme/shop"])
    assert await successors(world, limited, first["id"]) == [second["id"]] * 3


async def test_a_successor_that_was_removed_is_not_told(world: World) -> None:
    first, second, _ = [await deploy(world, "acme/shop", letter) for letter in "abc"]
    admin = await world.token("admin")
    path = f"/api/v4/projects/acme%2Fshop/deployments/{second['number']}"
    answer = await asked(world, admin, "DELETE", path)
    assert answer.status_code == 202, answer.text
    assert await successors(world, admin, first["id"]) == [None] * 3
