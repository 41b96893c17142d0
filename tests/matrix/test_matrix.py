"""The matrix on PostgreSQL: what one dialect wrote every dialect shows.

The suite has it on SQLite, in tests/conformance; here are the same cases on the other database.
"""

from __future__ import annotations

import pytest

from gateway.conformance.agreement import shown_alike, unheld
from gateway.conformance.exchanges import exchanges_of, replay
from gateway.registry import installed
from tests.databases import MakeDatabase
from tests.world import opened_world


@pytest.mark.parametrize("name", installed())
async def test_what_one_dialect_wrote_every_dialect_shows(
    name: str, postgres_url_factory: MakeDatabase
) -> None:
    examples = exchanges_of(installed()[name], "documented")
    async with opened_world(await postgres_url_factory()) as world:
        token, reader = await world.token("admin"), await world.token("read", user="reader")
        for example in examples:
            if example.is_create and not example.said.get("given"):
                await replay(world.client, example, token)
        assert list(await world.held())
        assert [line async for line in shown_alike(world, reader, [*installed()])] == []


@pytest.mark.parametrize("name", installed())
async def test_what_was_said_is_what_is_held(name: str, postgres_url_factory: MakeDatabase) -> None:
    example = next(e for e in exchanges_of(installed()[name], "documented") if e.is_create)
    async with opened_world(await postgres_url_factory()) as world:
        await replay(world.client, example, await world.token("admin"))
        assert list(unheld(example, (await world.held())[-1])) == []
