"""Where iftrue's deployments go: the production environment of their project."""

from __future__ import annotations

import httpx
import pytest

from gateway.core.model import State
from tests.world import MakeWorld, World

PATH = "/v1/organization/deployment"
PROJECT = "/api/v4/projects/acme%2Fshop"


@pytest.fixture(params=["documented", "observed"])
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(iftrue_profile=request.param)


async def deploy(world: World, token: str, **more: str) -> str:
    """Post a deployment of acme/shop; the name of the environment that it went to."""
    body = {"title": "t", "branch": "main", "commit_id": "c" * 40, "member_id": "m"}
    body |= {"repository_url": "https://git.example/acme/shop", **more}
    headers = {"authorization": f"Bearer {token}"}
    answer = await world.client.post(PATH, json={**body, "pull_request_number": 1}, headers=headers)
    assert answer.status_code == 201, answer.text
    return (await world.held())[-1].environment.name


async def environment(world: World, token: str, name: str, **said: str) -> httpx.Response:
    """Make an environment of acme/shop as a client of GitLab does."""
    headers = {"private-token": token}
    answer = await world.client.post(
        f"{PROJECT}/environments", data={"name": name, **said}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_project_without_environments_gets_production(world: World) -> None:
    assert await deploy(world, await world.token("admin")) == "production"


async def test_the_one_environment_of_the_tier_is_the_projects_production(world: World) -> None:
    token = await world.token("admin")
    await environment(world, token, "staging")
    await environment(world, token, "blue", tier="production")
    assert await deploy(world, token) == "blue"


async def test_of_several_environments_of_the_tier_none_is_chosen(world: World) -> None:
    token = await world.token("admin")
    await environment(world, token, "prod-eu")
    await environment(world, token, "prod-us")
    assert await deploy(world, token) == "production"


async def test_a_deployment_said_again_makes_no_other_environment(world: World) -> None:
    token = await world.token("admin")
    await environment(world, token, "blue", tier="production")
    for status, name in (("in_progress", "green"), ("succes", "red")):
        assert await deploy(world, token, deployment_node_id="n", status=status) == "blue"
        await environment(world, token, name, tier="production")
    (record,) = await world.held()
    assert record.state is State.SUCCESS
    headers = {"private-token": token}
    answer = await world.client.get(f"{PROJECT}/environments", headers=headers)
    assert [place["name"] for place in answer.json()] == ["blue", "green", "red"]


async def test_a_production_of_another_tier_gives_way(world: World) -> None:
    token = await world.token("admin")
    await environment(world, token, "production", tier="staging")
    await environment(world, token, "live")
    assert await deploy(world, token) == "live"


async def test_another_projects_environment_is_no_projects_production(world: World) -> None:
    body = {"org": "acme", "project": "other", "environment": "prod-eu", "source": {"commit": "c"}}
    assert (await world.admin("POST", "/records", body)).status_code == 201
    assert await deploy(world, await world.token("admin")) == "production"
