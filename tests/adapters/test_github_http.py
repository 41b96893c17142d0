"""GitHub's endpoints from the outside: what is made, listed and refused, in which order."""

from __future__ import annotations

import asyncio
import base64
import json
import re
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
    assert await client.record() == await client.record()
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


async def test_absent_and_empty_parts_are_one_record(client: Client) -> None:
    assert await client.record() == await client.record(physical_environment="", cluster="")


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
    assert asked.presences == {Presence.LIVE, Presence.DECOMMISSIONED}


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


@pytest.mark.parametrize("base", ["/orgs/ACME", "/orgs/acme-inc", "/api/v3/orgs/acme"])
async def test_an_org_is_found_in_any_case_by_alias_and_below_either_base(
    client: Client, base: str
) -> None:
    made = await client.record()
    assert (await client.get(A, base)).json()["deployment_records"] == [made]


@pytest.mark.parametrize("base", ["/", "/api/v3/"])
async def test_a_slash_doubled_after_the_base_is_tolerated(client: Client, base: str) -> None:
    url = f"http://gateway.test{base}{CREATE}"
    answer = await client.world.client.post(url, json=dict(BODY), headers=client.headers)
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
        ("POST", f"{CREATE}/cluster/moda-1"),
        ("GET", "/orgs/acme"),
        ("GET", "/repos/acme/shop"),
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
    missing = await client.world.client.get("/zen", headers=client.headers)
    for answer in (made, missing):
        headers = answer.headers
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert headers["x-github-media-type"] == "github.v3; format=json"
        assert headers["x-github-api-version-selected"] == "2022-11-28"
        assert re.fullmatch(r"([0-9A-F]+:){4}[0-9A-F]+", headers["x-github-request-id"])
        assert headers["access-control-allow-origin"] == "*"
        assert "X-GitHub-Request-Id" in headers["access-control-expose-headers"]
        assert headers["x-content-type-options"] == "nosniff"
        assert not [name for name in headers if name.startswith("x-ratelimit")]
    assert made.headers["cache-control"] == "private, max-age=60, s-maxage=60"
    assert "Authorization" in made.headers["vary"]
    assert "cache-control" not in missing.headers
    assert "Authorization" not in missing.headers["vary"]


@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
async def test_the_version_asked_for_is_the_one_selected(client: Client, version: str) -> None:
    headers = {**client.headers, "x-github-api-version": version}
    answer = await client.world.client.post(CREATE, json=dict(BODY), headers=headers)
    assert answer.headers["x-github-api-version-selected"] == version


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
