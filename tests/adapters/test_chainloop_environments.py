"""``/v1/environments`` over HTTP: the org's environments, made here or by any dialect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chainloop import dialect, environments, protojson, uuids, wire
from gateway.core.errors import GatewayError, Invalid
from gateway.core.org_environments import NewEnvironment
from gateway.dialect.frame import Frame
from gateway.dialect.resources import load_json
from tests.adapters.chainloop_client import (
    COMMIT,
    ENVIRONMENTS,
    PROFILES,
    Client,
    body_of,
    checked,
    message,
    plain,
)
from tests.schemas import misfits
from tests.world import MakeWorld, World

NAME_RULE = "validation error: name: must contain only lowercase letters, numbers, and hyphens."


@pytest.fixture(params=PROFILES)
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(chainloop_profile=request.param)


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


async def one(client: Client, identity: str, query: str = "") -> dict[str, Any]:
    path = f"{ENVIRONMENTS}/{identity}{query}"
    answer = checked(await client.world.client.get(path, headers=client.headers))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = body_of(answer)["environment"]
    return found


async def refusal(client: Client, identity: str, query: str = "", status: int = 400) -> str:
    path = f"{ENVIRONMENTS}/{identity}{query}"
    return message(checked(await client.world.client.get(path, headers=client.headers)), status)


async def test_what_was_said_is_kept_and_read_by_id(client: Client) -> None:
    made = await client.environment("eu-west", type="ENVIRONMENT_TYPE_ECS", description="Dublin")
    assert (made["name"], made["type"]) == ("eu-west", "ENVIRONMENT_TYPE_ECS")
    assert (made["description"], made["logical_environment"]) == ("Dublin", None)
    assert made["created_at"] == made["updated_at"]
    assert await one(client, made["id"]) == made
    assert await one(client, made["id"], "?name=eu-west") == made


async def test_unsaid_facts_have_their_zero_values(client: Client) -> None:
    made = await client.environment("somewhere")
    assert made["type"] == "ENVIRONMENT_TYPE_UNSPECIFIED"
    assert (made["description"], made["logical_environment"]) == ("", None)


async def test_a_name_suggests_its_logical_environment(client: Client) -> None:
    shop = await client.environment("production")
    other = await client.environment("prod-eu")
    assert shop["logical_environment"]["name"] == "production"
    assert other["logical_environment"] == shop["logical_environment"]
    assert shop["logical_environment"]["organization_id"] == shop["organization_id"]


async def test_a_logical_environment_is_said_by_its_id(client: Client) -> None:
    staging = (await client.environment("staging"))["logical_environment"]
    linked = await client.environment("prod-copy", logical_environment_id=staging["id"])
    assert linked["logical_environment"] == staging
    await client.environment("production")
    assert await client.environments(logical_environment_id=staging["id"]) == [
        "prod-copy",
        "staging",
    ]
    unknown = await client.post(ENVIRONMENTS, name="x", logical_environment_id=str(uuid4()))
    assert message(unknown, 404) == "logical environment not found"
    malformed = await client.post(ENVIRONMENTS, name="x", logicalEnvironmentId="x")
    assert message(malformed) == "invalid UUID: invalid UUID length: 1"


async def test_a_logical_environment_is_an_orgs_own_and_always_the_same(world: World) -> None:
    seen = []
    for org in ("acme", "umbrella", "acme"):
        client = Client(world, await world.token(org=org))
        made = await client.environment(f"production-{len(seen)}")
        seen.append(made["logical_environment"]["id"])
    assert seen[0] == seen[2] != seen[1]
    elsewhere = Client(world, await world.token(org="umbrella"))
    assert await elsewhere.environments(logical_environment_id=seen[0]) == []


async def test_environments_that_other_dialects_made_are_the_orgs_too(client: Client) -> None:
    await client.elsewhere("shop", environment={"logical": "Prod", "physical": "eu:1"})
    await client.record(environment_name="caf\u00e9")
    listed = await client.list(ENVIRONMENTS)
    assert [e["name"] for e in listed["environments"]] == ["caf\u00e9", "Prod/eu:1"]
    assert listed["pagination"]["total_count"] == 2
    for environment in listed["environments"]:
        assert await one(client, environment["id"]) == environment
    (record, _) = (await client.list(full_history="true"))["deployment_records"]
    assert record["environment_id"] == listed["environments"][0]["id"]


async def test_a_link_is_the_tier_that_other_dialects_show(client: Client) -> None:
    staging = (await client.environment("staging"))["logical_environment"]["id"]
    await client.environment("blue", logical_environment_id=staging)
    form = {"environment": "blue", "sha": COMMIT, "ref": "main", "tag": "false"}
    headers = {"private-token": await client.world.token(user="gl")}
    base = "/api/v4/projects/acme%2Fshop"
    await client.world.client.post(
        f"{base}/deployments", data={**form, "status": "success"}, headers=headers
    )
    answer = await client.world.client.get(f"{base}/environments", headers=headers)
    assert [(e["name"], e["tier"]) for e in answer.json()] == [("blue", "staging")]


async def test_a_taken_name_is_a_duplicate_whoever_took_it(client: Client) -> None:
    await client.environment("blue")
    await client.record(environment_name="green")
    for name in ("blue", "green"):
        answer = await client.post(ENVIRONMENTS, name=name)
        assert message(answer, 409) == f"duplicated: environment {name} already exists"
    assert await client.environments() == ["green", "blue"]


async def test_of_parallel_makers_one_makes_it(client: Client) -> None:
    answers = await asyncio.gather(
        *(client.post(ENVIRONMENTS, name="blue", description=str(n)) for n in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


@pytest.mark.parametrize(
    "name", ["", "A", "-a", "a-", "a_b", "a.b", "a b", "caf\u00e9", "a" * 64, "a\n", "prod/eu"]
)
async def test_a_name_is_a_dns_label(client: Client, name: str) -> None:
    assert message(await client.post(ENVIRONMENTS, name=name)) == NAME_RULE
    assert await client.environments() == []


async def test_the_longest_and_the_shortest_name_are_taken(client: Client) -> None:
    assert (await client.environment("a" * 63))["name"] == "a" * 63
    assert (await client.environment("0"))["name"] == "0"


async def test_all_that_is_wrong_is_told_at_once(client: Client) -> None:
    answer = await client.post(ENVIRONMENTS, name="A", type=9, description="x" * 4097)
    assert message(answer) == (
        "validation errors:\n - name: must contain only lowercase letters, numbers, and hyphens."
        "\n - type: value must be one of the defined enum values"
        "\n - description: value length must be at most 4096 characters"
    )


async def test_a_type_is_a_name_or_a_number_and_an_unknown_name_is_dropped(client: Client) -> None:
    for number, said in enumerate(("ENVIRONMENT_TYPE_LAMBDA", 4, "lambda", None)):
        made = await client.environment(f"e{number}", type=said)
        expected = "LAMBDA" if number < 2 else "UNSPECIFIED"
        assert made["type"] == f"ENVIRONMENT_TYPE_{expected}"


async def test_text_is_looked_for_in_name_and_description_in_any_case(client: Client) -> None:
    await client.environment("blue", description="Gro\u00dfe Halle, 50%_A")
    await client.environment("green", description="the BLUE one's twin")
    await client.environment("red")
    assert await client.environments(query="Blue") == ["green", "blue"]
    assert await client.environments(query="GRO\u00dfE") == ["blue"]
    assert await client.environments(query="0%_a") == ["blue"]
    assert await client.environments(query="%") == ["blue"]
    assert await client.environments(query="") == ["red", "green", "blue"]
    assert await client.environments(query="nowhere") == []


async def test_environments_come_in_pages_the_newest_first(client: Client) -> None:
    for number in range(5):
        await client.environment(f"e{number}")
    seen: list[str] = []
    for page in range(client.first_page, client.first_page + 3):
        said = {"pagination__page": page, "pagination__page_size": 2}
        listed = await client.list(ENVIRONMENTS, **said)
        seen += [environment["name"] for environment in listed["environments"]]
        expected = {"page": page, "page_size": 2, "total_count": 5, "total_pages": 3}
        assert listed["pagination"] == expected
    assert seen == ["e4", "e3", "e2", "e1", "e0"]


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        ("x", "invalid UUID length: 1"),
        ("caf%C3%A9", "invalid UUID length: 5"),
        ("z" * 32, "invalid UUID format"),
        ("0" * 36, "invalid UUID format"),
        ("0" * 38, "invalid bracketed UUID format"),
        ("0" * 45, 'invalid urn prefix: "000000000"'),
    ],
)
async def test_what_is_no_id_is_refused_as_gos_library_does(
    client: Client, identity: str, text: str
) -> None:
    assert await refusal(client, identity) == f"invalid UUID: {text}"


async def test_every_spelling_of_an_id_names_it(client: Client) -> None:
    made = await client.environment("blue")
    identity = UUID(made["id"])
    for spelled in (str(identity).upper(), identity.hex, f"%7B{identity}%7D", identity.urn):
        assert await one(client, spelled) == made


async def test_an_unknown_id_and_one_of_another_org_are_not_found(world: World) -> None:
    client = Client(world, await world.token())
    other = Client(world, await world.token(org="umbrella"))
    foreign = await other.environment("blue")
    for identity in (str(uuid4()), foreign["id"]):
        assert await refusal(client, identity, status=404) == "environment not found"
    assert await client.environments() == []


async def test_a_name_beside_the_id_must_only_be_one(client: Client) -> None:
    made = await client.environment("blue")
    assert await one(client, made["id"], "?name=green&id=x") == made
    assert await refusal(client, made["id"], "?name=Green") == NAME_RULE


async def test_a_token_limited_to_projects_sees_their_environments_and_makes_none(
    world: World,
) -> None:
    whole = Client(world, await world.token())
    await whole.elsewhere("shop", environment="blue")
    await whole.elsewhere("other", environment="green")
    limited = Client(world, await world.token(projects=["acme/shop"], user="bob"))
    assert await limited.environments() == ["blue"]
    listed = (await whole.list(ENVIRONMENTS))["environments"]
    hidden = next(e["id"] for e in listed if e["name"] == "green")
    assert await refusal(limited, hidden, status=404) == "environment not found"
    for name in ("green", "unknown"):
        answer = await limited.post(ENVIRONMENTS, name=name)
        assert message(answer, 403) == "operation not allowed"
    reader = Client(world, await world.token("read", user="eve"))
    answer = await reader.post(ENVIRONMENTS, name="")
    assert message(answer, 403) == "operation not allowed"
    assert await reader.environments() == ["green", "blue"]


async def test_body_and_query_are_decoded_before_the_credential_is_looked_at(world: World) -> None:
    json = {"content-type": "application/json"}
    client = world.client
    for answer, text in (
        (await client.post(ENVIRONMENTS, content="[]", headers=json), "unexpected token ["),
        (await client.post(ENVIRONMENTS, json={"name": 5}), "invalid value for string field name"),
        (await client.post(ENVIRONMENTS, content="{}"), "unregister Content-Type: "),
        (await client.get(f"{ENVIRONMENTS}?pagination=1"), 'parsing field "pagination"'),
        (await client.get(f"{ENVIRONMENTS}/x?name=a&name=b"), "too many values for field"),
    ):
        assert text in message(checked(answer))
    for answer in (
        await client.post(ENVIRONMENTS, json={"name": "A"}),
        await client.get(f"{ENVIRONMENTS}?logical_environment_id=x"),
        await client.get(f"{ENVIRONMENTS}/x"),
    ):
        assert message(checked(answer), 401) == "JWT token is missing"


# The messages themselves


def test_every_type_has_a_word_on_both_sides() -> None:
    assert set(environments.TYPE_IN) == set(wire.EnvironmentType)
    assert {environments.TYPE_OUT[kind] for kind in environments.TYPE_IN.values()} == {
        word.name for word in wire.EnvironmentType
    }


def test_the_schema_names_the_fields_of_the_message() -> None:
    schemas: Mapping[str, Any] = dict(load_json(dialect.schemas))
    said = schemas["create_environment"]["properties"].keys()
    assert list(said) == list(wire.CreateEnvironment.model_fields)
    sides = schemas["environment"]["$defs"]
    names = [list(plain(sides[side]["properties"])) for side in PROFILES]
    assert names[0] == names[1]


def _bodies() -> Iterator[st.SearchStrategy[object]]:
    yield st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    yield st.dictionaries(
        st.sampled_from(["name", "type", "description", "logicalEnvironmentId", "zz"]),
        st.none() | st.integers() | st.text(max_size=5) | st.just("blue") | st.just([]),
    )


@settings(max_examples=60)
@given(st.one_of(*_bodies()), st.sampled_from(PROFILES))
def test_any_json_is_an_environment_or_refused_in_words(body: object, profile: str) -> None:
    try:
        said = protojson.read_value(wire.CreateEnvironment, body)
        made = environments.new_environment(wire.CreateEnvironment(**said))
        assert isinstance(made, NewEnvironment)
    except GatewayError as refused:
        answer = dialect.render_error(refused, Frame(options=dialect.options[profile]))
        assert answer.status == 400
        assert misfits(dialect, "error", answer.body) == []


@settings(max_examples=60)
@given(st.text(max_size=45) | st.uuids().map(str))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    try:
        assert isinstance(uuids.parsed(text, field="id"), UUID)
    except Invalid as refused:
        assert refused.reason == uuids.REASON
