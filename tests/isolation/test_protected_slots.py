"""What is live in a protected environment is changed by nobody who may not deploy there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.model import Presence, Record
from tests.isolation.tenants import asked
from tests.world import World

SLOT = {"org": "acme", "environment": "production", "deployment_name": "shop"}
LIVE, OTHER = "a" * 64, "b" * 64
PROTECTED = "/api/v4/projects/acme%2Fshop/protected_environments"


def record(project: str | None, digest: str, **more: object) -> dict[str, object]:
    return {**SLOT, "project": project, "artifact": {"digests": {"sha256": digest}}, **more}


async def made(world: World, token: str, body: dict[str, object]) -> dict[str, Any]:
    answer = await asked(world, token, "POST", "/gateway/v1/records", body)
    assert answer.status_code < 300, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def protected(world: World) -> tuple[str, str]:
    """Credentials of who is let in, and of who is not, where the shop's artifact is live."""
    mary, eve = await world.token("admin", user="mary"), await world.token(user="eve")
    await made(world, mary, record("acme/shop", LIVE))
    grants = {"name": "production", "deploy_access_levels": [{"access_level": 40}]}
    answer = await asked(world, mary, "POST", PROTECTED, grants)
    assert answer.status_code == 201, answer.text
    return mary, eve


async def of_shop(world: World) -> list[Record]:
    return [one for one in await world.held() if one.project.path == "acme/shop"]


def deployed(digest: str, **more: object) -> dict[str, object]:
    return {
        "name": "image",
        "digest": f"sha256:{digest}",
        "status": "deployed",
        "deployment_name": "shop",
        "github_repository": "aside",
        **more,
    }


RECORD = "/orgs/acme/artifacts/metadata/deployment-record"
IN_PRODUCTION = {"logical_environment": "production"}

WAYS = {
    "another's success": (
        "/gateway/v1/records",
        record("acme/aside", OTHER, actor={"username": "made-in-passing"}),
    ),
    "another's decommissioning": (
        "/gateway/v1/records",
        record("acme/aside", LIVE, presence="decommissioned"),
    ),
    "a project that the digest chooses": (
        "/gateway/v1/records",
        record(None, LIVE, runtime={"tags": {"said": "aside"}}),
    ),
    "GitHub's record": (RECORD, deployed(OTHER, **IN_PRODUCTION, cluster="")),
    "GitHub's record, gone": (
        RECORD,
        deployed(LIVE, **IN_PRODUCTION, cluster="", status="decommissioned"),
    ),
    "Chainloop's record": (
        "/v1/deployments",
        {
            "environment_name": "production",
            "deployment_name": "shop",
            "artifact_digest": f"sha256:{LIVE}",
            "artifact_version": "said aside",
        },
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_record_of_another_project_does_not_lead_around_a_protection(
    any_world: World, way: str
) -> None:
    mary, eve = await protected(any_world)
    aside = {**record("acme/aside", LIVE), "environment": "staging"}
    await made(any_world, eve, aside)  # from now on the digest is one of that project
    before = await of_shop(any_world)
    path, body = WAYS[way]
    users = (await any_world.admin("GET", "/orgs/acme/users")).json()
    assert (await asked(any_world, eve, "POST", path, body)).status_code == 403
    assert await of_shop(any_world) == before
    assert (await any_world.admin("GET", "/orgs/acme/users")).json() == users
    assert (await asked(any_world, mary, "POST", path, body)).status_code < 300
    assert await of_shop(any_world) != before


@pytest.mark.parametrize("is_job", [False, True])
async def test_a_cluster_does_not_lead_around_a_protection(
    any_world: World, *, is_job: bool
) -> None:
    mary, eve = await protected(any_world)
    parts = {"logical": "production", "cluster": "moda"}
    await made(any_world, mary, {**record("acme/shop", LIVE), "environment": parts})
    grants = {"name": "production/moda", "deploy_access_levels": [{"access_level": 40}]}
    assert (await asked(any_world, mary, "POST", PROTECTED, grants)).status_code == 201
    before = await of_shop(any_world)
    path, body = f"{RECORD}/cluster/moda", {**IN_PRODUCTION, "deployments": [deployed(OTHER)]}
    partial = {} if is_job else {"partial_success": True}
    path = f"{path}/jobs" if is_job else path
    told = (await asked(any_world, eve, "POST", path, {**body, **partial})).json()
    assert [error["cause"] for error in told["errors"]] == ["unauthorized"]
    while is_job and told.get("status") != "completed":
        told = (await asked(any_world, eve, "GET", f"{path}/{told['job_id']}")).json()
        await asyncio.sleep(0.01)
    assert await of_shop(any_world) == before


async def test_a_state_that_is_said_later_does_not_lead_around_a_protection(
    any_world: World,
) -> None:
    mary, eve = await protected(any_world)
    running = await made(any_world, eve, record("acme/aside", OTHER, state="running"))
    before = await of_shop(any_world)
    path = f"/api/v4/projects/acme%2Faside/deployments/{running['number']}"
    put = {"status": "success"}
    assert (await asked(any_world, eve, "PUT", path, put)).status_code == 403
    assert await of_shop(any_world) == before
    assert (await asked(any_world, mary, "PUT", path, put)).status_code == 200
    assert [one.presence for one in await of_shop(any_world)] == [Presence.SUPERSEDED]


async def test_what_leaves_a_slot_brings_nothing_back_into_a_protected_environment(
    any_world: World,
) -> None:
    mary, eve = await protected(any_world)
    live = await made(any_world, mary, record("acme/aside", OTHER))
    before = await of_shop(any_world)
    path = f"/api/v4/projects/acme%2Faside/deployments/{live['number']}"
    put = {"status": "failed"}
    assert (await asked(any_world, eve, "PUT", path, put)).status_code == 403
    assert await of_shop(any_world) == before
    assert (await asked(any_world, mary, "PUT", path, put)).status_code == 200
    assert [one.presence for one in await of_shop(any_world)] == [Presence.LIVE]


NEW = {"environment": "prod-2", "project": "new", "deployment_name": "new"}
GITLAB = ("/api/v4/projects/acme%2Fnew/deployments", {"environment": "prod-2", "sha": "c"})

REFUSED = {
    "GitHub": (
        RECORD,
        deployed(OTHER, logical_environment="prod-2", deployment_name="new"),
    ),
    "Chainloop": (
        "/v1/deployments",
        {"environment_name": "prod-2", "artifact_digest": f"sha256:{OTHER}"},
    ),
    "iftrue": (
        "/v1/organization/deployment",
        {"title": "t", "branch": "main", "commit_id": "c", "repository_url": "acme/new"}
        | {"member_id": "m", "pull_request_number": 1},
    ),
    "the gateway's own API": (
        "/gateway/v1/records",
        {**record("new", OTHER), **NEW, "occurred_at": "2001-01-01T00:00:00Z"},
    ),
}


async def guarded(world: World) -> tuple[str, str]:
    """Credentials of who may deploy to what is of the tier production, and of who may not."""
    mary, eve = await world.token("admin", user="mary"), await world.token(user="eve")
    grants = {"name": "production", "deploy_access_levels": [{"access_level": 40}]}
    path = "/api/v4/groups/acme/protected_environments"
    assert (await asked(world, mary, "POST", path, grants)).status_code == 201
    return mary, eve


async def all_but_records(world: World) -> list[object]:
    paths = ("/orgs/acme/projects", "/orgs/acme/users", "/audit?org=acme")
    return [(await world.admin("GET", path)).json() for path in paths]


@pytest.mark.parametrize("dialect", REFUSED)
async def test_a_refused_deployment_leaves_nothing(any_world: World, dialect: str) -> None:
    mary, eve = await guarded(any_world)
    before = await all_but_records(any_world)
    path, body = REFUSED[dialect]
    assert (await asked(any_world, eve, "POST", path, body)).status_code == 403
    assert await all_but_records(any_world) == before
    assert (await asked(any_world, mary, "POST", path, body)).status_code < 300
    assert await all_but_records(any_world) != before


async def test_a_refused_deployment_that_leaves_its_environment_takes_no_slot(
    any_world: World,
) -> None:
    mary, eve = await guarded(any_world)
    path, said = GITLAB
    body = {**said, "ref": "main", "tag": False, "status": "success"}
    assert (await asked(any_world, eve, "POST", path, body)).status_code == 403
    refused_at = datetime.now(UTC)
    places = path.replace("deployments", "environments")
    (left,) = (await asked(any_world, mary, "GET", places)).json()
    assert left["name"] == "prod-2"
    await made(any_world, mary, {**record("new", OTHER), **NEW})
    (only,) = await any_world.held()
    assert only.slot.created_at >= refused_at
