"""A token limited to projects knows the groups of users who have to do with them, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.isolation.tenants import NOBODYS, asked
from tests.world import World

PROTECTED = "/api/v4/projects/acme%2Fshop/protected_environments"
PATHS = ("", "/projects", "/protected_environments", "/protected_environments/production")


async def teams(world: World) -> Mapping[str, int]:
    """The numbers of two groups, each of whom holds a token for one project."""
    numbers = {"nobodys": int(NOBODYS["group"])}
    for project, user in (("shop", "rita"), ("vault", "hana")):
        await world.token("write", [f"acme/{project}"], user=user)
        body = {"name": f"{project}-team", "members": [user]}
        made = await world.admin("POST", "/orgs/acme/groups", body)
        numbers[project] = made.json()["number"]
    return numbers


async def asked_for(world: World, token: str, said: str) -> list[tuple[int, Any]]:
    answers = [await asked(world, token, "GET", f"/api/v4/groups/{said}{path}") for path in PATHS]
    return [(answer.status_code, answer.json()) for answer in answers]


@pytest.mark.parametrize("said", ["{number}", "{name}", "acme%2F{name}"])
async def test_a_group_of_others_answers_as_one_that_nobody_has(world: World, said: str) -> None:
    numbers = await teams(world)
    limited, whole = await world.token("admin", ["acme/shop"]), await world.token("admin")

    def spelled(team: str) -> str:
        return said.format(number=numbers[team], name=f"{team}-team")

    nobodys = await asked_for(world, limited, spelled("nobodys"))
    assert {status for status, _ in nobodys} == {404}
    assert await asked_for(world, limited, spelled("vault")) == nobodys
    for token, team in ((limited, "shop"), (whole, "shop"), (whole, "vault")):
        shown, *_ = await asked_for(world, token, spelled(team))
        assert (shown[0], shown[1]["name"]) == (200, f"{team}-team")


async def test_a_group_of_others_is_let_in_nowhere(any_world: World) -> None:
    numbers = await teams(any_world)
    limited = await any_world.token("admin", ["acme/shop"])

    async def protect(team: str) -> tuple[int, Any]:
        grants = [{"group_id": numbers[team]}]
        body = {"name": team, "deploy_access_levels": grants}
        answer = await asked(any_world, limited, "POST", PROTECTED, body)
        return answer.status_code, answer.json()

    assert await protect("vault") == await protect("nobodys")
    status, made = await protect("shop")
    levels = made["deploy_access_levels"]
    assert (status, levels[0]["access_level_description"]) == (201, "shop-team")
