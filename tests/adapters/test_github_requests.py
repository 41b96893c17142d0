"""GitHub's requests from the outside: paths, credentials, order of checks, hostile bodies."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping

import pytest

from adapters.github import dialect
from tests.adapters.test_github_http import BODY, CREATE, A, B, Client, refused
from tests.schemas import misfits
from tests.world import MakeWorld, World


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


@pytest.mark.parametrize("base", ["/orgs/ACME", "/orgs/acme-inc", "/api/v3/orgs/acme"])
async def test_an_org_is_found_in_any_case_by_alias_and_below_either_base(
    client: Client, base: str
) -> None:
    made = await client.record()
    assert (await client.get(A, base)).json()["deployment_records"] == [made]


@pytest.mark.parametrize("base", ["/", "/api/v3/", "//api/v3", "//api/v3/"])
async def test_a_slash_doubled_beside_the_base_is_tolerated(client: Client, base: str) -> None:
    url = f"http://gateway.test{base}{CREATE}"
    answer = await client.world.client.post(url, json=dict(BODY), headers=client.headers)
    assert answer.status_code == 200, answer.text
    for path in ("/repos/acme/shop", "/rate_limit", "/versions", "/meta", "/zen"):
        url = f"http://gateway.test{base}{path}"
        answer = await client.world.client.get(url, headers=client.headers)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("org", ["umbrella", "nobody", "acme%2Fshop", "%ff", "%00"])
async def test_an_unknown_or_foreign_org_is_not_found(client: Client, org: str) -> None:
    answer = await client.post(path=CREATE.replace("acme", org))
    refused(answer, 404, "Not Found", "create-an-artifact-deployment-record")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", CREATE),
        ("PUT", CREATE),
        ("DELETE", f"/orgs/acme/artifacts/{A}/metadata/deployment-records"),
        ("POST", f"{CREATE}/"),
        ("GET", f"{CREATE}/cluster/moda-1"),
        ("POST", f"{CREATE}/cluster/moda-1/"),
        ("GET", f"{CREATE}/cluster/moda-1/jobs"),
        ("DELETE", "/orgs/acme"),
        ("GET", "/repos/acme/shop"),
        ("OPTIONS", "/orgs/acme/nothing"),
        ("GET", "/api/v3"),
        ("GET", "/api/v3/orgs/acme/nothing"),
    ],
)
async def test_an_unknown_path_or_verb_is_not_found(client: Client, method: str, path: str) -> None:
    answer = await client.world.client.request(method, path, headers=client.headers)
    refused(answer, 404, "Not Found")
    assert "allow" not in answer.headers


async def test_each_form_of_the_credential_opens(world: World) -> None:
    token = await world.token()
    basic = base64.b64encode(f"ada:{token}".encode()).decode()
    for header in (f"Bearer {token}", f"bearer {token}", f"token {token}", f"Basic {basic}"):
        answer = await world.client.post(CREATE, json=dict(BODY), headers={"authorization": header})
        assert answer.status_code == 200, header


async def test_a_token_in_the_query_is_no_credential(world: World) -> None:
    token = await world.token()
    for name in ("access_token", "private_token", "token"):
        answer = await world.client.post(f"{CREATE}?{name}={token}", json=dict(BODY))
        refused(answer, 401, "Requires authentication")


async def test_a_bad_credential_is_told_from_none(world: World) -> None:
    for header in ("Bearer dgw_x", "Basic YWRhOnB3", "token é", "Digest x"):
        raw = [(b"authorization", header.encode("latin-1"))]
        answer = await world.client.post(CREATE, json=dict(BODY), headers=raw)
        refused(answer, 401, "Bad credentials")


async def test_a_read_token_lists_and_may_not_post(world: World) -> None:
    client = Client(world, await world.token("read"))
    assert await client.listed(A) == []
    answer = await client.post()
    refused(
        answer,
        403,
        "Resource not accessible by personal access token",
        "create-an-artifact-deployment-record",
    )
    assert answer.headers["x-accepted-github-permissions"] == "artifact_metadata=write"


async def test_checks_come_in_githubs_order(world: World) -> None:
    read = f"Bearer {await world.token('read')}"
    foreign = CREATE.replace("acme", "umbrella")
    seen = []
    for path, body, headers in [
        (foreign, b"{", {"user-agent": "", "x-github-api-version": "1", "accept": "text/html"}),
        (foreign, b"{", {"x-github-api-version": "1", "accept": "text/html"}),
        (foreign, b"{", {"accept": "text/html"}),
        (foreign, b"{", {}),
        (foreign, b"{", {"authorization": read}),
        (CREATE, b"{", {"authorization": read}),
        (CREATE, b"[]", {"authorization": read}),
        (CREATE, b"{}", {"authorization": read}),
        (CREATE, b"", {"authorization": read}),
        (CREATE, json.dumps(BODY).encode(), {"authorization": read}),
    ]:
        answer = await world.client.post(path, content=body, headers=headers)
        seen.append(answer.status_code)
    assert seen == [403, 400, 415, 401, 404, 400, 400, 422, 422, 403]


async def test_without_a_user_agent_the_answer_is_plain_text(world: World) -> None:
    answer = await world.client.post(CREATE, headers={"user-agent": ""})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert "User-Agent" in answer.text


async def test_the_content_type_of_a_body_does_not_matter(client: Client) -> None:
    for media_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        answer = await client.world.client.post(
            CREATE,
            content=json.dumps(BODY),
            headers={**client.headers, "content-type": media_type},
        )
        assert answer.status_code == 200, answer.text


HOSTILE: Mapping[str, tuple[bytes, int]] = {
    "no json": (b"name=x", 400),
    "half": (b'{"name": ', 400),
    "not utf-8": (b'{"name": "\xff\xfe"}', 400),
    "utf-16": ('{"name": "x"}'.encode("utf-16"), 400),
    "nan": (b'{"name": NaN}', 400),
    "infinity": (b'{"name": 1e999}', 400),
    "a long integer": (b'{"name": ' + b"9" * 5000 + b"}", 400),
    "nul": (b'{"name": "a\\u0000"}', 400),
    "lone surrogate": (b'{"name": "\\ud800"}', 400),
    "deep": (b'{"tags": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400),
    "an array": (b"[1]", 400),
    "null": (b"null", 400),
    "a text": (b'"x"', 400),
    "a number": (b"1", 400),
    "nothing": (b"", 422),
    "an empty object": (b"{}", 422),
    "a long list": (b'{"runtime_risks": [' + b'"x",' * 200_000 + b'"x"]}', 422),
    "a long text": (b'{"name": "' + b"x" * 1_000_000 + b'"}', 422),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_body_is_worded_and_writes_nothing(client: Client, name: str) -> None:
    body, status = HOSTILE[name]
    answer = await client.world.client.post(CREATE, content=body, headers=client.headers)
    refused(answer, status, answer.json()["message"], "create-an-artifact-deployment-record")
    assert len(answer.content) < 50_000
    assert await client.world.records() == []


async def test_a_body_beyond_the_limit_is_too_large(make_world: MakeWorld) -> None:
    world = await make_world(max_body_bytes=1024)
    answer = await Client(world, await world.token()).post(tags={"a": "x" * 2000})
    assert answer.status_code == 413
    assert misfits(dialect, "error", answer.json()) == []


async def test_every_field_at_its_limit_is_stored(client: Client) -> None:
    made = await client.record(
        name="n" * 256,
        version="v" * 100,
        logical_environment="l" * 128,
        physical_environment="ü" * 128,
        cluster="🚀" * 128,
        deployment_name="d" * 256,
        github_repository="r" * 100,
        tags={str(n): "t" * 10_000 for n in range(5)},
    )
    assert await client.listed(A) == [made]


async def test_a_key_said_twice_counts_the_last_time(client: Client) -> None:
    body = json.dumps(BODY)[:-1] + f', "digest": "{B}"}}'
    answer = await client.world.client.post(CREATE, content=body, headers=client.headers)
    assert answer.json()["deployment_records"][0]["digest"] == B


async def test_standing_headers_are_on_every_answer(client: Client) -> None:
    made = await client.post()
    missing = await client.world.client.get("/orgs/x/y", headers=client.headers)
    for answer in (made, missing):
        headers = answer.headers
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert headers["x-github-media-type"] == "github.v3; format=json"
        assert headers["x-github-api-version-selected"] == "2022-11-28"
        assert re.fullmatch(r"([0-9A-F]+:){4}[0-9A-F]+", headers["x-github-request-id"])
        assert headers["access-control-allow-origin"] == "*"
        assert "X-GitHub-Request-Id" in headers["access-control-expose-headers"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-ratelimit-remaining"] == headers["x-ratelimit-limit"] == "5000"
        assert (headers["x-ratelimit-used"], headers["x-ratelimit-resource"]) == ("0", "core")
        assert int(headers["x-ratelimit-reset"]) > time.time()
    assert made.headers["cache-control"] == "private, max-age=60, s-maxage=60"
    assert "Authorization" in made.headers["vary"]
    assert "cache-control" not in missing.headers
    assert "Authorization" not in missing.headers["vary"]


@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
async def test_the_version_asked_for_is_the_one_selected(client: Client, version: str) -> None:
    headers = {**client.headers, "x-github-api-version": version}
    answer = await client.world.client.post(CREATE, json=dict(BODY), headers=headers)
    assert answer.headers["x-github-api-version-selected"] == version
