"""``POST /v1/organization/deployment`` over HTTP: attempts, refusals and their order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from adapters.iftrue import dialect
from tests.schemas import misfits
from tests.world import MakeWorld, World

PATH = "/v1/organization/deployment"
COMMIT, OTHER = "f" * 40, "e" * 40
BODY: Mapping[str, Any] = {
    "title": "New Deployment",
    "branch": "master",
    "commit_id": COMMIT,
    "repository_url": "https://git.example/acme/shop",
    "member_id": "m-7",
    "pull_request_number": 241,
}
JSON = "application/json"


class Client:
    """Posts as the holder of one token, and checks every answer against the schemas."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.headers = {"authorization": f"Bearer {token}"}

    async def post(self, path: str = PATH, **said: object) -> httpx.Response:
        """``BODY`` with ``said`` over it."""
        return checked(
            await self.world.client.post(path, json={**BODY, **said}, headers=self.headers)
        )

    async def record(self, **said: object) -> dict[str, Any]:
        """The deployment that a post answers with."""
        answer = await self.post(**said)
        assert answer.status_code == 201, answer.text
        record: dict[str, Any] = answer.json()
        return record

    async def send(self, content: str | bytes, media_type: str | None = JSON) -> httpx.Response:
        """A body as it stands."""
        headers = self.headers | ({} if media_type is None else {"content-type": media_type})
        return checked(await self.world.client.post(PATH, content=content, headers=headers))

    async def held(self, org: str = "acme") -> list[tuple[str, str]]:
        """(state, presence) of every record, oldest first."""
        return [(r.state.value, r.presence.value) for r in await self.world.held(org)]


def checked(answer: httpx.Response) -> httpx.Response:
    name = "record" if answer.status_code == 201 else "error"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert misfits(dialect, name, answer.json()) == []
    return answer


@pytest.fixture(params=["documented", "observed"])
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(iftrue_profile=request.param)


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


async def test_each_post_is_a_record_also_of_the_live_commit(client: Client) -> None:
    first, second = await client.record(), await client.record()
    assert first["id"] != second["id"]
    assert first["created_at"] == first["updated_at"]
    assert await client.held() == [("success", "superseded"), ("success", "live")]


async def test_what_is_under_way_or_failed_leaves_what_is_live(client: Client) -> None:
    await client.record()
    await client.record(status="in_progress", commit_id=OTHER)
    await client.record(status="fail", commit_id=OTHER)
    expected = [("success", "live"), ("running", "none"), ("failed", "none")]
    assert await client.held() == expected


async def test_the_same_node_id_moves_the_same_deployment_on(client: Client) -> None:
    first = await client.record(status="in_progress", deployment_node_id="n", changelog="kept")
    done = await client.record(status="succes", deployment_node_id="n", title="Anew")
    assert done["id"] == first["id"]
    assert (done["title"], done["changelog"], done["status"]) == ("Anew", "kept", "succes")
    back = await client.record(status="in_progress", deployment_node_id="n")
    assert back["id"] == first["id"]
    assert await client.held() == [("running", "none")]


@pytest.mark.parametrize("status", ["fail", "in_progress"])
async def test_what_was_live_and_goes_is_answered_and_not_what_returns(
    client: Client, status: str
) -> None:
    former = await client.record(deployment_node_id="1")
    live = await client.record(deployment_node_id="2", commit_id=OTHER)
    gone = await client.record(deployment_node_id="2", commit_id=OTHER, status=status)
    assert (gone["id"], gone["commit_id"], gone["status"]) == (live["id"], OTHER, status)
    again = await client.record(deployment_node_id="2", commit_id=OTHER, status="succes")
    assert again["id"] == live["id"] != former["id"]
    assert await client.held() == [("success", "superseded"), ("success", "live")]


async def test_a_node_id_belongs_to_its_project(client: Client) -> None:
    first = await client.record(deployment_node_id="n")
    url = "https://git.example/acme/other"
    assert (await client.record(deployment_node_id="n", repository_url=url))["id"] != first["id"]


async def test_the_record_is_in_production_in_the_slot_of_its_project(client: Client) -> None:
    await client.record(repository_url="<https://git.example/acme/team/shop.git>")
    (record,) = await client.world.held()
    assert record.project.path == "acme/team/shop"
    assert (record.environment.name, record.slot.name) == ("production", "team/shop")
    assert record.actor.external_id == "m-7"
    assert record.delivery.pull_request_number == 241


async def test_all_spellings_of_a_repository_are_one_and_a_member_is_one_user(
    client: Client,
) -> None:
    urls = ("https://git.example/acme/shop/", "git@git.example:acme/shop.git", "<acme-inc/shop>")
    made = [await client.record(repository_url=url) for url in urls]
    for field in ("repository_id", "pusher_id", "organization_id"):
        assert len({record[field] for record in made}) == 1


async def test_a_path_of_another_group_lies_below_the_tokens_org(world: World) -> None:
    client = Client(world, await world.token(org="umbrella"))
    await client.record()
    (record,) = await world.held("umbrella")
    assert record.project.path == "umbrella/acme/shop"


@pytest.mark.parametrize(("profile", "shown"), [("documented", 600), ("observed", 10)])
async def test_a_duration_comes_back_as_the_profile_says(
    make_world: MakeWorld, profile: str, shown: int
) -> None:
    world = await make_world(iftrue_profile=profile)
    client = Client(world, await world.token())
    assert (await client.record(deployment_duration=10))["deployment_duration"] == shown
    (record,) = await world.held()
    assert record.delivery.duration_seconds == shown


async def test_the_answer_names_what_iftrue_loses(client: Client) -> None:
    answer = await client.post()
    assert answer.headers["deployment-gateway-fidelity"] == (
        "loses=project.path,environment.name,slot.name,presence,finished_at,actor,"
        "pull_request_number"
    )


async def test_parallel_posts_leave_one_live(client: Client) -> None:
    await asyncio.gather(*(client.record(commit_id=f"{n:040x}") for n in range(20)))
    held = await client.held()
    assert sorted(held) == [("success", "live")] + [("success", "superseded")] * 19


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/organization/deployment/", "/v1/organization/Deployment"),
        *("/v1/ORGANIZATION/deployment", "/V1/Organization/DEPLOYMENT/"),
    ],
)
async def test_case_and_a_trailing_slash_make_no_other_path(client: Client, path: str) -> None:
    assert (await client.post(path)).status_code == 201


async def test_without_auto_create_an_unknown_repository_is_not_found(
    make_world: MakeWorld,
) -> None:
    world = await make_world(auto_create=False)
    client = Client(world, await world.token())
    answer = await client.post()
    assert answer.status_code == 404
    text = "Repository not found"
    assert answer.json() == {"message": text, "error": "Not Found", "statusCode": 404}
    await world.admin("POST", "/orgs/acme/projects", {"path": "acme/shop"})
    assert (await client.post()).status_code == 201


async def test_a_project_outside_the_token_does_not_exist(world: World) -> None:
    await Client(world, await world.token()).record()
    limited = Client(world, await world.token(projects=["acme/other"], user="bob"))
    assert (await limited.post()).status_code == 404
    assert (await limited.post(repository_url="acme/other")).status_code == 201
    assert (await limited.post(repository_url="acme/../shop")).status_code == 404


# Bodies


@pytest.mark.parametrize(
    "media_type", [JSON, "application/json; charset=utf-8", "APPLICATION/Json"]
)
async def test_json_is_read_under_its_own_type(client: Client, media_type: str) -> None:
    body = (
        '{"title":"a","title":"b","branch":"x","commit_id":"c","member_id":"m",'
        '"repository_url":"acme/shop","pull_request_number":1}'
    )
    answer = await client.send(body, media_type)
    assert answer.status_code == 201
    assert answer.json()["title"] == "b", "the last one wins"


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/vnd.api+json", "x"])
async def test_any_other_type_reads_as_an_empty_object(
    client: Client, media_type: str | None
) -> None:
    answer = await client.send("{ not json", media_type)
    assert answer.status_code == 400
    assert len(answer.json()["message"]) == 11


async def test_a_form_is_read_and_its_numbers_are_texts(client: Client) -> None:
    form = (
        "title=a&branch=b&commit_id=c&repository_url=acme%2Fshop&member_id=m&pull_request_number=1"
    )
    answer = await client.send(form, "application/x-www-form-urlencoded")
    text = "pull_request_number must be a number conforming to the specified constraints"
    assert answer.json()["message"] == [text]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("{", "Unexpected end of JSON input"),
        ('{"title": }', "Unexpected token } in JSON at position 10"),
        ('{"a":1,\n"b" 2}', "Unexpected token 2 in JSON at position 12"),
        ("  null", "Unexpected token n in JSON at position 2"),
        ("5", "Unexpected token 5 in JSON at position 0"),
        ('"x"', 'Unexpected token " in JSON at position 0'),
        ('{"a":NaN}', "NaN is not a number in JSON"),
    ],
)
async def test_malformed_json_is_refused_with_one_text_before_the_credential(
    world: World, raw: str, text: str
) -> None:
    answer = await world.client.post(PATH, content=raw, headers={"content-type": JSON})
    assert checked(answer).json() == {"message": text, "error": "Bad Request", "statusCode": 400}


HOSTILE: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"[{}]",
    b"\xff\xfe",
    b'{"title":"\xff"}',
    b'{"title":"\\u0000"}',
    b'{"title":"\\ud800"}',
    b'{"title":1e999}',
    b'{"pull_request_number":' + b"9" * 5000 + b"}",
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b"[" * 100_000,
    b'{"title":' + b'"' + b"x" * 1_000_000 + b'"}',
    b'{"title":{"a":1},"branch":[],"status":{}}',
]


async def test_hostile_bodies_are_refused_in_words_and_write_nothing(client: Client) -> None:
    for raw in HOSTILE:
        for media_type in (JSON, "application/x-www-form-urlencoded", "multipart/form-data", "x"):
            answer = await client.send(raw, media_type)
            assert answer.status_code == 400, raw[:80]
    assert await client.held() == []


async def test_a_long_title_and_changelog_are_kept_whole(client: Client) -> None:
    said = {"title": "t" * 100_000, "changelog": "c" * 1_000_000, "url": "u" * 10_000}
    record = await client.record(**said)
    assert {name: record[name] for name in said} == said


async def test_a_body_too_large_is_refused(make_world: MakeWorld) -> None:
    world = await make_world(max_body_bytes=1024)
    client = Client(world, await world.token())
    answer = await client.send(b" " * 1025)
    assert answer.status_code == 413
    assert answer.text == '{"statusCode":413,"message":"request entity too large"}'


# Credentials


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Basic YTpi", "Bearer nonsense", "Bearer dgw_x", "Bearer a.b.c"]
)
async def test_every_doubt_about_a_credential_is_the_same_401(
    world: World, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = await world.client.post(PATH, json={}, headers=headers)
    assert checked(answer).status_code == 401
    assert answer.text == '{"message":"Unauthorized","statusCode":401}'
    assert "www-authenticate" not in answer.headers


async def test_the_scheme_is_read_in_any_case(world: World) -> None:
    for scheme in ("bearer ", "BEARER  "):
        headers = {"authorization": f"{scheme}{await world.token()}"}
        answer = await world.client.post(PATH, json=BODY, headers=headers)
        assert checked(answer).status_code == 201


async def test_the_jwt_form_opens_until_it_is_revoked(world: World) -> None:
    made = await world.admin("POST", "/orgs/acme/tokens", {"user": "ada", "permission": "write"})
    client = Client(world, made.json()["jwt"])
    assert (await client.post()).status_code == 201
    await world.admin("DELETE", f"/orgs/acme/tokens/{made.json()['id']}")
    assert (await client.post()).status_code == 401


async def test_a_read_token_is_forbidden_before_the_body_is_validated(world: World) -> None:
    client = Client(world, await world.token("read"))
    answer = await client.post(title="")
    assert answer.status_code == 403
    assert answer.json() == {"message": "Forbidden", "error": "Forbidden", "statusCode": 403}
    assert await client.held() == []


async def test_the_instance_administrator_works_in_the_default_org(
    make_world: MakeWorld,
) -> None:
    world = await make_world(default_org="umbrella")
    await Client(world, world.admin_token).record()
    assert len(await world.held("umbrella")) == 1


async def test_the_instance_administrator_without_a_default_org_has_none(world: World) -> None:
    answer = await Client(world, world.admin_token).post()
    assert (answer.status_code, answer.json()["message"]) == (404, "Organization not found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_an_unknown_verb_or_path_is_404_without_allow(world: World, method: str) -> None:
    for path in (PATH, "/v1/organization/", "/v1/organization/deployments"):
        answer = await world.client.request(method, path)
        assert checked(answer).status_code == 404
        assert answer.json()["message"] == f"Cannot {method} {path}"
        assert "allow" not in answer.headers
