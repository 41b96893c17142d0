"""Who may only read writes nothing, in any dialect's example of a write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.conformance.exchanges import Exchange, exchanges_of, replay
from gateway.registry import installed
from tests.schemas import misfits
from tests.world import MakeWorld

READS = {"GET", "HEAD", "OPTIONS"}


def writes() -> Iterator[Exchange]:
    """Of each operation that writes one example, with what it asks for as a reader."""
    for dialect in installed().values():
        operations = {}
        for example in exchanges_of(dialect, "documented"):
            asks, answered = example.request, example.said["response"]["status"]
            if asks["method"] not in READS and answered < 300:
                operations.setdefault(example.name.partition("__")[0], example)
        yield from operations.values()


@pytest.mark.parametrize("example", [*writes()], ids=str)
async def test_a_reader_writes_nothing(make_world: MakeWorld, example: Exchange) -> None:
    world = await make_world(**example.surroundings)
    reader = await world.token("read", user="rita")
    headers = {
        name: value.replace("<token>", reader) for name, value in example.request["headers"].items()
    }
    asked = {**example.said, "request": {**example.request, "headers": headers}}
    asked["response"] = {"status": 403, "body": "<any>"}
    answer, _ = await replay(world.client, replace(example, said=asked), await world.token("admin"))
    assert answer.status_code == 403, answer.text
    assert misfits(example.dialect, "error", answer.json()) == []
    acts = (await world.admin("GET", "/audit?org=acme&actor=rita")).json()["acts"]
    assert acts == []
    for record in await world.held():
        assert record.actor.username != "rita"
