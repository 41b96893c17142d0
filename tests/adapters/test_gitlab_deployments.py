"""Recording, moving and removing deployments over GitLab's API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.adapters.gitlab_client import DEPLOYMENTS, SHA, SHOP, client, said
from tests.world import MakeWorld, World

OTHER = "99d03678b90d914dbb1b109132516d71a4a03ea8"
FORM = {"content-type": "application/x-www-form-urlencoded"}

CARRIERS: Mapping[str, Mapping[str, Any]] = {
    "form": {"data": said()},
    "multipart": {"files": {name: (None, value) for name, value in said().items()}},
    "json": {"json": {**said(), "tag": False}},
    "query": {"params": said()},
    "json with a charset": {
        "content": b'{"environment":"production","sha":"%s","ref":"main","tag":false,'
        b'"status":"success"}' % SHA.encode(),
        "headers": {"content-type": "Application/JSON; charset=utf-8"},
    },
    "half in the query": {
        "params": {"environment": "production", "sha": SHA, "status": "failed"},
        "data": {"ref": "main", "tag": "false", "status": "success"},
    },
    "half in the query, half in json": {
        "params": {"environment": "production", "sha": SHA, "status": "failed"},
        "json": {"ref": "main", "tag": False, "status": "success"},
    },
    "a form without its type": {"content": urlencode(said())},
}


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_create_may_come_in_any_carrier(world: World, carrier: str) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", DEPLOYMENTS, **CARRIERS[carrier])
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["sha"], body["ref"], body["status"]) == (SHA, "main", "success")
    assert body["environment"]["name"] == "production"
    (record,) = await world.held()
    assert record.source.is_tag is False
    assert record.project.path == "acme/shop"


async def test_a_form_may_hold_text_that_is_not_percent_encoded(world: World) -> None:
    gitlab = await client(world)
    content = f"environment=production&sha={SHA}&ref=größe&tag=f&status=success".encode()
    answer = await gitlab.ask("POST", DEPLOYMENTS, content=content, headers=FORM)
    assert (answer.status_code, answer.json()["ref"]) == (201, "größe")


async def test_numbers_count_in_the_gateway_and_in_the_project(world: World) -> None:
    gitlab = await client(world)
    one = await gitlab.create(status="running")
    two = await gitlab.create("/projects/acme%2Fapi/deployments", status="running")
    three = await gitlab.create(status="running")
    assert [body["iid"] for body in (one, two, three)] == [1, 1, 2]
    assert one["id"] < two["id"] < three["id"]


async def test_a_success_that_repeats_the_live_one_is_the_same_deployment(world: World) -> None:
    gitlab = await client(world)
    first, second = await gitlab.create(), await gitlab.create()
    assert (second["id"], second["updated_at"]) == (first["id"], first["updated_at"])


@pytest.mark.parametrize(
    "changes", [{"sha": OTHER}, {"ref": "v1"}, {"environment": "staging"}, {"status": "failed"}]
)
async def test_anything_else_is_a_new_deployment(world: World, changes: dict[str, str]) -> None:
    gitlab = await client(world)
    assert (await gitlab.create())["id"] != (await gitlab.create(**changes))["id"]


@pytest.mark.parametrize("status", ["running", "failed", "canceled"])
async def test_attempts_said_twice_are_two(world: World, status: str) -> None:
    gitlab = await client(world)
    one, two = await gitlab.create(status=status), await gitlab.create(status=status)
    assert one["id"] != two["id"]
    assert one["updated_at"] == one["created_at"]


async def test_going_back_to_a_former_commit_is_a_new_deployment(world: World) -> None:
    gitlab = await client(world)
    numbers = [(await gitlab.create(sha=sha))["id"] for sha in (SHA, OTHER, SHA)]
    assert len(set(numbers)) == 3
    presences = [record.presence.value for record in await world.held()]
    assert presences == ["superseded", "superseded", "live"]


async def test_a_number_names_a_project_and_never_makes_one(world: World) -> None:
    gitlab = await client(world)
    await gitlab.create()
    number = (await gitlab.get(SHOP))["id"]
    made = await gitlab.create(f"/projects/{number}/deployments", sha=OTHER)
    assert made["iid"] == 2
    answer = await gitlab.ask("POST", "/projects/4711/deployments", data=said())
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})


async def test_a_read_makes_nothing(world: World) -> None:
    gitlab = await client(world)
    for path in (SHOP, DEPLOYMENTS, f"{SHOP}/environments", f"{DEPLOYMENTS}/1"):
        assert (await gitlab.ask("GET", path)).status_code == 404
    assert await world.held() == ()


async def test_project_and_org_compare_without_case_and_by_alias(world: World) -> None:
    gitlab = await client(world)
    first = await gitlab.create()
    for path in ("ACME%2FShop", "acme-inc%2Fshop", "Acme-Inc%2FSHOP"):
        again = await gitlab.create(f"/projects/{path}/deployments")
        assert again["id"] == first["id"]


async def test_without_auto_create_a_project_must_exist_and_an_environment_need_not(
    make_world: MakeWorld,
) -> None:
    world = await make_world(auto_create=False)
    gitlab = await client(world)
    answer = await gitlab.ask("POST", DEPLOYMENTS, data=said())
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})
    await world.admin("POST", "/orgs/acme/projects", {"path": "acme/shop"})
    made = await gitlab.create(environment="review/new")
    assert made["environment"]["slug"].startswith("review-new-")


async def test_an_environment_that_another_dialect_named_can_be_deployed_to(world: World) -> None:
    gitlab = await client(world)
    name = "prod:eu"
    refused = await gitlab.ask("POST", DEPLOYMENTS, data=said(environment=name))
    assert (refused.status_code, list(refused.json()["message"])) == (400, ["name"])
    assert await world.held() == ()
    await record(world, environment=name)
    assert (await gitlab.create(environment=name))["environment"]["name"] == name


async def test_a_refused_environment_name_comes_after_a_missing_project(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", "/projects/4711/deployments", data=said(environment=":"))
    assert answer.json() == {"message": "404 Project Not Found"}


async def record(world: World, **changes: object) -> int:
    """A record in any state, through the gateway's own API; its number."""
    body = {
        "org": "acme",
        "project": "acme/shop",
        "environment": "production",
        "source": {"commit": SHA, "ref": "main"},
        **changes,
    }
    answer = await world.admin("POST", "/records", body)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["number"]
    return number


STATES = ("created", "blocked", "running", "success", "failed", "canceled", "skipped")
EVENTS = {"running": "run", "success": "succeed", "failed": "drop", "canceled": "cancel"}


def is_allowed(before: str, after: str) -> bool:
    """A status is not repeated, and only what has not begun may begin."""
    return before != after and (after != "running" or before in {"created", "blocked"})


@pytest.mark.parametrize("before", STATES)
async def test_a_status_changes_as_gitlab_lets_it(world: World, before: str) -> None:
    gitlab = await client(world)
    for after, event in EVENTS.items():
        number = await record(world, state=before, environment=f"{before}-{after}")
        answer = await gitlab.put(number, after)
        shown = await gitlab.get(f"{DEPLOYMENTS}/{number}")
        if is_allowed(before, after):
            assert (answer.status_code, answer.json()["status"]) == (200, after)
            assert shown["updated_at"] == answer.json()["updated_at"] > shown["created_at"]
        else:
            assert answer.status_code == 400
            assert answer.json() == {"message": {"status": [f'cannot transition via "{event}"']}}
            assert (shown["status"], shown["updated_at"]) == (before, shown["created_at"])


async def test_success_makes_a_deployment_live_and_leaving_it_revives_the_former(
    world: World,
) -> None:
    gitlab = await client(world)
    first = await gitlab.create()
    second = await gitlab.create(sha=OTHER, status="running")
    await gitlab.put(second["id"], "success")
    assert await presences(world) == {first["id"]: "superseded", second["id"]: "live"}
    await gitlab.put(second["id"], "failed")
    assert await presences(world) == {first["id"]: "live", second["id"]: "none"}


async def presences(world: World) -> dict[int, str]:
    return {record.number: record.presence.value for record in await world.held()}


async def test_an_update_reads_its_id_as_loosely_as_gitlab(world: World) -> None:
    gitlab = await client(world)
    number = (await gitlab.create(status="running"))["id"]
    answer = await gitlab.put(f"{number}abc", "success")
    assert (answer.status_code, answer.json()["id"]) == (200, number)
    for nothing in ("abc", "0", "-1", "9" * 30, number + 1):
        answer = await gitlab.put(nothing, "failed")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


async def test_an_update_changes_the_status_alone(world: World) -> None:
    gitlab = await client(world)
    made = await gitlab.create(status="running")
    body = {"status": "success", "sha": OTHER, "ref": "v9", "id": 77}
    changed = (await gitlab.ask("PUT", f"{DEPLOYMENTS}/{made['id']}", json=body)).json()
    assert (changed["sha"], changed["ref"], changed["status"]) == (SHA, "main", "success")


BAD_IDS = ["abc", "1.5.6", "0x1", "%20"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_get_and_a_delete_want_a_whole_number(world: World, method: str) -> None:
    gitlab = await client(world, "admin")
    for text in BAD_IDS:
        answer = await gitlab.ask(method, f"{DEPLOYMENTS}/{text}")
        assert (answer.status_code, answer.json()) == (400, {"error": "deployment_id is invalid"})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_number_that_no_deployment_has_is_not_found(world: World, method: str) -> None:
    gitlab = await client(world, "admin")
    made = await gitlab.create()
    elsewhere = await gitlab.create("/projects/acme%2Fapi/deployments")
    for number in (0, -5, elsewhere["id"], made["id"] + 99, "9" * 19, "9" * 40, "9" * 5000):
        answer = await gitlab.ask(method, f"{DEPLOYMENTS}/{number}")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


async def test_a_deployment_is_read_by_its_number(world: World) -> None:
    gitlab = await client(world)
    made = await gitlab.create()
    assert await gitlab.get(f"{DEPLOYMENTS}/{made['id']}") == made
    assert await gitlab.get(f"{DEPLOYMENTS}/%2B{made['id']}.json") == made


@pytest.mark.parametrize("state", sorted({*STATES} - {"running", "success"}))
async def test_what_never_succeeded_can_be_deleted(world: World, state: str) -> None:
    gitlab = await client(world, "admin")
    path = f"{DEPLOYMENTS}/{await record(world, state=state)}"
    answer = await gitlab.ask("DELETE", path)
    assert (answer.status_code, answer.json()) == (202, {"message": "202 Accepted"})
    assert (await gitlab.ask("GET", path)).status_code == 404


async def test_what_runs_or_is_the_last_success_stays(world: World) -> None:
    gitlab = await client(world, "admin")
    first, last = await gitlab.create(), await gitlab.create(sha=OTHER)
    running = await gitlab.create(status="running")
    answer = await gitlab.ask("DELETE", f"{DEPLOYMENTS}/{last['id']}")
    text = "400 Deployment currently deployed to environment"
    assert (answer.status_code, answer.json()) == (400, {"message": text})
    answer = await gitlab.ask("DELETE", f"{DEPLOYMENTS}/{running['id']}")
    text = "400 Cannot destroy running deployment"
    assert (answer.status_code, answer.json()) == (400, {"message": text})
    assert (await gitlab.ask("DELETE", f"{DEPLOYMENTS}/{first['id']}")).status_code == 202
    assert await gitlab.listed() == [last["id"], running["id"]]


async def test_the_observed_profile_deletes_without_a_body(make_world: MakeWorld) -> None:
    gitlab = await client(await make_world(gitlab_profile="observed"), "admin")
    failed, last = await gitlab.create(status="failed"), await gitlab.create()
    answer = await gitlab.ask("DELETE", f"{DEPLOYMENTS}/{failed['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    answer = await gitlab.ask("DELETE", f"{DEPLOYMENTS}/{last['id']}")
    assert answer.json() == {"message": "Deployment currently deployed to environment"}


async def test_deleting_needs_admin_and_says_so_after_not_found(world: World) -> None:
    writer = await client(world, "write")
    path = f"{DEPLOYMENTS}/{(await writer.create(status='failed'))['id']}"
    answer = await writer.ask("DELETE", path)
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})
    assert (await writer.ask("DELETE", f"{DEPLOYMENTS}/4711")).status_code == 404
    assert (await writer.ask("DELETE", "/projects/4711/deployments/1")).status_code == 404
    assert (await writer.ask("GET", path)).status_code == 200


async def test_a_delete_may_depend_on_nothing_having_changed(world: World) -> None:
    gitlab = await client(world, "admin")
    path = f"{DEPLOYMENTS}/{(await gitlab.create(status='failed'))['id']}"
    now = datetime.now(UTC)
    stale = format_datetime(now - timedelta(hours=1), usegmt=True)
    answer = await gitlab.ask("DELETE", path, headers={"If-Unmodified-Since": stale})
    assert (answer.status_code, answer.json()) == (412, {"message": "412 Precondition Failed"})
    fresh = format_datetime(now + timedelta(seconds=1), usegmt=True)
    answer = await gitlab.ask("DELETE", path, headers={"If-Unmodified-Since": fresh})
    assert answer.status_code == 202


async def test_a_precondition_that_names_no_time_is_no_precondition(world: World) -> None:
    gitlab = await client(world, "admin")
    path = f"{DEPLOYMENTS}/{(await gitlab.create(status='failed'))['id']}"
    answer = await gitlab.ask("DELETE", path, headers={"If-Unmodified-Since": "yesterday"})
    assert answer.status_code == 202


async def test_an_answer_about_one_deployment_names_its_losses(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", DEPLOYMENTS, data=said(tag="true"))
    header = answer.headers["Deployment-Gateway-Fidelity"]
    assert header == "loses=slot.name,is_tag,presence,finished_at"


async def test_an_artifact_of_another_dialect_is_shown_by_its_digest(world: World) -> None:
    gitlab = await client(world)
    artifact = {"digests": {"sha256": "b" * 64}, "name": "ghcr.io/acme/shop", "version": "1.2"}
    number = await record(world, artifact=artifact, source={}, deployment_name="shop")
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}/{number}")
    assert (answer.json()["sha"], answer.json()["ref"]) == ("b" * 64, "1.2")
    assert "stands-in=sha,ref" in answer.headers["Deployment-Gateway-Fidelity"]
