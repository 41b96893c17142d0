"""A key that a user spent on one project says nothing to a token of theirs for another."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.world import World

RECORDS = "/gateway/v1/records"
SAID = {"org": "acme", "environment": "production", "deployment_name": "same"}
"""The token says which project is meant."""


def said(letter: str, **more: object) -> dict[str, Any]:
    return {**SAID, "artifact": {"digests": {"sha256": letter * 64}}, **more}


async def posted(world: World, token: str, body: dict[str, Any]) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "build-17"}
    return await world.client.post(RECORDS, json=body, headers=headers)


@pytest.mark.parametrize("body", [said("a"), said("b")], ids=["the same body", "another body"])
async def test_a_key_spent_on_what_is_hidden_is_a_new_one(
    any_world: World, body: dict[str, Any]
) -> None:
    shop, vault = [
        await any_world.token(projects=[f"acme/{name}"], user="ci") for name in ("shop", "vault")
    ]
    hidden = await posted(any_world, vault, said("a", state="failed"))
    first, again = [await posted(any_world, shop, {**body, "state": "failed"}) for _ in range(2)]
    assert (hidden.status_code, first.status_code, again.status_code) == (201, 201, 201)
    assert first.json() == again.json()
    assert first.json()["project"]["path"] == "acme/shop"
    other = await posted(any_world, shop, said("c"))
    assert (other.status_code, other.json()["errors"][0]["reason"]) == (422, "reused")
    assert (await posted(any_world, vault, said("a", state="failed"))).json() == hidden.json()
    assert len(await any_world.held()) == 2


async def test_a_key_spent_on_what_is_seen_is_spent_whichever_token_was_used(
    any_world: World,
) -> None:
    whole = await any_world.token(user="ci")
    limited = await any_world.token(projects=["acme/shop", "acme/aside"], user="ci")
    body = said("a", project="acme/shop", state="failed")
    first, again = [await posted(any_world, token, body) for token in (whole, limited)]
    assert first.json() == again.json()
    assert len(await any_world.held()) == 1
