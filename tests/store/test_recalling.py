"""Kept answers of a server that others write to: none is ever older than the question."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import bindparam, column, select, table

from gateway.core.errors import GatewayError, Unavailable
from gateway.store.connection import Pool
from gateway.store.engine import open_engines
from gateway.store.prepared import Statements
from gateway.store.questions import Question
from gateway.store.recalling import _PATIENCE, AS_OF, Recalled, Seen
from gateway.store.standing import Standing
from tests.databases import MakeDatabase

_THINGS = table("things", column("name"), column("worth"))
_WORTH = select(_THINGS).where(_THINGS.c.name.in_(bindparam("names", expanding=True)))
_WRITE = "UPDATE things SET worth = $2 WHERE name = $1"


class Server:
    """The question what things are worth, asked of a server, and how often it was."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.names: list[str] = []
        question: Question[str, int] = Question(
            _WORTH, lambda names: [{"names": names}], lambda row: (row.name, row.worth)
        )
        self._question = question.as_of()
        self.kept = Recalled(self.now, self.ask, lambda worth: worth < 1000)

    async def now(self) -> object:
        async with self.standing.session() as session:
            return (await session.all(select(AS_OF)))[0].as_of

    async def ask(self, names: Sequence[str]) -> Seen[str, int]:
        self.names += names
        async with self.standing.session() as session:
            return await self._question.ask_as_of(session, names)


@pytest.fixture
async def url(postgres_url_factory: MakeDatabase) -> str:
    made = await postgres_url_factory(is_empty=True)
    connection = await asyncpg.connect(made)
    await connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY, worth INTEGER)")
    await connection.execute("INSERT INTO things VALUES ('a', 1), ('b', 1)")
    await connection.close()
    return made


@pytest.fixture
async def server(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr("gateway.store.recalling._PATIENCE", 0)
    engines = open_engines(url)
    standing = Standing(Pool(engines.readers, "BEGIN"), Statements(engines.readers.dialect))
    yield Server(standing)
    await standing.close()
    await engines.dispose()


@pytest.fixture
async def others(url: str) -> AsyncIterator[list[asyncpg.Connection]]:
    opened = [await asyncpg.connect(url) for _ in range(3)]
    yield opened
    for connection in opened:
        await connection.close()


async def test_nothing_is_asked_again_while_nobody_commits(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    for _ in range(100):  # others of this server's databases may be written to
        await server.kept.find("a")
        asked = len(server.names)
        async with others[0].transaction():
            await others[0].execute(_WRITE, "b", 2)
            assert await server.kept.find("a") == 1
        if len(server.names) == asked:
            return
    pytest.fail("it was asked each time")


async def test_what_is_committed_is_seen_by_the_next_question(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    for worth in range(2, 50):
        await others[worth % 3].execute(_WRITE, "a", worth)
        assert [await server.kept.find("a") for _ in range(2)] == [worth] * 2
    await others[0].execute("DELETE FROM things")
    assert await server.kept.find("a") is None


async def test_who_began_first_and_commits_last_is_seen(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    first, second, _ = others
    for worth in range(2, 20):
        began = first.transaction()
        await began.start()
        await first.execute(_WRITE, "a", worth)
        for change in (-worth, worth):
            await second.execute(_WRITE, "b", change)
            assert await server.kept.find("b") == change
        assert await server.kept.find("a") == worth - 1
        await began.commit()
        assert await server.kept.find("a") == worth


async def test_what_was_written_behind_a_savepoint_is_seen_once_it_is_committed(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    first, second, _ = others
    for worth in range(2, 20):
        async with first.transaction():
            async with first.transaction():
                await first.execute(_WRITE, "a", worth)
            await second.execute(_WRITE, "b", worth)
            assert await server.kept.find("a") == worth - 1
        assert await server.kept.find("a") == worth


async def test_no_answer_is_older_than_its_question_while_many_write_and_ask(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    durable = {"a": 1, "b": 1}

    async def write(connection: asyncpg.Connection, name: str, chance: random.Random) -> None:
        for worth in range(2, 60):
            await connection.execute(_WRITE, name, worth)
            durable[name] = worth
            await asyncio.sleep(chance.random() / 500)

    async def ask(chance: random.Random) -> None:
        while writing:
            name = chance.choice("ab")
            known = durable[name]
            found = await server.kept.find(name)
            assert found is not None
            assert found >= known
            await asyncio.sleep(chance.random() / 1000)

    writing = True
    asking = [asyncio.create_task(ask(random.Random(seed))) for seed in range(8)]
    await asyncio.gather(*(write(others[i], name, random.Random(i)) for i, name in enumerate("ab")))
    writing = False
    await asyncio.gather(*asking)
    assert len(server.names) > 2


async def test_what_is_not_there_or_large_is_not_kept(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    await others[0].execute(_WRITE, "b", 1000)
    for _ in range(3):
        assert [await server.kept.find(name) for name in ("b", "missing")] == [1000, None]
    assert server.names == ["b", "missing"] * 3


async def test_a_connection_that_is_lost_hides_no_commit(
    server: Server, others: list[asyncpg.Connection]
) -> None:
    assert await server.kept.find("a") == 1
    await server.standing.close()
    await others[0].execute(_WRITE, "a", 2)
    assert await server.kept.find("a") == 2


class World:
    """What is so, at a time that is told or not."""

    def __init__(self, time: object) -> None:
        self.time = time
        self.asked = 0
        self.looked = 0
        self.kept = Recalled(self._now, self._ask, lambda _: True)

    async def _now(self) -> object:
        self.looked += 1
        return self.time

    async def _ask(self, keys: Sequence[str]) -> Seen[str, object]:
        self.asked += 1
        return dict.fromkeys(keys, (self.time or 0, self.time))


async def test_a_server_that_does_not_tell_what_it_sees_is_asked_each_time() -> None:
    standby = World(None)
    for times in range(1, 5):
        assert await standby.kept.find("a") == 0
        assert standby.asked == times


async def test_where_somebody_has_committed_the_next_ones_ask_at_once() -> None:
    world = World(1)
    assert await world.kept.find("a") == 1
    for time in (2, 3):
        world.time = time
        asked, looked = world.asked, world.looked
        for _ in range(_PATIENCE + 1):
            assert await world.kept.find("a") == time
        assert (world.asked - asked, world.looked - looked) == (_PATIENCE + 1, 1)
        for _ in range(3):
            assert await world.kept.find("a") == time
        assert (world.asked - asked, world.looked - looked) == (_PATIENCE + 1, 4)


async def test_a_failure_to_look_is_told_of() -> None:
    async def now() -> object:
        raise Unavailable

    world = World(1)
    kept = Recalled(now, world._ask, lambda _: True)
    assert await kept.find("a") == 1
    with pytest.raises(GatewayError):
        await kept.find("a")
