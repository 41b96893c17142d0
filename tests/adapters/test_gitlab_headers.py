"""What is on the outside of GitLab's answers: tags, times, browsers' questions, limits."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest

from adapters.gitlab.headers import ulid
from tests.adapters.gitlab_client import DEPLOYMENTS, client, misfit, said
from tests.world import MakeWorld, World

JSON = {"content-type": "application/json"}


async def test_every_answer_has_a_request_id_and_its_time(world: World) -> None:
    gitlab = await client(world)
    for path in ("/version", "/nothing", f"{DEPLOYMENTS}?page=x"):
        headers = (await gitlab.ask("GET", path)).headers
        assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", headers["X-Request-Id"])
        assert re.fullmatch(r"\d+\.\d{6}", headers["X-Runtime"])


def test_a_request_id_is_the_one_of_the_log_in_other_letters() -> None:
    assert ulid("0" * 31 + "1") == "0" * 25 + "1"
    assert ulid("f" * 32) == "7" + "Z" * 25


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    gitlab = await client(world)
    made = await gitlab.create()
    path = f"{DEPLOYMENTS}/{made['id']}"
    first = await gitlab.ask("GET", path)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', tag)
    for known in (tag, f'W/"x", {tag}'):
        for method in ("GET", "HEAD"):
            again = await gitlab.ask(method, path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == tag
            assert "content-type" not in again.headers
    await gitlab.put(made["id"], "failed")
    changed = await gitlab.ask("GET", path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)


async def test_a_refusal_has_no_tag(world: World) -> None:
    gitlab = await client(world)
    assert "ETag" not in (await gitlab.ask("GET", "/nothing")).headers
    assert "ETag" in (await gitlab.ask("POST", DEPLOYMENTS, data=said())).headers


async def test_a_browser_of_any_origin_may_ask(world: World) -> None:
    gitlab = await client(world)
    plain = await gitlab.ask("GET", "/version")
    assert not [name for name in plain.headers if name.startswith("access-control")]
    for path in ("/version", "/nothing"):
        headers = (await gitlab.ask("GET", path, headers={"Origin": "https://a.io"})).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "X-Total-Pages" in headers["Access-Control-Expose-Headers"].split(", ")


async def test_a_browser_that_asks_first_needs_no_credential(world: World) -> None:
    headers = {
        "Origin": "https://a.io",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "private-token,content-type",
    }
    answer = await world.client.options(f"/api/v4{DEPLOYMENTS}", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "private-token,content-type"
    for missing in ("Origin", "Access-Control-Request-Method"):
        others = {name: value for name, value in headers.items() if name != missing}
        answer = await world.client.options(f"/api/v4{DEPLOYMENTS}", headers=others)
        assert answer.status_code != 200, missing


TOO_MUCH = {
    "Parameters nested too deeply": b"[" * 33 + b"]" * 33,
    "Array parameter too large": b"[" + b",".join([b"1"] * 50_001) + b"]",
    "Hash parameter too large": b"{" + b",".join(b'"%d":1' % n for n in range(50_001)) + b"}",
    "Too many total parameters": b"["
    + b",".join([b"[" + b",".join([b"1"] * 40_000) + b"]"] * 3)
    + b"]",
}


@pytest.mark.parametrize("text", TOO_MUCH)
async def test_json_has_limits_before_anything_else(world: World, text: str) -> None:
    for path in (DEPLOYMENTS, "/nothing"):
        answer = await world.client.post(f"/api/v4{path}", content=TOO_MUCH[text], headers=JSON)
        assert (answer.status_code, answer.json()) == (400, {"error": text})


async def test_json_just_within_its_limits_is_read(world: World) -> None:
    for body in (b"[" * 32 + b"]" * 32, b"[" + b",".join([b"1"] * 50_000) + b"]"):
        answer = await world.client.post(f"/api/v4{DEPLOYMENTS}", content=body, headers=JSON)
        assert answer.status_code == 401


async def test_a_broken_body_comes_before_the_path_and_a_malformed_path_before_the_route(
    world: World,
) -> None:
    answer = await world.client.post("/api/v4/nothing", content=b"{", headers=JSON)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid JSON format"})
    answer = await world.client.get("/api/v4/nothing?a=%ff")
    assert (answer.status_code, answer.text) == (400, "Bad Request")
    answer = await world.client.get("/api/v4/nothing?a=..%2Fb")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain")


async def test_a_limited_token_is_told_what_is_left_and_when_it_begins_again(
    make_world: MakeWorld,
) -> None:
    world = await make_world(rate_limit=3)
    gitlab = await client(world)
    for seen in (1, 2, 3):
        headers = (await gitlab.ask("GET", "/version")).headers
        assert headers["RateLimit-Name"] == "throttle_authenticated_api"
        assert headers["RateLimit-Limit"] == "3"
        assert headers["RateLimit-Observed"] == str(seen)
        assert headers["RateLimit-Remaining"] == str(3 - seen)
    refused = await gitlab.ask("GET", "/version")
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert misfit(refused) == []
    assert refused.headers["content-type"] == "text/plain"
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["RateLimit-ResetTime"].endswith(" GMT")
    reset = parsedate_to_datetime(refused.headers["RateLimit-ResetTime"])
    assert int(reset.timestamp()) == int(refused.headers["RateLimit-Reset"])
    assert refused.headers["RateLimit-Remaining"] == "0"
    other = await client(world, user="ben")
    assert (await other.ask("GET", "/version")).status_code == 200


async def test_without_a_limit_nothing_is_said_of_one(world: World) -> None:
    headers = (await (await client(world)).ask("GET", "/version")).headers
    assert not [name for name in headers if name.startswith("ratelimit")]
