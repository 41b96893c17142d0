"""``POST /v1/deployments`` over HTTP: what is recorded, what is refused, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.adapters.chainloop_client import (
    COMMIT,
    JSON,
    PATH,
    PROFILES,
    A,
    B,
    Client,
    body_of,
    checked,
    message,
)
from tests.world import MakeWorld, World

BODY: Mapping[str, Any] = {
    "environment_name": "production",
    "artifact_digest": A,
    "deployment_name": "api-server",
}


@pytest.fixture(params=PROFILES)
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(chainloop_profile=request.param)


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


async def test_a_new_record_has_one_moment_and_a_status(client: Client) -> None:
    record = await client.record()
    assert record["status"] == "DEPLOYED"
    assert record["created_at"] == record["updated_at"] == record["last_seen_at"]


async def test_the_same_artifact_again_moves_the_last_sight_alone(client: Client) -> None:
    first = await client.record(artifact_name="shop")
    again = await client.record()
    assert again["last_seen_at"] > first["last_seen_at"]
    assert {**again, "last_seen_at": first["last_seen_at"]} == first


async def test_a_fact_said_anew_changes_the_same_record(client: Client) -> None:
    first = await client.record(artifact_name="shop", artifact_version="1")
    again = await client.record(artifact_version="2")
    assert again["id"] == first["id"]
    assert again["artifact"] == {**first["artifact"], "version": "2"}
    assert again["updated_at"] == again["last_seen_at"] > first["updated_at"]
    assert again["created_at"] == first["created_at"]


async def test_another_artifact_supersedes_and_a_rollback_is_a_new_record(client: Client) -> None:
    first = await client.record()
    await client.record(artifact_digest=B)
    back = await client.record()
    assert back["id"] != first["id"]
    assert await client.history() == [(A, "DEPLOYED"), (B, "SUPERSEDED"), (A, "SUPERSEDED")]


async def test_decommissioning_ends_the_live_record_in_place(client: Client) -> None:
    first = await client.record()
    gone = await client.record(status="DECOMMISSIONED")
    assert (gone["id"], gone["status"]) == (first["id"], "DECOMMISSIONED")
    assert gone["updated_at"] > first["updated_at"]
    assert (await client.record())["id"] != first["id"]


async def test_decommissioning_what_is_not_live_leaves_the_live_record(client: Client) -> None:
    await client.record()
    await client.record(artifact_digest=B)
    await client.record(status="DECOMMISSIONED")
    assert await client.history() == [(B, "DEPLOYED"), (A, "DECOMMISSIONED")]


async def test_decommissioning_what_was_never_seen_makes_a_record(client: Client) -> None:
    assert (await client.record(status="DECOMMISSIONED"))["status"] == "DECOMMISSIONED"


async def test_the_kind_is_no_part_of_the_slot(client: Client) -> None:
    await client.record(kind="CONTAINER_IMAGE")
    await client.record(kind="HELM_CHART", artifact_digest=B)
    assert await client.history() == [(B, "DEPLOYED"), (A, "SUPERSEDED")]


async def test_an_empty_deployment_name_is_a_slot_of_its_own(client: Client) -> None:
    await client.record(deployment_name="")
    await client.record(deployment_name="x", artifact_digest=B)
    assert {status for _, status in await client.history()} == {"DEPLOYED"}


async def test_a_known_artifact_keeps_its_name_where_none_is_said(client: Client) -> None:
    await client.record(artifact_name="ghcr.io/acme/shop", artifact_version="1")
    elsewhere = await client.record(environment_name="staging")
    assert elsewhere["artifact"]["name"] == "ghcr.io/acme/shop"
    assert elsewhere["artifact"]["version"] == "1"


async def test_a_record_by_commit_is_restated_by_what_it_shows(client: Client) -> None:
    first = await client.record(artifact_digest=f"gitCommit:{COMMIT}")
    assert first["artifact"]["digest"] == f"gitCommit:{COMMIT}"
    assert first["artifact_id"] == ""
    again = await client.record(artifact_digest=first["artifact"]["digest"])
    assert again["id"] == first["id"]


async def test_the_answer_names_what_chainloop_loses(client: Client) -> None:
    answer = await client.post(kind="CONTAINER_IMAGE", artifact_name="shop", artifact_version="1")
    assert answer.headers["deployment-gateway-fidelity"] == "loses=project.path,finished_at,actor"


async def test_parallel_posts_into_one_slot_leave_one_deployed(client: Client) -> None:
    digests = [f"sha256:{n:064x}" for n in range(20)]
    await asyncio.gather(*(client.record(artifact_digest=digest) for digest in digests))
    statuses = [status for _, status in await client.history()]
    assert sorted(statuses) == ["DEPLOYED"] + ["SUPERSEDED"] * 19


@pytest.mark.parametrize("profile", PROFILES)
async def test_without_auto_create_an_environment_is_made_first(
    make_world: MakeWorld, profile: str
) -> None:
    world = await make_world(auto_create=False, chainloop_profile=profile)
    client = Client(world, await world.token())
    assert message(await client.post(), 404) == "environment not found"
    assert await client.history() == []
    made = await client.environment("production")
    assert (await client.record())["environment_id"] == made["id"]


async def test_both_spellings_are_read(client: Client) -> None:
    await client.post(artifactName="shop")
    body = {"environmentName": "production", "artifact_digest": A, "deploymentName": "api-server"}
    answer = await client.world.client.post(PATH, json=body, headers=client.headers)
    record = body_of(checked(answer))["deployment_record"]
    assert record["artifact"]["name"] == "shop"


# Codecs


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "text/json", "x/json;;"],
)
async def test_the_exact_subtype_chooses_the_codec(client: Client, media_type: str) -> None:
    body = f'{{"environment_name":"production","artifact_digest":"{A}"}}'
    assert (await client.send(body, media_type)).status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        *(
            None,
            "",
            "json",
            "Application/JSON",
            "text/plain",
            "application/vnd.api+json",
            "a/json ;x",
        ),
        *("application/proto", "application/xml"),
    ],
)
async def test_any_other_media_type_is_unregistered(client: Client, media_type: str | None) -> None:
    answer = await client.send("{}", media_type)
    assert message(answer) == f"unregister Content-Type: {media_type or ''}"


async def test_a_form_is_read(client: Client) -> None:
    form = f"environment_name=caf\u00e9&artifactDigest={A.replace(':', '%3A')}&kind=2&zz=1".encode()
    answer = await client.send(form, "application/x-www-form-urlencoded")
    record = body_of(answer)["deployment_record"]
    assert record["environment_name"] == "caf\u00e9"
    assert record["artifact"]["kind"] == "HELM_CHART"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("kind=NOPE", 'body unmarshal parsing field "kind": "NOPE" is not a valid value'),
        ("kind=1&kind=2", 'body unmarshal too many values for field "kind": 1, 2'),
        ("a=%zz", 'body unmarshal invalid URL escape "%zz"'),
        ("a;b", "body unmarshal invalid semicolon separator in query"),
    ],
)
async def test_a_form_that_does_not_bind_is_refused(client: Client, form: str, text: str) -> None:
    assert message(await client.send(form, "application/x-www-form-urlencoded")) == text


@pytest.mark.parametrize("media_type", [JSON, "application/x-www-form-urlencoded", "a/yaml"])
async def test_an_empty_body_is_an_empty_message(client: Client, media_type: str) -> None:
    expected = "validation errors:\n - environment_name: value is required"
    assert message(await client.send("", media_type)).startswith(expected)


async def test_yaml_fills_nothing(client: Client) -> None:
    yaml = f"environment_name: production\nartifact_digest: {A}\n"
    assert "value is required" in message(await client.send(yaml, "application/yaml"))


async def test_the_query_is_bound_after_the_body(client: Client) -> None:
    answer = await client.world.client.post(
        f"{PATH}?environmentName=staging&kind=HELM_CHART",
        json={**BODY, "kind": "CONTAINER_IMAGE"},
        headers=client.headers,
    )
    record = body_of(checked(answer))["deployment_record"]
    assert record["environment_name"] == "staging"
    assert record["artifact"]["kind"] == "HELM_CHART"


# Order of work


async def test_body_and_query_are_decoded_before_the_credential_is_checked(world: World) -> None:
    for path, content, media_type in (
        (PATH, "{", JSON),
        (f"{PATH}?kind=NOPE", "{}", JSON),
        (PATH, "{}", "text/plain"),
    ):
        headers = {"content-type": media_type}
        answer = checked(await world.client.post(path, content=content, headers=headers))
        assert answer.status_code == 400
    answer = await world.client.post(PATH, json={})
    assert checked(answer).status_code == 401


async def test_the_permission_is_checked_before_the_message(world: World) -> None:
    client = Client(world, await world.token("read"))
    answer = await client.post(environment_name="")
    assert answer.status_code == 403
    assert answer.json()["message"] == "operation not allowed"


HOSTILE: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"5",
    b'"x"',
    b"{",
    b'{"environment_name":NaN}',
    b'{"environment_name":"\xff"}',
    b"\xff\xfe{\x00}\x00",
    b'{"environment_name":"a\\u0000b","artifact_digest":"x"}',
    b'{"environment_name":"\\udc00"}',
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b"[" * 100_000,
    b'{"kind":1e999}',
    b'{"kind":' + b"9" * 5000 + b"}",
    b'{"environment_name":{"$ne":null},"artifact_digest":[]}',
    b'{"environment_name":"x","artifact_digest":"sha256:' + b"\xc3\xa9" * 40 + b'"}',
    b'{"environment_name":"' + b"x" * 100_000 + b'","artifact_digest":"' + A.encode() + b'"}',
    b'{"environment_name":"x","artifact_digest":"' + A.encode() + b'","status":3}',
]


async def test_hostile_bodies_are_refused_in_words_and_write_nothing(world: World) -> None:
    client = Client(world, await world.token())
    for raw in HOSTILE:
        for media_type in (JSON, "application/x-www-form-urlencoded", "a/yaml", "multipart/x"):
            answer = await client.send(raw, media_type)
            assert 400 <= answer.status_code < 500, raw[:80]
    assert await world.records() == []


@pytest.mark.parametrize(("profile", "code"), [("documented", 8), ("observed", 413)])
async def test_a_body_too_large_is_refused(make_world: MakeWorld, profile: str, code: int) -> None:
    world = await make_world(max_body_bytes=1024, chainloop_profile=profile)
    client = Client(world, await world.token())
    answer = await client.send(b" " * 1025)
    assert (answer.status_code, answer.json()["code"]) == (413, code)
