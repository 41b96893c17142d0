"""``/gateway/v1``: records, pages, history, fidelity and views."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.canonical import dialect
from gateway.conformance.hostile_bodies import RAW
from gateway.dialect.frame import Frame
from tests.schemas import misfits
from tests.world import MakeWorld, World

FRAME = Frame(options=dialect.options["documented"])
RECORDS = "/gateway/v1/records"


def body(**said: Any) -> dict[str, Any]:
    """A good body, with ``said`` over it."""
    good = {"project": "acme/shop", "environment": "production"}
    return {**good, "artifact": {"digests": {"sha256": "a" * 64}}, **said}


async def bearer(world: World, permission: str = "write", **said: Any) -> dict[str, str]:
    """The headers of a caller with this permission."""
    return {"authorization": f"Bearer {await world.token(permission, **said)}"}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
async def test_a_hostile_body_is_refused_in_words_and_writes_nothing(
    world: World, raw: bytes
) -> None:
    headers = {**await bearer(world), "content-type": "application/json"}
    answer = await world.client.post(RECORDS, content=raw, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert misfits(dialect, "error", answer.json()) == []
    assert await world.records() == []


VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, 1e300),
    *("", " ", "x" * 100_000, "\u202e\U0001f600"),
    *([], [[]], {}, {"a": {"b": []}}),
)
FIELDS = [name for name in dialect.ledger.request if "." not in name]


@pytest.mark.parametrize("name", FIELDS)
async def test_a_hostile_value_is_refused_or_recorded_whole(world: World, name: str) -> None:
    headers = await bearer(world)
    for value in VALUES:
        answer = await world.client.post(RECORDS, json=body(**{name: value}), headers=headers)
        assert answer.status_code < 500, (name, value, answer.text)
        kind = "record" if answer.status_code < 300 else "error"
        assert misfits(dialect, kind, answer.json()) == []


async def test_an_unknown_name_is_refused_with_its_name(world: World) -> None:
    answer = await world.client.post(RECORDS, json=body(colour="red"), headers=await bearer(world))
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == ["colour"]
    assert await world.records() == []


async def test_a_body_that_is_too_large_is_refused(make_world: MakeWorld) -> None:
    world = await make_world(max_body_bytes=2048)
    headers = await bearer(world)
    answer = await world.client.post(RECORDS, json=body(project="x" * 4000), headers=headers)
    assert answer.status_code == 413
    assert misfits(dialect, "error", answer.json()) == []


async def test_pages_follow_each_other_newest_first(world: World) -> None:
    headers = await bearer(world)
    for index in range(7):
        said = body(artifact={"digests": {"sha256": f"{index:064x}"}})
        assert (await world.client.post(RECORDS, json=said, headers=headers)).status_code == 201
    numbers: list[int] = []
    cursor = ""
    for _ in range(4):
        answer = await world.client.get(f"{RECORDS}?limit=2{cursor}", headers=headers)
        page = answer.json()
        assert misfits(dialect, "list", page) == []
        numbers += [record["number"] for record in page["records"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 7


FILTERS = {
    "project=shop": 2,
    "project=acme/shop&environment=production": 1,
    "environment=staging": 1,
    "deployment_name=shop": 2,
    "state=success": 1,
    "state=failed": 1,
    "presence=live": 1,
    "digest=sha256:" + "a" * 64: 1,
    "digest=gitCommit:" + "b" * 40: 1,
    "commit=" + "b" * 40: 1,
    "origin=canonical": 2,
    "origin=gitlab": 0,
    "since=2000-01-01T00:00:00Z": 2,
    "until=2000-01-01T00:00:00Z": 0,
}


@pytest.mark.parametrize(("query", "count"), FILTERS.items())
async def test_filters_choose(world: World, query: str, count: int) -> None:
    headers = await bearer(world)
    await world.client.post(RECORDS, json=body(), headers=headers)
    other = body(environment="staging", state="failed", artifact={}, source={"commit": "b" * 40})
    await world.client.post(RECORDS, json=other, headers=headers)
    answer = await world.client.get(f"{RECORDS}?{query}", headers=headers)
    assert len(answer.json()["records"]) == count


BAD_QUERIES = ["limit=0", "limit=501", "limit=x", "cursor=!", "cursor=", "state=done", "color=red"]
BAD_QUERIES += ["presence=", "digest=md5:1", "since=yesterday", "since=2026-01-01T00:00:00"]
BAD_QUERIES += ["limit=1&limit=2", f"cursor={'A' * 9000}", "limit=000000001999999"]
BAD_QUERIES += [f"limit=000000001{'0' * 5000}"]


@pytest.mark.parametrize("query", BAD_QUERIES)
async def test_a_query_that_does_not_fit_is_refused(world: World, query: str) -> None:
    answer = await world.client.get(f"{RECORDS}?{query}", headers=await bearer(world))
    assert answer.status_code == 422
    assert misfits(dialect, "error", answer.json()) == []


async def test_an_idempotency_key_makes_a_retry_safe(any_world: World) -> None:
    world = any_world
    headers = {**await bearer(world), "idempotency-key": "k-1"}
    said = body(state="failed")
    first = await world.client.post(RECORDS, json=said, headers=headers)
    again = await world.client.post(RECORDS, json=said, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await world.client.post(RECORDS, json=body(state="running"), headers=headers)
    assert other.status_code == 422
    somebody = {**await bearer(world, user="bob"), "idempotency-key": "k-1"}
    theirs = await world.client.post(RECORDS, json=said, headers=somebody)
    assert theirs.json()["id"] != first.json()["id"]
    assert len(await world.records()) == 2


async def test_history_is_kept_with_its_own_times(world: World) -> None:
    headers = await bearer(world)
    said = body(occurred_at="2020-01-02T03:04:05.000006Z")
    made = (await world.client.post(RECORDS, json=said, headers=headers)).json()
    assert made["created_at"] == made["finished_at"] == "2020-01-02T03:04:05.000006Z"
    answer = await world.client.get(f"{RECORDS}/{made['id']}/events", headers=headers)
    (event,) = answer.json()["events"]
    assert event["occurred_at"] == "2020-01-02T03:04:05.000006Z"
    assert event["recorded_at"] > "2026"
    assert (event["kind"], event["dialect"]) == ("recorded", "canonical")


async def test_every_turn_of_a_record_is_an_event_by_its_name(world: World) -> None:
    headers = await bearer(world, "admin")

    async def ask(method: str, path: str, **sent: Any) -> Any:
        answer = await world.client.request(method, f"{RECORDS}{path}", headers=headers, **sent)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    first = await ask("POST", "", json=body())
    await ask("POST", "", json=body())
    other = await ask("POST", "", json=body(artifact={"digests": {"sha256": "b" * 64}}))
    path = f"/api/v4/projects/acme%2Fshop/deployments/{other['number']}"
    await world.client.put(path, data={"status": "failed"}, headers=headers)
    await ask("POST", "", json=body(presence="decommissioned"))
    kinds = []
    for record in (first, other):
        told = await ask("GET", f"/{record['id']}/events")
        assert misfits(dialect, "events", told) == []
        kinds.append([event["kind"] for event in told["events"]])
    assert kinds == [
        ["recorded", "restated", "superseded", "revived", "decommissioned"],
        ["recorded", "state_changed"],
    ]


async def test_a_fact_said_anew_replaces_the_old_one_and_an_unsaid_one_clears_nothing(
    world: World,
) -> None:
    headers = await bearer(world)

    async def shown(**said: Any) -> tuple[Any, ...]:
        answer = await world.client.post(RECORDS, json=body(**said), headers=headers)
        record = answer.json()
        return tuple(record["source"].values()), record["delivery"]["title"]

    commit, other = "a" * 40, "b" * 40
    source = {"commit": commit, "ref": "main", "is_tag": False}
    await shown(source=source, delivery={"title": "One", "url": "https://a.io"})
    assert await shown(source={"ref": "next"}) == ((commit, "next", False), "One")
    assert await shown(source={"commit": other}) == ((other, "next", False), "One")
    last = await shown(source={"is_tag": True}, delivery={"title": "Two"})
    assert last == ((other, "next", True), "Two")


@pytest.mark.parametrize("said", [{"tags": {"team": "x"}}, {"risks": ["sensitive-data"]}, {}])
async def test_of_what_a_record_says_of_its_runtime_the_rest_is_empty(
    world: World, said: dict[str, Any]
) -> None:
    headers = await bearer(world)
    answer = await world.client.post(RECORDS, json=body(runtime=said), headers=headers)
    assert answer.json()["runtime"] == {"risks": [], "tags": {}, "attestation_id": None, **said}


async def test_history_is_brought_in_the_oldest_first_and_again_without_harm(world: World) -> None:
    headers = await bearer(world)

    async def tell(letter: str, year: int, **said: Any) -> dict[str, Any]:
        artifact = {"digests": {"sha256": letter * 64}}
        told = body(artifact=artifact, occurred_at=f"{year}-01-01T00:00:00Z", **said)
        key = {**headers, "idempotency-key": f"old-{letter}"}
        answer = await world.client.post(RECORDS, json=told, headers=key)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    for _ in range(2):
        await tell("a", 2020, actor={"username": "bob"})
        await tell("b", 2021, state="failed")
        await tell("c", 2022)
    await tell("d", 2019, presence="decommissioned")
    held = await world.held()
    assert [(record.created_at.year, record.presence.value) for record in held] == [
        (2020, "superseded"),
        (2021, "none"),
        (2022, "live"),
        (2019, "decommissioned"),
    ]
    ended = held[0].ended_at
    assert ended is not None
    assert (held[0].actor.username, ended.year) == ("bob", 2022)
    assert (await tell("e", 2018))["presence"] == "live"


ODD = {
    "occurred_at": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1, "1", "2026-01-01"],
    "project": ["x" * 600],
    "actor": [{"username": "a b/.."}, {"name": "nobody"}, {"username": "a", "name": "n" * 513}],
    "environment": [{"logical": "a" * 300, "physical": "b" * 300}],
    "source": [{"commit": "c", "ref": "r" * 513}],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in ODD.items() for v in values])
async def test_what_no_database_could_keep_is_refused(
    world: World, name: str, value: object
) -> None:
    headers = await bearer(world)
    answer = await world.client.post(RECORDS, json=body(**{name: value}), headers=headers)
    assert answer.status_code == 422
    assert misfits(dialect, "error", answer.json()) == []
    assert await world.records() == []


PROBLEMS: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
    ({"environment": ""}, [("environment", "String should have at least 1 character")]),
    ({"environment": 5}, [("environment", "Input should be a valid string")]),
    ({"environment": {"physical": "eu"}}, [("environment.logical", "Field required")]),
    (
        {"environment": {"logical": "a", "region": "eu"}},
        [("environment.region", "Extra inputs are not permitted")],
    ),
    ({"delivery": []}, [("delivery", "Input should be an object")]),
    ({"artifact": {}}, [("artifact.digests", "must hold a digest where source names no commit")]),
    (
        {"artifact": {"digests": {"sha256": "A" * 64}}},
        [("artifact.digests.sha256", "does not have the form that it must have")],
    ),
    ({"source": {"commit": "c" * 513}}, [("source.commit", "must have at most 512 characters")]),
    (
        {"state": "failed", "presence": "decommissioned"},
        [("presence", "goes with no other state than success")],
    ),
    (
        {"delivery": {"commits_count": 10**30}},
        [("delivery.commits_count", "is a number beyond what can be kept")],
    ),
]


@pytest.mark.parametrize(("said", "told"), PROBLEMS, ids=lambda value: str(value)[:40])
async def test_a_problem_is_told_by_the_name_that_the_body_has_for_it(
    world: World, said: dict[str, object], told: list[tuple[str, str]]
) -> None:
    answer = await world.client.post(RECORDS, json=body(**said), headers=await bearer(world))
    assert answer.status_code == 422
    assert [(error["field"], error["detail"]) for error in answer.json()["errors"]] == told
    assert answer.json()["detail"] == "; ".join(f"{field}: {detail}" for field, detail in told)


MANY: dict[str, dict[str, object]] = {
    "unknown names": {f"{number}": 1 for number in range(101)},
    "texts": {"runtime": {"risks": [""] * 50_000}},
    "digests": {"artifact": {"digests": {f"{number}": 1 for number in range(50_000)}}},
    "one long name": {"n" * 1_000_000: 1},
}


@pytest.mark.parametrize("said", MANY.values(), ids=MANY)
async def test_a_refusal_is_short_however_much_is_wrong(
    world: World, said: dict[str, object]
) -> None:
    answer = await world.client.post(RECORDS, json=body(**said), headers=await bearer(world))
    assert answer.status_code == 422
    assert misfits(dialect, "error", answer.json()) == []
    assert len(answer.content) < 1000


async def test_a_key_said_twice_is_refused_since_one_would_be_dropped(world: World) -> None:
    headers = {**await bearer(world), "content-type": "application/json"}
    raw = json.dumps(body())[:-1] + ', "state": "failed", "state": "success"}'
    answer = await world.client.post(RECORDS, content=raw, headers=headers)
    assert answer.status_code == 400
    assert "duplicate state" in answer.json()["detail"]
    assert misfits(dialect, "error", answer.json()) == []
    assert await world.records() == []


async def test_the_longest_keys_fit_either_database(any_world: World) -> None:
    wide = "\U0001f600" * 512
    said = body(
        environment=wide,
        deployment_name=wide,
        source={"commit": wide, "ref": wide},
        actor={"external_id": wide},
        delivery={"node_id": wide},
    )
    answer = await any_world.client.post(RECORDS, json=said, headers=await bearer(any_world))
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
async def test_the_ends_of_time_bound_everything(any_world: World, moment: str) -> None:
    headers = await bearer(any_world)
    await any_world.client.post(RECORDS, json=body(), headers=headers)
    for name in ("since", "until"):
        answer = await any_world.client.get(f"{RECORDS}?{name}={moment}", headers=headers)
        expected = (name == "since") == moment.startswith("0001")
        assert bool(answer.json()["records"]) is expected


async def test_a_user_is_made_with_all_that_is_said_of_them(world: World) -> None:
    said = {"username": "kim", "external_id": "x9", "name": "Kim Park"}
    made = await world.client.post(RECORDS, json=body(actor=said), headers=await bearer(world))
    assert {name: made.json()["actor"][name] for name in said} == said
    named = body(state="failed", actor={"username": "lee", "name": "Lee Young"})
    made = await world.client.post(RECORDS, json=named, headers=await bearer(world))
    assert made.json()["actor"]["name"] == "Lee Young"


@pytest.mark.parametrize("username", ["lee", "new"])
@pytest.mark.parametrize("external_id", ["x9", "x10"])
async def test_an_actor_said_in_two_ways_is_one_user(
    any_world: World, username: str, external_id: str
) -> None:
    world, headers = any_world, await bearer(any_world)
    for known in ({"username": "kim", "external_id": "x9"}, {"username": "lee"}):
        await world.client.post(RECORDS, json=body(state="failed", actor=known), headers=headers)
    before = await world.records()
    said = {"username": username, "external_id": external_id}
    answer = await world.client.post(
        RECORDS, json=body(environment="elsewhere", actor=said), headers=headers
    )
    if said == {"username": "new", "external_id": "x10"}:
        assert said.items() <= answer.json()["actor"].items()
        return
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == ["actor.username"]
    assert await world.records() == before
    again = body(state="failed", actor={"username": "KIM", "external_id": "x9"})
    assert (await world.client.post(RECORDS, json=again, headers=headers)).status_code == 201


async def test_a_view_is_what_the_dialects_own_get_answers(world: World) -> None:
    headers = await bearer(world)
    made = (await world.client.post(RECORDS, json=body(), headers=headers)).json()
    (record,) = await world.held()
    for name, (other, _) in world.gateway.services.dialects.items():
        view = await world.client.get(f"{RECORDS}/{made['id']}/views/{name}", headers=headers)
        path = other.lookup.path(record)
        assert path is not None
        own = await world.client.get(path, headers=headers)
        assert view.json() == other.lookup.pick(own.json(), record)
        assert view.headers["content-type"] == own.headers["content-type"]


async def test_a_dialect_that_does_not_show_a_record_has_no_view_of_it(world: World) -> None:
    headers = await bearer(world)
    made = await world.client.post(RECORDS, json=body(state="running"), headers=headers)
    path = f"{RECORDS}/{made.json()['id']}/views"
    assert (await world.client.get(f"{path}/github", headers=headers)).status_code == 404
    assert (await world.client.get(f"{path}/nobody", headers=headers)).status_code == 404
    assert (await world.client.get(f"{path}/gitlab", headers=headers)).status_code == 200


async def test_fidelity_names_what_each_dialect_loses(world: World) -> None:
    headers = await bearer(world)
    said = body(delivery={"changelog": "more", "is_hotfix": True, "is_fix": False})
    made = (await world.client.post(RECORDS, json=said, headers=headers)).json()
    answer = await world.client.get(f"{RECORDS}/{made['id']}/fidelity", headers=headers)
    reports = answer.json()
    assert reports["canonical"] == {"losses": [], "stand_ins": []}
    assert {"changelog", "is_hotfix"} <= set(reports["gitlab"]["losses"])
    assert "is_fix" not in reports["gitlab"]["losses"]
    assert "changelog" not in reports["iftrue"]["losses"]
    assert "sha" in reports["gitlab"]["stand_ins"]


@pytest.mark.parametrize("path", ["/records/nothing", "/records/" + "0" * 32, "/nowhere", "/now/x"])
async def test_what_does_not_exist_is_a_problem_of_404(world: World, path: str) -> None:
    answer = await world.client.get(f"/gateway/v1{path}", headers=await bearer(world))
    assert answer.status_code == 404
    assert misfits(dialect, "error", answer.json()) == []


async def test_a_wrong_verb_is_told_the_right_ones(world: World) -> None:
    answer = await world.client.delete(RECORDS, headers=await bearer(world))
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def test_a_path_of_no_dialect_is_a_problem_of_404(world: World) -> None:
    answer = await world.client.get("/elsewhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert misfits(dialect, "error", json.loads(answer.text)) == []
