"""``ETag`` on iftrue's answers, as the inferred stack makes it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1

import pytest

from adapters.iftrue.etags import etag
from tests.world import MakeWorld, World

PATH = "/v1/organization/deployment"


@pytest.fixture(params=["documented", "observed"])
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(iftrue_profile=request.param)


def test_a_tag_is_the_length_and_the_hash_of_the_body() -> None:
    # The tag that Express is known by for an empty body.
    assert etag(b"") == 'W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"'
    assert etag(b"x" * 300) == f'W/"12c-{b64encode(sha1(b"x" * 300).digest()).decode()[:27]}"'


async def test_every_answer_with_a_body_has_one(world: World) -> None:
    headers = {"authorization": f"Bearer {await world.token()}"}
    ask = world.client
    answers = [
        await ask.get(PATH, headers=headers),
        await ask.get(PATH),
        await ask.post(PATH, content="{", headers={"content-type": "application/json"}),
        await ask.post(PATH, json={}, headers=headers),
        await ask.put(PATH),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 400, 400, 404]
    for answer in answers:
        assert answer.headers["etag"] == etag(answer.content)


async def test_a_client_that_has_the_body_is_not_sent_it_again(world: World) -> None:
    headers = {"authorization": f"Bearer {await world.token()}"}
    first = await world.client.get(PATH, headers=headers)
    tag = first.headers["etag"]
    for said in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = await world.client.get(PATH, headers={**headers, "if-none-match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "content-type" not in again.headers
    for fresh in ({"if-none-match": '"x"'}, {"if-none-match": tag, "cache-control": "no-cache"}):
        answer = await world.client.get(PATH, headers={**headers, **fresh})
        assert (answer.status_code, answer.json()) == (200, first.json())


async def test_a_refusal_is_sent_whatever_the_client_has(world: World) -> None:
    answer = await world.client.get(PATH, headers={"if-none-match": "*"})
    assert answer.status_code == 401
    made = await world.client.post(PATH, json={}, headers={"if-none-match": "*"})
    assert made.status_code == 401
