"""GitHub's cluster sets from the outside: many at once, all or nothing, or what can be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.github import dialect
from tests.adapters.test_github_http import A, B, Client, refused
from tests.schemas import misfits
from tests.world import MakeWorld, World

RECORD = "/orgs/acme/artifacts/metadata/deployment-record"
SET = f"{RECORD}/cluster/moda-1"
ANCHOR = "set-cluster-deployment-records"


def item(name: str, digest: str = A, **said: Any) -> dict[str, Any]:
    return {"name": "ghcr.io/acme/shop:1", "digest": digest, "deployment_name": name, **said}


class Cluster(Client):
    """Posts sets as one token."""

    async def set(self, *items: dict[str, Any], path: str = SET, **said: Any) -> httpx.Response:
        body = {"logical_environment": "prod", "deployments": list(items), **said}
        return await self.world.client.post(path, json=body, headers=self.headers)


@pytest.fixture
async def cluster(world: World) -> Cluster:
    return Cluster(world, await world.token())


async def test_a_set_creates_and_updates_and_takes_nothing_away(cluster: Cluster) -> None:
    first = await cluster.set(item("a"), item("b", B), physical_environment="east")
    assert first.status_code == 200, first.text
    assert misfits(dialect, "list", first.json()) == []
    assert [r["cluster"] for r in first.json()["deployment_records"]] == ["moda-1"] * 2
    second = await cluster.set(item("b"), item("c"), physical_environment="east")
    ids = {r["deployment_name"]: r["id"] for r in first.json()["deployment_records"]}
    again = {r["deployment_name"]: r["id"] for r in second.json()["deployment_records"]}
    assert (second.json()["total_count"], again["b"]) == (2, ids["b"])
    assert [r["deployment_name"] for r in await cluster.listed(A)] == ["a", "b", "c"]


async def test_the_single_endpoint_and_the_set_know_the_same_records(cluster: Cluster) -> None:
    one = await cluster.record(deployment_name="a", cluster="moda-1", physical_environment="")
    answer = await cluster.set(item("a", B))
    (other,) = answer.json()["deployment_records"]
    assert (other["id"], other["digest"]) == (one["id"], B)


async def test_status_is_deployed_unless_said(cluster: Cluster) -> None:
    await cluster.set(item("a"), item("b", status="decommissioned"), item("c", version=""))
    presences = [record.presence for record in await cluster.world.held()]
    assert presences == ["live", "decommissioned", "live"]


async def test_records_are_left_out_of_the_answer_on_request(cluster: Cluster) -> None:
    answer = await cluster.set(item("a"), return_records=False)
    assert answer.json() == {"total_count": 1}


async def test_an_empty_set_is_no_error(cluster: Cluster) -> None:
    answer = await cluster.set()
    assert (answer.status_code, answer.json()["total_count"]) == (200, 0)


async def test_each_item_keeps_its_own_body_in_its_event(cluster: Cluster) -> None:
    await cluster.set(item("a"), item("b", tags={"team": "x" * 40}))
    for record in await cluster.world.held():
        answer = await cluster.world.admin("GET", f"/records/{record.id}/events")
        assert [event["dialect"] for event in answer.json()["events"]] == ["github"]


@pytest.mark.parametrize(
    ("cluster_name", "status"),
    [("moda%201", 422), ("a%2Fb", 404), ("x" * 129, 422), ("%00", 404), ("moda_1.-X", 200)],
)
async def test_a_cluster_in_a_path_has_a_pattern(
    cluster: Cluster, cluster_name: str, status: int
) -> None:
    answer = await cluster.set(item("a"), path=f"{RECORD}/cluster/{cluster_name}")
    assert answer.status_code == status, answer.text
    if status != 200:
        assert misfits(dialect, "error", answer.json()) == []


async def test_problems_are_named_item_by_item_in_the_schemas_order(cluster: Cluster) -> None:
    answer = await cluster.set(
        {"deployment_name": "", "status": None}, item("b", "sha256:abc"), logical_environment=7
    )
    refused(
        answer,
        422,
        "Invalid request.\n\n"
        "For 'properties/logical_environment', 7 is not a string.\n"
        ' is not a member of ["deployed", "decommissioned"].\n'
        "For 'properties/status', nil is not a string.\n"
        "At least 1 character is required; only 0 were supplied.\n"
        '"digest", "name" weren\'t supplied.\n'
        "At least 71 characters are required; only 10 were supplied.\n"
        "sha256:abc does not match /^sha256:[a-f0-9]{64}$/.",
        ANCHOR,
    )


async def test_more_than_a_thousand_are_refused(cluster: Cluster) -> None:
    answer = await cluster.set(*(item(f"n{n}") for n in range(1001)))
    allowed = "No more than 1000 items are allowed; 1001 were supplied."
    refused(answer, 422, f"Invalid request.\n\n{allowed}", ANCHOR)


async def test_a_name_said_twice_is_refused_and_nothing_is_written(cluster: Cluster) -> None:
    answer = await cluster.set(item("a"), item("a", B))
    refused(answer, 422, "Validation Failed", ANCHOR)
    assert answer.json()["errors"][0]["field"] == "deployment_name"
    assert await cluster.world.held() == ()


async def test_a_repository_that_does_not_exist_refuses_all(make_world: MakeWorld) -> None:
    world = await make_world(auto_create=False)
    cluster = Cluster(world, await world.token())
    items = (item("a"), item("b", github_repository="nothing"))
    answer = await cluster.set(*items)
    assert answer.status_code == 404
    assert misfits(dialect, "error", answer.json()) == []
    assert answer.json()["message"] == {
        "cause": "One or more repositories do not exist",
        "repositories": ["nothing"],
    }
    assert await world.held() == ()
    partial = await cluster.set(*items, partial_success=True)
    assert partial.status_code == 207, partial.text
    assert misfits(dialect, "partial", partial.json()) == []
    body = partial.json()
    assert [r["deployment_name"] for r in body["deployment_records"]] == ["a"]
    assert body["total_count"] == 1
    assert body["errors"] == [
        {
            "cause": "not_found",
            "deployment": {
                "name": "ghcr.io/acme/shop:1",
                "digest": A,
                "deployment_name": "b",
                "version": None,
                "status": "deployed",
                "github_repository": "nothing",
                "tags": {},
                "runtime_risks": [],
            },
        }
    ]
    nothing = await cluster.set(items[1], partial_success=True, return_records=False)
    assert (nothing.status_code, nothing.json()["total_count"]) == (207, 0)


async def test_a_slot_of_a_hidden_project_is_unauthorized(world: World) -> None:
    everyone = Cluster(world, await world.token())
    await everyone.set(item("a", github_repository="secret"))
    cluster = Cluster(world, await world.token(projects=["acme/shop"]))
    answer = await cluster.set(item("a", B, github_repository="shop"), item("b"))
    assert answer.status_code == 403
    assert misfits(dialect, "error", answer.json()) == []
    message = answer.json()["message"]
    assert message["cause"].startswith("artifact metadata write permission required")
    numbers = {project["path"]: project["number"] for project in await projects(world)}
    assert message["repositories"] == [numbers["acme/shop"]]
    assert len(await world.held()) == 1
    partial = await cluster.set(
        item("a", B), item("b"), item("c", github_repository="secret"), partial_success=True
    )
    assert partial.status_code == 207
    causes = [(e["deployment"]["deployment_name"], e["cause"]) for e in partial.json()["errors"]]
    assert causes == [("a", "unauthorized"), ("c", "not_found")]


async def projects(world: World) -> list[dict[str, Any]]:
    answer = await world.admin("GET", "/orgs/acme/projects")
    found: list[dict[str, Any]] = answer.json()["projects"]
    return found


async def test_a_token_that_only_reads_is_refused(world: World) -> None:
    cluster = Cluster(world, await world.token("read"))
    answer = await cluster.set(item("a"))
    refused(answer, 403, "Resource not accessible by personal access token", ANCHOR)
    assert answer.headers["x-accepted-github-permissions"] == "artifact_metadata=write"


async def test_strict_provenance_refuses_a_digest_never_seen(make_world: MakeWorld) -> None:
    world = await make_world(github_provenance="strict")
    cluster = Cluster(world, await world.token())
    refused(await cluster.post(), 404, "no artifacts found", "create-an-artifact-deployment-record")
    refused(await cluster.set(item("a")), 404, "no artifacts found", ANCHOR)
    stored = {"name": "x", "digest": A, "registry_url": "https://r.example"}
    await world.admin("POST", "/orgs/acme/projects", {"path": "acme/shop"})
    path = "/orgs/acme/artifacts/metadata/storage-record"
    said = {**stored, "github_repository": "shop"}
    kept = await world.client.post(path, json=said, headers=cluster.headers)
    assert kept.status_code == 200, kept.text
    assert (await cluster.post()).status_code == 200
    assert (await cluster.set(item("a"))).status_code == 200
    assert {record.project.path for record in await world.held()} == {"acme/shop"}
