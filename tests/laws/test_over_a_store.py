"""The laws try writes on a slot in thought; a gateway on a database does the same with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.conformance.imagined import ImaginedSlot
from gateway.conformance.strategies import bodies, golden_bodies
from gateway.core.errors import GatewayError
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Owner
from gateway.dialect.ledger import fact
from gateway.registry import installed
from tests.world import World, Worlds

DIALECTS = installed()
COMPARED = (
    *("state", "presence", "artifact.digests", "source", "delivery", "runtime"),
    *("environment.name", "slot.name"),
)
"""A store also knows kind, name and version that others said of an artifact; thought does not."""

SLOTS = (
    "environment",
    "logical",
    "physical",
    "cluster",
    "deployment_name",
    "repository",
    "project",
)


def in_one_slot(dialect: Dialect, body: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Bodies that differ from one in everything but where they belong."""
    place = {name: value for name, value in body.items() if any(word in name for word in SLOTS)}
    return bodies(dialect).map(lambda said: {**_placeless(said), **place})


def _placeless(said: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in said.items() if not any(w in name for w in SLOTS)}
    return {name: value for name, value in kept.items() if name not in {"org", "occurred_at"}}


def seen(record: Record) -> dict[str, Any]:
    """What is compared of a record."""
    return {path: fact(record, path) for path in COMPARED}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
async def test_what_a_store_holds_is_what_was_imagined(dialect: Dialect, worlds: Worlds) -> None:
    first = golden_bodies(dialect)[0]
    sequences = st.lists(in_one_slot(dialect, first), min_size=4, max_size=8)
    drawn: list[list[Any]] = []

    @settings(max_examples=4, suppress_health_check=list(HealthCheck), database=None)
    @given(sequences)
    def draw(said: list[Any]) -> None:
        drawn.append(said)

    draw()
    for said in drawn:
        async with worlds.lent() as world:
            assert await told(world, dialect, said) == imagined(dialect, said)


def imagined(dialect: Dialect, said: list[Any]) -> list[dict[str, Any]]:
    """The records that these bodies make in thought."""
    slot, frame = ImaginedSlot(dialect.name), Frame(dialect.options["documented"], method="POST")
    for body in said:
        try:
            slot.say(dialect.parse(body, Owner("acme", "acme/shop"), frame))
        except GatewayError:
            continue
    return [seen(record) for record in slot.records]


async def told(world: World, dialect: Dialect, said: list[Any]) -> list[dict[str, Any]]:
    """The records that they make in a gateway."""
    headers = {"authorization": f"Bearer {await world.token('admin')}"}
    path = dialect.capabilities.creates("acme", "acme/shop")
    for body in said:
        answer = await world.client.post(path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
    return [seen(record) for record in await world.held()]
