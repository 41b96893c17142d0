"""``/readyz`` tells the truth, soon, whatever the database and the requests are about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from gateway.store import SqlStore, is_at_head, migrate, open_store
from gateway.store.engine import open_engines

PATIENCE_SECONDS = 4  # one second is promised; a busy machine is let off the rest


async def test_it_queues_behind_no_request(store: SqlStore) -> None:
    used = store.connections()
    async with AsyncExitStack() as held:
        for _ in range(used["readers"].size):
            await held.enter_async_context(store.reading())
        for _ in range(used["writers"].size):
            await held.enter_async_context(store.writing())
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await store.is_ready()


async def test_who_asks_as_another_is_answered_takes_no_answer_away(store: SqlStore) -> None:
    for turns in range(400):
        first = asyncio.create_task(store.is_ready())
        for _ in range(turns % 40):
            await asyncio.sleep(0)
        assert await asyncio.gather(first, *(store.is_ready() for _ in range(2))) == [True] * 3


@pytest.fixture
async def silent_url() -> AsyncIterator[str]:
    """A server that takes connections and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"postgresql://gateway@127.0.0.1:{server.sockets[0].getsockname()[1]}/gateway"


async def test_a_silent_database_is_not_ready_and_many_who_ask_wait_no_longer(
    silent_url: str,
) -> None:
    store = open_store(silent_url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await asyncio.gather(*(store.is_ready() for _ in range(50))) == [False] * 50
    async with asyncio.timeout(PATIENCE_SECONDS):
        await store.close()


async def test_a_schema_of_a_later_version_serves_this_one_too(empty_database_url: str) -> None:
    url = empty_database_url
    await migrate(url)
    engines = open_engines(url)
    async with engines.writers.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    await engines.dispose()
    store = open_store(url)
    assert await store.is_ready()
    assert await is_at_head(url)
    await migrate(url)  # there is nothing to do
    await store.close()
