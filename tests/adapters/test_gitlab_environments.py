"""Making, changing, stopping and deleting a project's environments through GitLab's API."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.gitlab.wire_environments import url_problems
from gateway.core.placing import guess_tier, slug
from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, Client, client, said
from tests.world import MakeWorld, World

ENVIRONMENTS = f"{SHOP}/environments"
NAME = (
    "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, "
    "but it cannot start or end with '/'"
)
OTHER = "99d03678b90d914dbb1b109132516d71a4a03ea8"

# GitLab's own tables of names and URLs, checked 2026-11-20.
SLUGS = {
    "production": "production",
    "PRODUCTION": "production-vl4voz",
    "Production": "production-iis43c",
    "review/fix-foo": "review-fix-foo-v25cyx",
    "review/1-foo": "review-1-foo-9tdj0u",
    "1-foo": "env-1-foo-1k46wz",
    "foo--bar": "foo-bar-q006cp",
    "foo_bar": "foo-bar-z28am2",
    "my env": "my-env-rp8gms",
    "prod.eu": "prod-eu-ezg8lv",
    "a" * 24: "a" * 24,
    "a" * 25: "aaaaaaaaaaaaaaaaa-1n7uof",
    "QA env": "qa-env-tpo1n6",
    "eu-west-1/prod": "eu-west-1-prod-ktqexe",
    "foo-": "foo",
}
TIERS = {
    "development": ("review/product", "DEV", "trunk", "preview", "predev", "devops"),
    "testing": ("TEST", "testing-prd", "production-test", "QC", "integration", "sprint", "acpt"),
    "staging": ("gstg", "Model", "MODL", "Pre-production", "nonprod", "non-live", "stg"),
    "production": ("PRODUCTION", "gprd-cny", "Production/eu", "store-produce", "Live", "product"),
    "other": ("canary", "EXP", "main", "deploy", "default"),
}
ACCEPTED = (
    "http://example.com",
    "example.com",
    "www.example.io",
    "http://$URL",
    "http://$(URL)",
    "custom://example.com",
    "1.1.1.1",
    "$BASE_URL/${CI_COMMIT_REF_NAME}",
    "$ENVIRONMENT_URL",
    "https://$SUB.$MAIN",
    "https://$SUB-$REGION.$MAIN",
    "https://example.com?param={()}",
    "http://XSS?x=<script>alert(1)</script>",
    "https://user:${VARIABLE}@example.io",
    "https://example.com/test?param={data}",
    "https://example.com:8080/x",
    "",
)
REJECTED = {
    "http://${URL}": "URI is invalid",
    "https://${URL}.example/test": "URI is invalid",
    "http://test${CI_MERGE_REQUEST_IID}.example.com": "URI is invalid",
    'javascript:alert("hello")': "javascript scheme is not allowed",
    "data:text/plain,x": "data scheme is not allowed",
    "VBSCRIPT:x": "vbscript scheme is not allowed",
    "http://a:b:c": "URI is invalid",
    "http://example.com/" + "x" * 255: "is too long (maximum is 255 characters)",
}


async def made(gitlab: Client, name: str = "production", **said: object) -> dict[str, Any]:
    answer = await gitlab.ask("POST", ENVIRONMENTS, data={"name": name, **said})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def stopped(gitlab: Client, number: int, **said: object) -> httpx.Response:
    return await gitlab.ask("POST", f"{ENVIRONMENTS}/{number}/stop", data=said)


async def test_a_new_environment_has_the_slug_of_its_name_and_makes_its_project(
    world: World,
) -> None:
    gitlab = await client(world)
    for name, expected in SLUGS.items():
        assert slug(name) == expected
        shown = await made(gitlab, name)
        assert (shown["name"], shown["slug"], shown["state"]) == (name, expected, "available")
        assert shown["project"]["path_with_namespace"] == "acme/shop"
    assert await gitlab.listed() == []


@pytest.mark.parametrize("tier", TIERS)
def test_the_tier_of_a_name_is_the_one_gitlab_guesses(tier: str) -> None:
    assert {name: guess_tier(name) for name in TIERS[tier]} == dict.fromkeys(TIERS[tier], tier)


async def test_a_said_tier_wins_and_stays(world: World) -> None:
    gitlab = await client(world)
    shown = await made(gitlab, "canary", tier="production", description="d", external_url="x.io")
    assert (shown["tier"], shown["description"]) == ("production", "d")
    deployment = await gitlab.create(environment="canary")
    assert deployment["environment"]["id"] == shown["id"]
    assert deployment["environment"]["external_url"] == "x.io"
    assert (await gitlab.get(f"{ENVIRONMENTS}/{shown['id']}"))["tier"] == "production"


@pytest.mark.parametrize("url", ACCEPTED)
def test_an_external_url_that_gitlab_takes_is_taken(url: str) -> None:
    assert url_problems(url) == []


@pytest.mark.parametrize("url", REJECTED)
async def test_an_external_url_that_gitlab_refuses_is_refused(world: World, url: str) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", ENVIRONMENTS, json={"name": "a", "external_url": url})
    sentence = f"External url {REJECTED[url]}"
    assert (answer.status_code, answer.json()) == (400, {"message": [sentence]})
    number = (await made(gitlab))["id"]
    answer = await gitlab.ask("PUT", f"{ENVIRONMENTS}/{number}", json={"external_url": url})
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": {"external_url": [REJECTED[url]]}},
    )


AGENT = (
    "400 Bad request - cluster agent doesn't exist or cannot be associated with this environment"
)
REFUSED: list[tuple[dict[str, object], object]] = [
    ({}, {"error": "name is missing"}),
    ({"name": []}, {"error": "name is invalid"}),
    (
        {"name": "a", "slug": "b"},
        {"error": "slug is automatically generated and cannot be changed"},
    ),
    ({"name": "a", "tier": "x"}, {"error": "tier does not have a valid value"}),
    (
        {"slug": "b", "tier": "x", "auto_stop_setting": "x"},
        {
            "error": "name is missing, slug is automatically generated and cannot be changed, "
            "tier does not have a valid value, auto_stop_setting does not have a valid value"
        },
    ),
    ({"name": ""}, {"message": ["Name can't be blank", f"Name {NAME}"]}),
    ({"name": "/a"}, {"message": [f"Name {NAME}"]}),
    ({"name": "é"}, {"message": [f"Name {NAME}"]}),
    ({"name": "a" * 256}, {"message": ["Name is too long (maximum is 255 characters)"]}),
    (
        {"name": "a", "description": "x" * 10_001},
        {"message": ["Description is too long (maximum is 10000 characters)"]},
    ),
    (
        {"name": "a", "kubernetes_namespace": "x"},
        {"message": ["Kubernetes namespace cannot be set without a cluster agent"]},
    ),
    (
        {"name": "a", "flux_resource_path": "x"},
        {"message": ["Flux resource path cannot be set without a kubernetes namespace"]},
    ),
    ({"name": "a", "cluster_agent_id": 1}, {"message": AGENT}),
]


@pytest.mark.parametrize(("said", "body"), REFUSED, ids=lambda value: str(value)[:40])
async def test_a_wrong_environment_is_refused_and_not_made(
    world: World, said: dict[str, object], body: object
) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", ENVIRONMENTS, json=said)
    assert (answer.status_code, answer.json()) == (400, body)
    answer = await gitlab.ask("GET", ENVIRONMENTS)
    assert answer.json() == {"message": "404 Project Not Found"}


async def test_a_name_is_taken_once(world: World) -> None:
    gitlab = await client(world)
    await made(gitlab)
    answer = await gitlab.ask("POST", ENVIRONMENTS, data={"name": "production"})
    taken = ["Name has already been taken", "Slug has already been taken"]
    assert (answer.status_code, answer.json()) == (400, {"message": taken})
    await gitlab.create(environment="staging")
    answer = await gitlab.ask("POST", ENVIRONMENTS, data={"name": "staging"})
    assert answer.json() == {"message": taken}
    answer = await gitlab.ask("POST", "/projects/acme%2Fapi/environments", data={"name": "staging"})
    assert answer.status_code == 201


@pytest.mark.parametrize(("auto_create", "projects"), [(False, None), (True, ["acme/shop"])])
async def test_an_environment_makes_no_project_that_may_not_be_made(
    make_world: MakeWorld, auto_create: bool, projects: list[str] | None
) -> None:
    world = await make_world(auto_create=auto_create)
    gitlab = await client(world, projects=projects)
    answer = await gitlab.ask("POST", "/projects/acme%2Fnew/environments", data={"name": "x"})
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})


async def test_an_update_changes_what_it_says_and_clears_what_it_nulls(world: World) -> None:
    gitlab = await client(world)
    shown = await made(gitlab, external_url="https://a.io", description="d")
    path = f"{ENVIRONMENTS}/{shown['id']}"
    changed = (await gitlab.ask("PUT", path, json={"tier": "other", "name": "x"})).json()
    assert (changed["tier"], changed["name"], changed["external_url"]) == (
        "other",
        "production",
        "https://a.io",
    )
    changed = (await gitlab.ask("PUT", path, json={"external_url": None})).json()
    assert (changed["external_url"], changed["description"]) == (None, "d")
    assert changed["updated_at"] >= changed["created_at"] == shown["created_at"]
    for nothing_new in ({}, {"tier": "other", "description": "d", "external_url": None}):
        assert (await gitlab.ask("PUT", path, json=nothing_new)).json() == changed
    listed = await gitlab.get(ENVIRONMENTS)
    assert listed == [changed]


async def test_stopping_decommissions_what_is_live_for_the_project_alone(any_world: World) -> None:
    gitlab = await client(any_world)
    mine = await gitlab.create()
    waiting = await gitlab.create(sha=OTHER, status="running")
    other = await gitlab.create("/projects/acme%2Fapi/deployments")
    number = mine["environment"]["id"]
    answer = await stopped(gitlab, number)
    assert (answer.status_code, answer.json()["state"]) == (200, "stopped")
    presences = {record.number: record.presence.value for record in await any_world.held()}
    assert presences == {mine["id"]: "decommissioned", waiting["id"]: "none", other["id"]: "live"}
    events = (
        await any_world.admin("GET", f"/records/{(await any_world.held())[0].id}/events")
    ).json()
    assert [event["kind"] for event in events["events"]] == ["recorded", "decommissioned"]
    assert events["events"][1]["dialect"] == "gitlab"
    again = await stopped(gitlab, number)
    assert (again.status_code, again.json()) == (200, answer.json())
    repeated = await gitlab.create()
    assert repeated["id"] > other["id"]
    assert (await gitlab.get(f"{ENVIRONMENTS}/{number}"))["state"] == "available"


async def test_what_runs_under_several_names_is_stopped_as_one(world: World) -> None:
    gitlab = await client(world, "admin")
    for name in ("web", "worker", "api"):
        body = {
            "org": "acme",
            "project": "acme/shop",
            "environment": "production",
            "deployment_name": name,
            "source": {"commit": OTHER},
        }
        assert (await world.admin("POST", "/records", body)).status_code == 201
    (place,) = await gitlab.get(ENVIRONMENTS)
    await stopped(gitlab, place["id"])
    assert {record.presence.value for record in await world.held()} == {"decommissioned"}
    assert len({record.ended_at for record in await world.held()}) == 1


async def test_one_that_its_own_job_stops_takes_force(world: World) -> None:
    gitlab = await client(world)
    number = (await made(gitlab, auto_stop_setting="with_action"))["id"]
    answer = await stopped(gitlab, number)
    text = "Attempted to stop the environment but failed to change the status"
    assert (answer.status_code, answer.json()) == (400, {"message": f"400 Bad request - {text}"})
    assert (await stopped(gitlab, number, force="maybe")).json() == {"error": "force is invalid"}
    answer = await stopped(gitlab, number, force="true")
    assert (answer.json()["state"], answer.json()["auto_stop_setting"]) == (
        "stopped",
        "with_action",
    )


async def test_a_stopped_environment_is_deleted_with_its_deployments(any_world: World) -> None:
    gitlab = await client(any_world, "admin")
    first = await gitlab.create()
    await gitlab.create(sha=OTHER)
    kept = await gitlab.create("/projects/acme%2Fapi/deployments")
    record = (await any_world.held())[0]
    path = f"{ENVIRONMENTS}/{first['environment']['id']}"
    refused = await gitlab.ask("DELETE", path)
    assert (refused.status_code, refused.json()) == (403, {"message": "403 Forbidden"})
    await stopped(gitlab, first["environment"]["id"])
    writer = await client(any_world)
    assert (await writer.ask("DELETE", path)).status_code == 403
    early = {"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    assert (await gitlab.ask("DELETE", path, headers=early)).status_code == 412
    answer = await gitlab.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert (await gitlab.ask("GET", path)).json() == {"message": "404 Not found"}
    assert [record.number for record in await any_world.held()] == [kept["id"]]
    events = (await any_world.admin("GET", f"/records/{record.id}/events")).json()["events"]
    kinds = [event["kind"] for event in events]
    assert kinds == ["recorded", "superseded", "removed"]
    again = await gitlab.create()
    assert again["environment"]["id"] > first["environment"]["id"]
    assert again["iid"] == 3


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


async def test_stopping_stale_ones_leaves_the_young_and_the_protected(any_world: World) -> None:
    gitlab = await client(any_world, "admin")
    path = f"{ENVIRONMENTS}/stop_stale"
    names = ("old", "guarded", "qa", "deployed", "young")
    for name in names:
        await made(gitlab, name)
    await gitlab.ask(
        "POST",
        f"{SHOP}/protected_environments",
        json={"name": "guarded", "deploy_access_levels": [{"access_level": 40}]},
    )
    await gitlab.ask(
        "POST",
        "/groups/acme/protected_environments",
        json={"name": "testing", "deploy_access_levels": [{"access_level": 40}]},
    )
    await gitlab.create(environment="deployed")
    async with any_world.gateway.store.writing() as tx:
        org = await tx.org("acme")
        assert org is not None
        for name in names[:4]:
            project = await tx.project(_scope(org.id), "acme/shop")
            environment = await tx.environment_named(org.id, name)
            assert project is not None
            assert environment is not None
            long_ago = datetime.now(UTC) - timedelta(days=30)
            where = (org.id, project.id, environment.id)
            await tx.set_environment_state(*where, "stopping", long_ago)
            await tx.set_environment_state(*where, "available", long_ago)
    answer = await gitlab.ask("POST", path, data={"before": ago(days=10)})
    text = "Successfully requested stop for all stale environments"
    assert (answer.status_code, answer.json()) == (200, {"message": text})
    states = {item["name"]: item["state"] for item in await gitlab.get(ENVIRONMENTS)}
    assert states == {
        "old": "stopped",
        "guarded": "available",
        "qa": "available",
        "deployed": "available",
        "young": "available",
    }


def _scope(org_id: Any) -> Any:
    from gateway.core.search import Scope

    return Scope(org_id)


@pytest.mark.parametrize("before", [ago(days=6), ago(days=3700)], ids=["young", "ancient"])
async def test_stale_is_neither_of_this_week_nor_of_another_decade(
    world: World, before: str
) -> None:
    gitlab = await client(world, "admin")
    await made(gitlab)
    answer = await gitlab.ask("POST", f"{ENVIRONMENTS}/stop_stale", json={"before": before})
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": "400 Bad request - Invalid Date"},
    )


async def test_who_may_do_what_to_environments(world: World) -> None:
    writer, reader = await client(world), await client(world, "read")
    number = (await made(writer))["id"]
    path = f"{ENVIRONMENTS}/{number}"
    for method, where in (("POST", ENVIRONMENTS), ("PUT", path), ("DELETE", path)):
        answer = await reader.ask(method, where)
        assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    stale = f"{ENVIRONMENTS}/stop_stale"
    assert (await writer.ask("POST", stale)).json() == {"error": "before is missing"}
    answer = await writer.ask("POST", stale, data={"before": ago(days=8)})
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})
    answer = await writer.ask("POST", stale, data={"before": "now"})
    assert answer.json() == {"error": "before is invalid"}
    for method, where in (("PUT", path), ("DELETE", path), ("POST", f"{path}/stop")):
        missing = where.replace(str(number), "4711")
        assert (await writer.ask(method, missing)).json() == {"message": "404 Not found"}
        wrong = where.replace(f"/{number}", "/x")
        assert (await writer.ask(method, wrong)).json() == {"error": "environment_id is invalid"}


async def test_the_last_deployment_of_an_environment_is_shown_there(world: World) -> None:
    gitlab = await client(world)
    number = (await made(gitlab))["id"]
    assert (await gitlab.get(f"{ENVIRONMENTS}/{number}"))["last_deployment"] is None
    deployment = await gitlab.create(DEPLOYMENTS)
    shown = await gitlab.get(f"{ENVIRONMENTS}/{number}")
    assert shown["last_deployment"]["id"] == deployment["id"]


async def test_stopping_and_deleting_while_others_deploy_leaves_no_half(any_world: World) -> None:
    gitlab = await client(any_world, "admin")
    number = (await gitlab.create())["environment"]["id"]
    path = f"{ENVIRONMENTS}/{number}"

    async def deploy(turn: int) -> int:
        body = said(ref=f"r{turn}", sha=f"{turn:040x}")
        return (await gitlab.ask("POST", DEPLOYMENTS, data=body)).status_code

    async def end() -> int:
        await stopped(gitlab, number)
        return (await gitlab.ask("DELETE", path)).status_code

    answers = await asyncio.gather(*(work for n in range(12) for work in (deploy(n), end())))
    assert set(answers) <= {201, 204, 403, 404}
    live = [r for r in await any_world.held() if r.presence.value == "live"]
    places = await gitlab.get(ENVIRONMENTS)
    assert [place["state"] for place in places] == ["available" if live else "stopped"] * len(
        places
    )
    assert len(live) <= len(places) <= 1
