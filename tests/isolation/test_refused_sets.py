"""What is refused of a cluster's records leaves no project and no environment behind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.isolation.tenants import asked
from tests.isolation.twins import worked_off
from tests.world import World

CLUSTER = "/orgs/acme/artifacts/metadata/deployment-record/cluster/moda"


def item(name: str, **more: str) -> dict[str, str]:
    digest = f"sha256:{'a' * 64}"
    return {"name": name, "deployment_name": name, "digest": digest, "status": "deployed", **more}


async def left(world: World, token: str) -> list[object]:
    """All that there is but for records and jobs."""
    environments = (await asked(world, token, "GET", "/v1/environments")).json()
    projects = (await world.admin("GET", "/orgs/acme/projects")).json()
    acts = (await world.admin("GET", "/audit?org=acme")).json()["acts"]
    return [environments, projects, [act for act in acts if act["action"] != "job.submitted"]]


async def causes(world: World, token: str, *items: dict[str, str], is_job: bool) -> list[str]:
    """Why items are refused that are said at once, or of a job, once it is worked off."""
    body: dict[str, Any] = {"logical_environment": "prod-2", "deployments": list(items)}
    if is_job:
        made = await asked(world, token, "POST", f"{CLUSTER}/jobs", body)
        await worked_off(world)
        path = f"{CLUSTER}/jobs/{made.json()['job_id']}"
        answer = await asked(world, token, "GET", path)
        assert answer.json()["status"] == "completed", answer.text
    else:
        answer = await asked(world, token, "POST", CLUSTER, {**body, "partial_success": True})
        assert answer.status_code == 207, answer.text
    return [error["cause"] for error in answer.json().get("errors", [])]


@pytest.mark.parametrize("is_job", [False, True])
async def test_who_may_not_choose_a_project_makes_no_environment(
    any_world: World, *, is_job: bool
) -> None:
    admin = await any_world.token("admin", user="mary")
    limited = await any_world.token(projects=["acme/shop", "acme/api"])
    before = await left(any_world, admin)
    assert await causes(any_world, limited, item("x"), item("y"), is_job=is_job) == [
        "unauthorized",
        "unauthorized",
    ]
    assert await left(any_world, admin) == before
    both = item("x"), item("y", github_repository="shop")
    assert await causes(any_world, limited, *both, is_job=is_job) == ["unauthorized"]
    (record,) = await any_world.held()
    assert (record.project.path, record.environment.name) == ("acme/shop", "prod-2/moda")


@pytest.mark.parametrize("is_job", [False, True])
async def test_who_is_not_let_in_makes_no_project(any_world: World, *, is_job: bool) -> None:
    admin, eve = await any_world.token("admin", user="mary"), await any_world.token(user="eve")
    grants = {"name": "production", "deploy_access_levels": [{"access_level": 40}]}
    path = "/api/v4/groups/acme/protected_environments"
    assert (await asked(any_world, admin, "POST", path, grants)).status_code == 201
    before = await left(any_world, admin)
    new = item("x", github_repository="new")
    assert await causes(any_world, eve, new, is_job=is_job) == ["unauthorized"]
    assert await left(any_world, admin) == before
    assert await causes(any_world, admin, new, is_job=True) == []
    assert await left(any_world, admin) != before
