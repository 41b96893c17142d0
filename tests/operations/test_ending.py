"""A request that the process waits for no longer when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.dialect import Dialect
from gateway.registry import installed
from tests.faults.writes import check_words
from tests.figures import Figures
from tests.world import World


@pytest.mark.parametrize("dialect", installed().values(), ids=installed())
async def test_whose_body_never_comes_is_refused_in_the_dialects_words(
    dialect: Dialect, world: World
) -> None:
    headers = {"authorization": f"Bearer {await world.token()}", "content-type": "application/json"}
    is_read = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        is_read.set()
        await asyncio.Event().wait()

    async def counted() -> list[float]:
        figures = Figures(await world.client.get("/metrics"))
        return [
            figures.of("requests_total", dialect=dialect.name, status="503"),
            figures.of("records_received_total", dialect=dialect.name),
            figures.of("records_refused_total", dialect=dialect.name),
        ]

    before = await counted()
    path = dialect.capabilities.creates("acme", "acme/shop")
    asked = asyncio.create_task(world.client.post(path, content=endless(), headers=headers))
    await asyncio.wait({asked, asyncio.create_task(is_read.wait())}, return_when="FIRST_COMPLETED")
    asked.cancel()  # as the server does with what is under way when its time is over
    check_words(dialect.name, await asked)
    assert await counted() == [count + 1 for count in before]
