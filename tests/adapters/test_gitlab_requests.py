"""What GitLab's API makes of requests as such: bodies, types, verbs, paths and headers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, client, misfit, said
from tests.world import MakeWorld, World

JSON = {"content-type": "application/json"}
OWN_ID = "deployment-gateway-request-id"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PLAIN = ("text/plain", b"Bad Request")

DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
HOSTILE: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "not json": (JSON, b"{", 400, "Invalid JSON format"),
    "a word": (JSON, b"success", 400, "Invalid JSON format"),
    "nan": (JSON, b'{"sha":NaN}', 400, "Invalid JSON format"),
    "infinity": (JSON, b'{"sha":1e999}', 400, "Invalid JSON format"),
    "a number of thousands of digits": (JSON, b'{"sha":%s}' % (b"9" * 5000), 400, "Invalid JSON"),
    "two values": (JSON, b"{}{}", 400, "Invalid JSON format"),
    "deep": (JSON, DEEP, 400, "Parameters nested too deeply"),
    "deep lists": (JSON, b"[" * 10_000 + b"]" * 10_000, 400, "Parameters nested too deeply"),
    "not utf-8": (JSON, b'{"sha":"\xff"}', 400, "Bad Request"),
    "utf-16": (JSON, '{"sha":"a"}'.encode("utf-16"), 400, "Bad Request"),
    "a nul": (JSON, b'{"sha":"a\\u0000b"}', 400, "Bad Request"),
    "a nul in a name": (JSON, b'{"\\u0000":1}', 400, "Bad Request"),
    "half a character": (JSON, b'{"sha":"\\ud800"}', 400, "Bad Request"),
    "a form that is not utf-8": (FORM, b"sha=%ff", 400, "Bad Request"),
    "a form with a nul": (FORM, b"sha=a%00b", 400, "Bad Request"),
    "raw bytes in a form": (FORM, b"sha=\xff", 400, "Bad Request"),
    "a form of too many fields": (FORM, b"&".join([b"a=1"] * 2000), 400, "Bad Request"),
    "multipart without a boundary": (
        {"content-type": "multipart/form-data"},
        b"--x",
        400,
        "Bad Request",
    ),
    "plain text": ({"content-type": "text/plain"}, b"sha=a", 415, "'text/plain'"),
    "xml": ({"content-type": "application/xml"}, b"<a/>", 415, "'application/xml'"),
    "a picture": ({"content-type": "image/png"}, b"\x89PNG", 415, "'image/png'"),
    "json:api": (
        {"content-type": "application/vnd.api+json; charset=utf-8"},
        b"{}",
        415,
        "'application/vnd.api+json'",
    ),
    "a list": (JSON, b"[1]", 400, "environment is missing"),
    "a text": (JSON, b'"text"', 400, "environment is missing"),
    "null": (JSON, b"null", 400, "environment is missing"),
    "an empty body": (JSON, b"", 400, "environment is missing"),
    "an empty body of a strange type": (
        {"content-type": "image/png"},
        b"",
        400,
        "environment is missing",
    ),
    "every field a list": (
        JSON,
        json.dumps({name: [] for name in said()}).encode(),
        400,
        "sha is inv",
    ),
    "every field null": (JSON, json.dumps(dict.fromkeys(said())).encode(), 400, "sha is empty"),
    "a long sha": (JSON, json.dumps(said(sha="a" * 100_000)).encode(), 400, "is too long"),
    "a long ref": (JSON, json.dumps(said(ref="a" * 100_000)).encode(), 400, "is too long"),
    "a long name": (JSON, json.dumps(said(environment="a" * 100_000)).encode(), 400, "too long"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_body_is_refused_in_words_and_writes_nothing(
    world: World, name: str
) -> None:
    headers, content, status, text = HOSTILE[name]
    gitlab = await client(world)
    answer = await gitlab.ask("POST", DEPLOYMENTS, headers=headers, content=content)
    assert answer.status_code == status, answer.text
    assert text in answer.text
    assert await world.held() == ()


@pytest.mark.parametrize("name", [name for name in HOSTILE if not name.startswith("a long")])
async def test_a_hostile_update_is_refused_in_words_and_changes_nothing(
    world: World, name: str
) -> None:
    headers, content, status, _ = HOSTILE[name]
    gitlab = await client(world)
    made = await gitlab.create(status="running")
    path = f"{DEPLOYMENTS}/{made['id']}"
    answer = await gitlab.ask("PUT", path, headers=headers, content=content)
    assert answer.status_code == status, answer.text
    assert await gitlab.get(path) == made


async def test_a_body_beyond_the_limit_is_refused(make_world: MakeWorld) -> None:
    world = await make_world(max_body_bytes=2000)
    gitlab = await client(world)
    big = said(sha="a" * 3000)
    answer = await gitlab.ask("POST", DEPLOYMENTS, json=big)
    assert (answer.status_code, answer.json()) == (400, {"error": "JSON body too large"})
    answer = await gitlab.ask("POST", DEPLOYMENTS, data=big)
    assert (answer.status_code, answer.json()) == (413, {"message": "413 Request Entity Too Large"})


MALFORMED = [
    f"{DEPLOYMENTS}?sha=%ff",
    f"{DEPLOYMENTS}?a%00b=1",
    f"{DEPLOYMENTS}?environment=%C3",
    "/projects/acme%00shop/deployments",
    "/projects/acme%FFshop/deployments",
    f"{DEPLOYMENTS}/1%00",
    "/projects/acme%2F%ed%a0%80",
]


@pytest.mark.parametrize("path", MALFORMED)
async def test_text_that_is_not_utf8_is_refused_before_the_credential(
    world: World, path: str
) -> None:
    answer = await world.client.get(f"/api/v4{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain")
    assert answer.content == b"Bad Request"


@pytest.mark.parametrize("name", ["Authorization", "Referer"])
async def test_a_header_that_is_not_utf8_is_refused(world: World, name: str) -> None:
    gitlab = await client(world)
    headers = [(b"PRIVATE-TOKEN", gitlab.token.encode()), (name.encode(), b"Bearer \xff")]
    answer = await world.client.get("/api/v4/user", headers=headers)
    assert (answer.status_code, answer.content) == (400, b"Bad Request")


TRAVERSAL = [
    "/projects/acme%2F..%2Fumbrella%2Fshop",
    "/projects/acme%2F..",
    f"{DEPLOYMENTS}?environment=..%2Fa",
    f"{DEPLOYMENTS}?x=a%5C..%5Cb",
]


@pytest.mark.parametrize("path", TRAVERSAL)
async def test_a_way_up_the_path_is_refused(world: World, path: str) -> None:
    answer = await (await client(world)).ask("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain")
    assert answer.text.startswith("Potential path traversal attempt detected.")


async def test_dots_in_free_text_are_text(world: World) -> None:
    gitlab = await client(world)
    await gitlab.create()
    answer = await gitlab.ask("GET", f"{SHOP}/environments?search=../")
    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_foreign_format_is_not_acceptable(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", "/version?format=xml")
    text = "The requested format 'xml' is not supported."
    assert (answer.status_code, answer.json()) == (406, {"error": text})
    assert (await gitlab.ask("GET", "/version?format=json")).status_code == 200


@pytest.mark.parametrize("suffix", [".json", ".xml", ".txt"])
async def test_a_format_at_the_end_of_the_path_is_ignored(world: World, suffix: str) -> None:
    gitlab = await client(world)
    made = await gitlab.create()
    shown = await gitlab.get(f"{DEPLOYMENTS}/{made['id']}{suffix}")
    assert shown == made
    assert await gitlab.get(f"/version{suffix}") == await gitlab.get("/version")


async def test_a_slash_at_the_end_or_said_twice_makes_no_other_path(world: World) -> None:
    gitlab = await client(world, "admin")
    made = await gitlab.create()
    assert await gitlab.get(f"{DEPLOYMENTS}/") == await gitlab.get(DEPLOYMENTS)
    assert await gitlab.get(f"/{DEPLOYMENTS}//{made['id']}/") == made
    again = await gitlab.ask("POST", f"{DEPLOYMENTS}/", data=said())
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    tier = {"name": "testing", "deploy_access_levels": [{"access_level": 40}]}
    assert (await gitlab.ask("POST", GUARDED, json=tier)).status_code == 201
    refused = await gitlab.ask("POST", GUARDED, json=tier)
    text = "Protected environment 'testing' already exists"
    assert (refused.status_code, refused.json()) == (409, {"message": text})
    doubled = await world.client.post(
        "http://gateway.test//api/v4" + GUARDED, headers={"private-token": gitlab.token}, json=tier
    )
    assert (doubled.status_code, doubled.json()) == (409, {"message": text})
    assert len(await gitlab.get("/groups/acme/protected_environments")) == 1


GUARDED = "//groups//acme/protected_environments/"

KNOWN = {
    DEPLOYMENTS: "OPTIONS, GET, POST, HEAD",
    f"{DEPLOYMENTS}/1": "OPTIONS, GET, PUT, DELETE, HEAD",
    f"{DEPLOYMENTS}/1/approval": "OPTIONS, POST",
    f"{DEPLOYMENTS}/1/merge_requests": "OPTIONS, GET, HEAD",
    f"{SHOP}/environments": "OPTIONS, GET, POST, HEAD",
    f"{SHOP}/environments/1": "OPTIONS, GET, PUT, DELETE, HEAD",
    f"{SHOP}/environments/1/stop": "OPTIONS, POST",
    f"{SHOP}/protected_environments": "OPTIONS, GET, POST, HEAD",
    f"{SHOP}/protected_environments/production": "OPTIONS, GET, PUT, DELETE, HEAD",
    "/groups/acme/protected_environments/production": "OPTIONS, GET, PUT, DELETE, HEAD",
    "/groups/acme": "OPTIONS, GET, HEAD",
    "/projects": "OPTIONS, GET, HEAD",
    "/users": "OPTIONS, GET, HEAD",
    SHOP: "OPTIONS, GET, HEAD",
    "/user": "OPTIONS, GET, HEAD",
    "/version": "OPTIONS, GET, HEAD",
}


@pytest.mark.parametrize(("path", "allow"), KNOWN.items())
async def test_a_known_path_says_its_verbs_and_has_no_others(
    world: World, path: str, allow: str
) -> None:
    gitlab = await client(world, "admin")
    answer = await gitlab.ask("OPTIONS", path)
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allow)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(allow.split(", ")):
        answer = await gitlab.ask(method, path)
        assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})
    anonymous = await world.client.options(f"/api/v4{path}")
    assert anonymous.status_code == 401


UNKNOWN = ["", "/", "/deployments", f"{DEPLOYMENTS}/1/2", f"{SHOP}/nothing"]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
async def test_an_unknown_path_is_no_route_for_anybody(
    world: World, method: str, path: str
) -> None:
    answer = await world.client.request(method, f"/api/v4{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


async def test_head_answers_as_get_does(world: World) -> None:
    gitlab = await client(world)
    await gitlab.create()
    for path in (DEPLOYMENTS, "/user", f"{SHOP}/environments"):
        head, get = await gitlab.ask("HEAD", path), await gitlab.ask("GET", path)
        varying = {"x-request-id", "x-gitlab-meta", "x-runtime", "server-timing", OWN_ID}
        assert {k: v for k, v in head.headers.items() if k not in varying} == {
            k: v for k, v in get.headers.items() if k not in varying
        }


async def test_every_answer_has_the_standing_headers(world: World) -> None:
    gitlab = await client(world)
    answers: list[Any] = [
        await gitlab.ask("GET", "/version"),
        await gitlab.ask("GET", "/nothing"),
        await gitlab.ask("GET", f"{SHOP}?a=%ff"),
        await world.client.get("/api/v4/user"),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Vary"] == "Origin"
        known = answer.headers["X-Request-Id"]
        assert json.loads(answer.headers["X-Gitlab-Meta"])["correlation_id"] == known != ""
        assert misfit(answer) == []
    assert answers[0].headers["Cache-Control"] == "max-age=0, private, must-revalidate"
    assert answers[1].headers["Cache-Control"] == "no-cache"


async def test_json_has_no_charset_and_escapes_markup(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("POST", DEPLOYMENTS, data=said(ref="<a&b>\u2028"))
    assert answer.headers["content-type"] == "application/json"
    assert b'"ref":"\\u003ca\\u0026b\\u003e\\u2028"' in answer.content
    assert answer.json()["ref"] == "<a&b>\u2028"
