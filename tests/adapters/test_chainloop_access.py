"""Who may ask Chainloop's API for what, and what its router answers to the rest."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest

from tests.adapters.chainloop_client import ENVIRONMENTS, PATH, PROFILES, body_of, checked, message
from tests.world import MakeWorld, World

BODY = {"environment_name": "production", "artifact_digest": "sha256:" + "a" * 64}
NOT_OURS = jwt.encode({"org": "acme", "jti": "1"}, "k" * 32, algorithm="HS256")
OTHER_HMAC = jwt.encode({"org": "acme", "jti": "1"}, "k" * 64, algorithm="HS512")
UNSIGNED = jwt.encode({"org": "acme", "jti": "1"}, None, algorithm="none")


@pytest.fixture(params=PROFILES)
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(chainloop_profile=request.param)


async def get(world: World, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return checked(await world.client.get(PATH, headers=sent))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, "JWT token is missing"),
        ("", "JWT token is missing"),
        ("Bearer", "JWT token is missing"),
        ("Bearer ", "JWT token is missing"),
        ("Basic YTpi", "JWT token is missing"),
        ("Token abc", "JWT token is missing"),
        ("Bearer abc", "Token is invalid"),
        ("Bearer dgw_abc", "Token is invalid"),
        ("Bearer a.b.c", "Token is invalid"),
        (f"Bearer {UNSIGNED}", "Token is invalid"),
        (f"Bearer {NOT_OURS}", "Fail to parse JWT token "),
        (f"Bearer {OTHER_HMAC}", "Wrong signing method"),
    ],
)
async def test_a_credential_that_does_not_hold_is_401_in_the_services_words(
    world: World, header: str | None, text: str
) -> None:
    answer = await get(world, **({} if header is None else {"authorization": header}))
    assert (answer.status_code, answer.json()["message"]) == (401, text)
    assert answer.json().get("reason", "UNAUTHORIZED") == "UNAUTHORIZED"
    assert "www-authenticate" not in answer.headers


async def test_the_scheme_is_read_in_any_case_with_exactly_one_space(world: World) -> None:
    token = await world.token()
    assert (await get(world, authorization=f"bEARER {token}")).status_code == 200
    for form in (token, (await issued(world))["jwt"]):
        twice = await get(world, authorization=f"Bearer  {form}")
        assert (twice.status_code, twice.json()["message"]) == (401, "Token is invalid")


async def issued(world: World, **said: object) -> dict[str, Any]:
    body = {"user": "ada", "permission": "write", **said}
    answer = await world.admin("POST", "/orgs/acme/tokens", body)
    made: dict[str, Any] = answer.json()
    return made


async def test_both_forms_of_a_credential_open_until_it_is_revoked(world: World) -> None:
    made = await issued(world)
    for form in (made["token"], made["jwt"]):
        assert (await get(world, **bearer(form))).status_code == 200
    await world.admin("DELETE", f"/orgs/acme/tokens/{made['id']}")
    for form in (made["token"], made["jwt"]):
        answer = await get(world, **bearer(form))
        assert (answer.status_code, answer.json()["message"]) == (401, "Token is invalid")


async def test_a_token_in_the_query_is_no_credential(world: World) -> None:
    answer = await world.client.get(f"{PATH}?access_token={await world.token()}")
    assert answer.status_code == 401


async def post(world: World, token: str, **headers: str) -> httpx.Response:
    return await world.client.post(PATH, json=BODY, headers=bearer(token) | headers)


async def test_a_token_works_in_its_own_org_whatever_the_header_says(world: World) -> None:
    token = await world.token(org="umbrella")
    header = {"Chainloop-Organization": "acme"}
    assert (await post(world, token, **header)).status_code == 200
    assert len(await world.records("umbrella")) == 1
    assert await world.records("acme") == []


async def test_the_instance_administrator_names_an_org(make_world: MakeWorld) -> None:
    world = await make_world(default_org="umbrella")
    for header, org in (({"Chainloop-Organization": "ACME-inc"}, "acme"), ({}, "umbrella")):
        assert (await post(world, world.admin_token, **header)).status_code == 200
        assert len(await world.records(org)) == 1


async def test_the_instance_administrator_without_an_org_is_told_so(world: World) -> None:
    nowhere = await get(world, **bearer(world.admin_token))
    assert nowhere.status_code == 403
    assert nowhere.json()["message"].endswith("has no current organization")
    headers = bearer(world.admin_token) | {"Chainloop-Organization": "nobody"}
    unknown = await get(world, **headers)
    assert unknown.status_code == 403
    assert unknown.json()["message"] == "user is not a member of organization nobody"


async def test_a_read_token_reads_and_does_not_record(world: World) -> None:
    token = await world.token("read")
    assert (await get(world, **bearer(token))).status_code == 200
    refused = await post(world, token)
    assert message(refused, 403) == "operation not allowed"
    assert await world.records() == []


async def test_a_token_limited_to_a_project_sees_and_writes_only_there(world: World) -> None:
    whole = await world.token()
    limited = await world.token(projects=["acme/shop"], user="bob")
    await world.client.post(
        PATH, json={**BODY, "artifact_name": "acme/other"}, headers=bearer(whole)
    )
    assert body_of(await get(world, **bearer(limited)))["pagination"]["total_count"] == 0
    assert (await post(world, limited)).status_code == 403
    mine = {**BODY, "deployment_name": "mine", "artifact_digest": "sha256:" + "b" * 64}
    made = await world.client.post(PATH, json=mine, headers=bearer(limited))
    assert made.status_code == 200
    shown = body_of(await get(world, **bearer(limited)))["deployment_records"]
    assert [record["deployment_name"] for record in shown] == ["mine"]


# The router


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_any_other_verb_is_405_without_allow(
    make_world: MakeWorld, profile: str, method: str
) -> None:
    world = await make_world(chainloop_profile=profile)
    for path in (ENVIRONMENTS, f"{ENVIRONMENTS}/x", PATH):
        answer = await world.client.request(method, path)
        assert answer.status_code == 405
    assert answer.status_code == 405
    assert "allow" not in answer.headers
    if method == "HEAD":
        assert answer.text == ""
    elif profile == "observed":
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text == "Method Not Allowed\n"
    else:
        assert answer.json() == {"code": 12, "message": "Method Not Allowed", "details": []}


@pytest.mark.parametrize(
    "path",
    [
        *("/v1", "/v1/", "/v1/Deployments", "/v1/deployments/x", "/v1/deployments%2F"),
        *("/v1/a%2Fb", "/v1/Environments", "/v1/environments/a%2Fb", "/v1/environments/a%2fb"),
        *("/v1/environments/a/b", "/v1/logical-environments", "/v1/organizations"),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
async def test_an_unknown_path_is_404_before_any_credential(
    make_world: MakeWorld, profile: str, path: str
) -> None:
    world = await make_world(chainloop_profile=profile)
    answer = await world.client.get(path)
    assert answer.status_code == 404
    if profile == "observed":
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text == "404 page not found\n"
    else:
        assert answer.json() == {"code": 5, "message": "Not Found", "details": []}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", [PATH, ENVIRONMENTS, f"{ENVIRONMENTS}/x"])
async def test_needless_slashes_are_redirected_with_the_query(
    world: World, method: str, path: str
) -> None:
    for needless in (f"{path}/", path.replace("/v1/", "/v1//"), f"/{path}"):
        url = f"http://gateway.test{needless}?full_history=true&a=%20"
        answer = await world.client.request(method, url)
        assert answer.status_code == 301
        assert answer.headers["location"] == f"{path}?full_history=true&a=%20"
        assert answer.text == ""
