"""GitHub's records from the outside: what is made, updated in place and listed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from adapters.github import dialect
from adapters.github.documentation import ROOT
from adapters.github.envelope import search
from gateway.core.model import Presence
from gateway.core.search import View
from tests.schemas import misfits
from tests.world import MakeWorld, World

CREATE = "/orgs/acme/artifacts/metadata/deployment-record"
PAGE = "https://docs.github.com/rest/orgs/artifact-metadata"
A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
BODY: Mapping[str, Any] = {
    "name": "ghcr.io/acme/shop:1",
    "digest": A,
    "status": "deployed",
    "logical_environment": "prod",
    "deployment_name": "shop",
}


class Client:
    """Posts and lists as one token."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.headers = {"authorization": f"Bearer {token}"}

    async def post(self, *, path: str = CREATE, **said: Any) -> httpx.Response:
        body = {**BODY, **said}
        return await self.world.client.post(path, json=body, headers=self.headers)

    async def record(self, **said: Any) -> dict[str, Any]:
        answer = await self.post(**said)
        assert answer.status_code == 200, answer.text
        assert misfits(dialect, "list", answer.json()) == []
        (record,) = answer.json()["deployment_records"]
        return dict(record)

    async def get(self, digest: str, base: str = "/orgs/acme") -> httpx.Response:
        path = f"{base}/artifacts/{digest}/metadata/deployment-records"
        return await self.world.client.get(path, headers=self.headers)

    async def listed(self, digest: str) -> list[dict[str, Any]]:
        answer = await self.get(digest)
        assert answer.status_code == 200, answer.text
        assert misfits(dialect, "list", answer.json()) == []
        records = answer.json()["deployment_records"]
        assert answer.json()["total_count"] == len(records)
        return list(records)


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


def refused(answer: httpx.Response, status: int, message: str, anchor: str = "") -> None:
    """The answer is this refusal, in the shape of every refusal."""
    assert answer.status_code == status, answer.text
    assert misfits(dialect, "error", answer.json()) == []
    assert answer.json()["message"] == message
    assert answer.json()["documentation_url"] == (f"{PAGE}#{anchor}" if anchor else ROOT)


async def test_a_record_is_listed_under_its_digest(client: Client) -> None:
    made = await client.record(physical_environment="eu", cluster="c1", tags={"team": "x"})
    assert await client.listed(A) == [made]
    assert await client.listed(A.replace(":", "%3A")) == [made]
    assert made["physical_environment"] == "eu"
    assert made["tags"] == {"team": "x"}


async def test_another_artifact_takes_the_place_of_the_record(client: Client) -> None:
    first = await client.record(tags={"a": "b"}, runtime_risks=["sensitive-data"])
    second = await client.record(digest=B)
    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])
    assert (second["digest"], second["tags"], second["runtime_risks"]) == (B, {}, [])
    assert await client.listed(A) == []
    assert await client.listed(B) == [second]


async def test_saying_it_again_keeps_the_record_and_its_canonical_one(client: Client) -> None:
    first, again = await client.record(), await client.record()
    assert {**again, "updated_at": first["updated_at"]} == first
    assert again["updated_at"] >= first["updated_at"]  # when it was seen last
    assert len(await client.world.records()) == 1


async def test_tags_and_risks_are_replaced_whole(client: Client) -> None:
    await client.record(tags={"a": "1", "b": "2"}, runtime_risks=["sensitive-data"])
    changed = await client.record(tags={"c": "3"})
    assert (changed["tags"], changed["runtime_risks"]) == ({"c": "3"}, [])


async def test_each_of_the_four_parts_names_another_record(client: Client) -> None:
    places: list[dict[str, str]] = [
        {},
        {"logical_environment": "stage"},
        {"physical_environment": "eu"},
        {"cluster": "eu"},
        {"deployment_name": ""},
        {"deployment_name": "Shop"},
    ]
    ids = [(await client.record(**place))["id"] for place in places]
    assert len(set(ids)) == len(places)
    assert [record["id"] for record in await client.listed(A)] == sorted(ids)


async def test_a_record_is_as_old_as_the_first_that_its_place_held(client: Client) -> None:
    """Whatever is told late of it, alone or beside others."""
    old = {
        "org": "acme",
        "environment": "prod",
        "artifact": {"digests": {"sha256": "a" * 64}},
        "occurred_at": "2020-02-03T04:05:06Z",
    }
    later = {**old, "artifact": {"digests": {"sha256": "b" * 64}}, "occurred_at": None}
    names = [f"shop-{n}" for n in range(8)]
    for body in (old, later):
        said = [{**body, "deployment_name": name} for name in names]
        answers = [await client.world.admin("POST", "/records", said[0])]
        rest = (client.world.admin("POST", "/records", one) for one in said[1:])
        answers += await asyncio.gather(*rest)
        assert {answer.status_code for answer in answers} == {201}
    listed = await client.listed(B)
    assert [record["created_at"] for record in listed] == ["2020-02-03T04:05:06Z"] * len(names)


async def test_absent_and_empty_parts_are_one_record(client: Client) -> None:
    made = await client.record()
    again = await client.record(physical_environment="", cluster="")
    assert {**again, "updated_at": made["updated_at"]} == made


async def test_the_list_is_in_the_order_of_ids_whatever_was_said_last(client: Client) -> None:
    ids = [(await client.record(deployment_name=name))["id"] for name in "abc"]
    await client.record(deployment_name="a", digest=B)
    await client.record(deployment_name="a")
    assert [record["id"] for record in await client.listed(A)] == ids


async def test_a_decommissioned_record_stays_listed_with_what_it_had(client: Client) -> None:
    made = await client.record(tags={"a": "b"})
    gone = await client.record(status="decommissioned")
    assert (gone["id"], gone["tags"]) == (made["id"], {"a": "b"})
    assert await client.listed(A) == [gone]
    assert [r["presence"] for r in await client.world.records()] == ["decommissioned"]


async def test_decommissioning_what_is_not_live_answers_with_what_is(client: Client) -> None:
    await client.record()
    live = await client.record(digest=B)
    assert (await client.record(status="decommissioned")) == live
    assert await client.listed(A) == []
    presences = [r["presence"] for r in await client.world.records()]
    assert presences == ["decommissioned", "live"]


async def test_decommissioning_the_unknown_makes_a_record(client: Client) -> None:
    gone = await client.record(status="decommissioned")
    assert await client.listed(A) == [gone]
    again = await client.record()
    assert again["id"] == gone["id"]


async def test_return_records_false_answers_with_the_count_alone(client: Client) -> None:
    answer = await client.post(return_records=False)
    assert answer.json() == {"total_count": 1}
    assert "deployment-gateway-fidelity" not in answer.headers
    assert len(await client.listed(A)) == 1


async def test_a_single_record_says_what_it_loses(client: Client) -> None:
    answer = await client.post()
    assert "artifact.name" in answer.headers["deployment-gateway-fidelity"]


async def test_the_repository_named_is_the_project(client: Client) -> None:
    await client.post(github_repository="warehouse")
    (record,) = await client.world.records()
    project: Any = record["project"]
    assert (project["path"], project["rule"]) == ("acme/warehouse", "named")


@pytest.mark.parametrize("repository", [".", ".."])
async def test_a_repository_that_is_no_name_is_not_found(client: Client, repository: str) -> None:
    answer = await client.post(github_repository=repository)
    refused(answer, 404, "no artifacts found", "create-an-artifact-deployment-record")
    assert await client.world.records() == []


async def test_an_unknown_repository_is_not_made_where_nothing_is(make_world: MakeWorld) -> None:
    world = await make_world(auto_create=False)
    answer = await Client(world, await world.token()).post(github_repository="new")
    refused(answer, 404, "no artifacts found", "create-an-artifact-deployment-record")


async def test_a_repository_outside_the_token_does_not_exist(world: World) -> None:
    client = Client(world, await world.token(projects=["acme/shop"]))
    assert (await client.post(github_repository="shop")).status_code == 200
    answer = await client.post(github_repository="other")
    refused(answer, 404, "no artifacts found", "create-an-artifact-deployment-record")


async def test_a_place_held_by_a_project_outside_the_token_is_forbidden(world: World) -> None:
    await Client(world, await world.token()).post(github_repository="other")
    limited = Client(world, await world.token(projects=["acme/shop"]))
    answer = await limited.post(digest=B)
    refused(
        answer,
        403,
        "Resource not accessible by personal access token",
        "create-an-artifact-deployment-record",
    )
    assert await limited.listed(A) == []


async def test_an_unknown_digest_has_no_records(client: Client) -> None:
    assert await client.listed(f"sha256:{'0' * 64}") == []


@pytest.mark.parametrize(
    "digest",
    [
        "sha256:abc",
        f"sha256:{'A' * 64}",
        f"sha512:{'a' * 64}",
        f"gitcommit:{'a' * 40}",
        f"gitCommit:{'a' * 41}",
        "a" * 64,
        "%20",
        "x" * 5000,
    ],
)
async def test_a_malformed_digest_in_the_path_is_an_invalid_request(
    client: Client, digest: str
) -> None:
    answer = await client.get(digest)
    assert answer.json()["message"].startswith("Invalid request.\n\n")
    assert len(answer.content) < 2000
    refused(answer, 422, answer.json()["message"], "list-artifact-deployment-records")


def test_the_list_looks_for_what_github_shows_and_is_not_paged() -> None:
    asked = search(A)
    assert (asked.view, asked.digest, asked.limit) == (View.CURRENT, ("sha256", "a" * 64), None)
    assert asked.presences == frozenset({Presence.LIVE, Presence.DECOMMISSIONED})


@pytest.mark.parametrize(
    ("algorithm", "length"), [("sha384", 96), ("sha512", 128), ("sha1", 40), ("sha256", 64)]
)
async def test_every_algorithm_of_the_gateway_is_found(
    client: Client, algorithm: str, length: int
) -> None:
    digests = {algorithm: "c" * length}
    body = {
        "org": "acme",
        "environment": "prod",
        "project": "shop",
        "artifact": {"digests": digests},
    }
    answer = await client.world.admin("POST", "/records", body)
    assert answer.status_code == 201, answer.text
    (record,) = await client.listed(f"{algorithm}:{'c' * length}")
    assert record["digest"] == f"{algorithm}:{'c' * length}"


async def test_a_record_known_by_its_commit_is_shown_and_found_under_it(client: Client) -> None:
    body = {
        "org": "acme",
        "environment": "prod",
        "project": "shop",
        "source": {"commit": "d" * 40, "ref": "main"},
    }
    answer = await client.world.admin("POST", "/records", body)
    (record,) = await client.listed(f"gitCommit:{'d' * 40}")
    assert record["digest"] == f"gitCommit:{'d' * 40}"
    view = await client.world.admin("GET", f"/records/{answer.json()['id']}/views/github")
    assert view.json() == record


async def test_a_deployment_under_way_or_failed_is_no_record(client: Client) -> None:
    for state in ("created", "running", "failed", "canceled", "skipped"):
        body = {
            "org": "acme",
            "environment": state,
            "project": "shop",
            "state": state,
            "artifact": {"digests": {"sha256": "a" * 64}},
        }
        assert (await client.world.admin("POST", "/records", body)).status_code == 201
    assert await client.listed(A) == []


async def test_the_observed_profile_shows_created_at_alone(make_world: MakeWorld) -> None:
    for profile, expected in (("documented", True), ("observed", False)):
        world = await make_world(github_profile=profile)
        made = await Client(world, await world.token()).record()
        assert ("created" in made) is expected


async def test_a_record_is_looked_up_as_it_is_rendered(client: Client) -> None:
    made = await client.record()
    (record,) = await client.world.records()
    view = await client.world.admin("GET", f"/records/{record['id']}/views/github")
    assert view.json() == made


async def test_many_posts_for_one_place_make_one_record(client: Client) -> None:
    answers = await asyncio.gather(*(client.record(digest=f"sha256:{n:064x}") for n in range(20)))
    assert len({record["id"] for record in answers}) == 1
    presences = sorted(str(r["presence"]) for r in await client.world.records())
    assert presences == ["live", *["superseded"] * 19]
