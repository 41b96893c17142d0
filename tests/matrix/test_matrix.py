"""Write through one dialect, read through each: what both ledgers carry agrees.

Nothing here names a dialect: the rows are the adapters' own examples of a create, the columns the
installed dialects, and what must agree is computed from the ledgers.
"""

from __future__ import annotations

import pytest

from gateway.core.model import Record
from gateway.dialect.frame import Frame, Owner
from tests.commands import facts_of, plain_fact
from tests.exchanges import Exchange, exchanges, replay
from tests.matrix.agreement import disagreements, fact
from tests.world import World

CREATES = [
    exchange
    for exchange in exchanges()
    if "command" in exchange.said and exchange.profile == "documented"
]
RENAMED = {"occurred_at": "created_at"}


@pytest.mark.parametrize("exchange", CREATES, ids=str)
async def test_what_one_dialect_wrote_every_dialect_shows(
    any_world: World, exchange: Exchange
) -> None:
    answer, _ = await replay(any_world, exchange, await any_world.token("admin"))
    assert answer.status_code == exchange.said["response"]["status"], answer.text
    reader = await any_world.token("read", user="reader")
    found = []
    for record in await any_world.held():
        for dialect, options in any_world.gateway.services.dialects.values():
            found += await disagreements(any_world, dialect, options, record, reader)
    assert found == []


@pytest.mark.parametrize("exchange", CREATES, ids=str)
async def test_what_was_said_is_what_is_held(any_world: World, exchange: Exchange) -> None:
    await replay(any_world, exchange, await any_world.token("admin"))
    record = (await any_world.held())[-1]
    assert list(unheld(exchange, record)) == []


def unheld(exchange: Exchange, record: Record) -> list[str]:
    """The facts of an exchange's command that its record does not hold."""
    request = exchange.said["request"]
    frame = Frame(options=exchange.dialect.options[exchange.profile])
    body = request.get("json", request.get("form"))
    command = exchange.dialect.parse(body, Owner("acme", "acme/shop"), frame)
    found = []
    for path, said in facts_of(command).items():
        if path in {"project.path", "project.number"}:
            held: object = record.project.path
            agrees = str(held).endswith(str(said).removeprefix("acme/"))
        else:
            held = plain_fact(fact(record, RENAMED.get(path, path)))
            agrees = held == said
        if not agrees:
            found.append(f"{path}: {said!r} was said, {held!r} is held")
    return found
