"""``Server-Timing``: where an answer's time went."""

from __future__ import annotations

import re

import pytest

from gateway.core.trace import Phase, Trace
from tests.world import MakeWorld, World

COMMIT = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"
RECORD = {"org": "acme", "project": "acme/shop", "environment": "e", "source": {"commit": COMMIT}}


def phases(header: str) -> dict[str, float]:
    return {name: float(spent) for name, spent in re.findall(r"(\w+);dur=([\d.]+)", header)}


async def test_a_write_says_what_each_phase_took(any_world: World) -> None:
    answer = await any_world.admin("POST", "/records", RECORD)
    assert answer.status_code == 201, answer.text
    spent = phases(answer.headers["Server-Timing"])
    assert list(spent) == ["auth", "parse", "core", "store", "render"]
    assert all(spent[name] > 0 for name in ("parse", "core", "store", "render"))


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/api/v4/nothing", {"parse", "render"}),
        ("/v1/deployments", {"auth", "parse", "render"}),
        ("/orgs/acme", {"auth", "parse", "render"}),
    ],
)
async def test_a_refusal_says_how_far_it_came(world: World, path: str, reached: set[str]) -> None:
    headers = {"authorization": "Bearer dgw_unknown"}
    answer = await world.client.get(path, headers=headers)
    spent = phases(answer.headers["Server-Timing"])
    assert answer.status_code >= 400
    assert {name for name, took in spent.items() if took > 0} <= reached


async def test_it_can_be_switched_off(make_world: MakeWorld) -> None:
    world = await make_world(server_timing=False)
    answer = await world.admin("GET", "/records?org=acme")
    assert answer.status_code == 200
    assert "Server-Timing" not in answer.headers


def test_a_phase_inside_another_is_not_counted_twice() -> None:
    trace = Trace()
    with trace.during(Phase.AUTH), trace.during(Phase.STORE):
        whole = trace.seconds[:]
    trace.turn_to(Phase.RENDER)
    assert sum(trace.seconds) >= sum(whole)
    assert trace.seconds[Phase.RENDER] == 0
    assert trace.seconds[Phase.STORE] > 0
    assert trace.turn_to(Phase.PARSE) is Phase.RENDER
