"""Documents over HTTP: for anybody, with the address that clients use, and true of what answers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gateway.registry import BUILT_IN, installed
from tests.openapi.documents import misfits, operations
from tests.world import BASE_URL, MakeWorld, World

NAMES = BUILT_IN


async def _document(world: World, name: str) -> dict[str, Any]:
    answer = await world.client.get(f"/openapi/{name}.json")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    read: dict[str, Any] = answer.json()
    return read


@pytest.mark.parametrize("name", NAMES)
async def test_anybody_reads_a_document_with_the_requests_own_address(
    world: World, name: str
) -> None:
    read = await _document(world, name)
    bases = installed()[name].bases
    assert [server["url"] for server in read["servers"]] == [f"{BASE_URL}{base}" for base in bases]


async def test_the_public_url_and_the_profile_are_the_running_gateways(
    make_world: MakeWorld,
) -> None:
    world = await make_world(public_url="https://deploy.example/", chainloop_profile="observed")
    read = await _document(world, "chainloop")
    assert read["servers"] == [{"url": "https://deploy.example/v1"}]
    assert read["info"]["x-profile"] == "observed"
    assert (await _document(world, "gitlab"))["info"]["x-profile"] == "documented"


async def test_an_unknown_dialect_has_no_document(world: World) -> None:
    answer = await world.client.get("/openapi/bitbucket.json")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == "/openapi/bitbucket.json"


async def test_no_document_holds_what_an_org_has_said(world: World) -> None:
    before = [await _document(world, name) for name in NAMES]
    body = {"environment": "secret-place", "source": {"commit": "5" * 40}, "project": "acme/hidden"}
    answer = await world.admin("POST", "/records", {"org": "acme", **body})
    assert answer.status_code == 201, answer.text
    assert [await _document(world, name) for name in NAMES] == before


@pytest.mark.parametrize("name", NAMES)
async def test_a_credential_holds_in_every_place_that_a_document_names(
    world: World, name: str
) -> None:
    read = await _document(world, name)
    token = await world.token("admin")
    path = _listing(name)
    assert (await world.client.get(path)).status_code == 401
    schemes = read["components"]["securitySchemes"]
    for place, scheme in schemes.items():
        headers, query = _offered(scheme, token)
        answer = await world.client.get(path, headers=headers, params=query)
        assert answer.status_code == 200, f"{place}: {answer.text}"


@pytest.mark.parametrize("name", NAMES)
async def test_what_a_document_calls_public_and_nothing_else_needs_no_credential(
    world: World, name: str
) -> None:
    read = await _document(world, name)
    base = installed()[name].bases[0]
    for method, path, operation in operations(read):
        asked = base + path.replace("{", "").replace("}", "")
        answer = await world.client.request(method, asked)
        said = f"{method} {path}: {answer.status_code}"
        assert answer.status_code >= 400 if operation["security"] else answer.status_code < 400, (
            said
        )


@pytest.mark.parametrize("path", ["/versions", "/meta", "/zen", "/rate_limit", "/orgs/{org}"])
async def test_github_says_304_of_what_is_answered_so(world: World, path: str) -> None:
    read = await _document(world, "github")
    headers = {"authorization": f"Bearer {await world.token('read')}", "if-none-match": "*"}
    answer = await world.client.get(path.format(org="acme"), headers=headers)
    is_told = "304" in read["paths"][path]["get"]["responses"]
    assert answer.status_code == (304 if is_told else 200), answer.text
    assert is_told == ("etag" in answer.headers)


@pytest.mark.parametrize("said", ["a", "a.b_c-1", "x" * 100, "x" * 101, "a b", "-a", "a/b", ""])
async def test_a_name_that_the_document_allows_is_taken_and_no_other(
    world: World, said: str
) -> None:
    read = await _document(world, "canonical")
    made: dict[str, dict[str, object]] = {
        "/orgs": {"name": said},
        "/orgs/{org}/users": {"username": said},
        "/orgs/{org}/groups": {"name": said},
        "/orgs/{org}/tokens": {"user": said, "permission": "read"},
    }
    for path, body in made.items():
        content = read["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        answer = await world.admin("POST", path.format(org="umbrella"), body)
        wanted = 422 if misfits(read, content["schema"], body) else 201
        assert answer.status_code == wanted, f"{path}: {answer.text}"


def _listing(name: str) -> str:
    return {
        "canonical": "/gateway/v1/records?org=acme",
        "chainloop": "/v1/deployments",
        "github": "/orgs/acme",
        "gitlab": "/api/v4/user",
        "iftrue": "/v1/organization/deployment",
    }[name]


def _offered(scheme: dict[str, str], token: str) -> tuple[dict[str, str], dict[str, str]]:
    if scheme["type"] == "apiKey":
        said = {scheme["name"]: token}
        return (said, {}) if scheme["in"] == "header" else ({}, said)
    if scheme["scheme"] == "basic":
        secret = base64.b64encode(f"anybody:{token}".encode()).decode()
        return {"authorization": f"Basic {secret}"}, {}
    return {"authorization": f"Bearer {token}"}, {}
