"""Every dialect answers its golden exchanges, and reads from them the command they name."""

from __future__ import annotations

import pytest

from gateway.dialect.frame import Frame, Owner
from tests.commands import facts_of
from tests.exchanges import Exchange, exchanges, replay
from tests.schemas import problems
from tests.world import MakeWorld

EXCHANGES = exchanges()


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
async def test_the_answer_is_the_one_of_the_example(
    exchange: Exchange, make_world: MakeWorld
) -> None:
    name = exchange.dialect.name
    profile = {} if name == "canonical" else {f"{name}_profile": exchange.profile}
    world = await make_world(**profile, **exchange.said.get("settings", {}))
    token = await world.token("admin")
    _, differences = await replay(world, exchange, token)
    assert differences == []


WITH_COMMAND = [exchange for exchange in EXCHANGES if "command" in exchange.said]


@pytest.mark.parametrize("exchange", WITH_COMMAND, ids=str)
def test_the_command_is_the_one_of_the_example(exchange: Exchange) -> None:
    dialect, request = exchange.dialect, exchange.said["request"]
    body = request.get("json", request.get("form"))
    frame = Frame(options=dialect.options[exchange.profile])
    command = dialect.parse(body, Owner("acme", "acme/shop"), frame)
    facts = facts_of(command)
    said = exchange.said["command"]
    assert facts == said


@pytest.mark.parametrize("name", sorted({e.dialect.name for e in EXCHANGES}))
def test_a_dialect_has_an_example_of_a_create_and_its_schemas_are_sound(name: str) -> None:
    mine = [exchange for exchange in EXCHANGES if exchange.dialect.name == name]
    assert any("command" in exchange.said for exchange in mine)
    assert problems(mine[0].dialect) == []
