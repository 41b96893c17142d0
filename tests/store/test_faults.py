"""A database that does not answer, or not as it should."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import text

from gateway.core.errors import Conflict, Crashed, Unavailable
from gateway.core.model import Delivery
from gateway.store import SqlStore, is_at_head, migrate, open_store
from gateway.store.engine import open_writer
from tests.databases import copied
from tests.store.house import START, House, add, opened_house

AWAY = [
    "postgresql://nobody:hunter2@127.0.0.1:1/nothing",
    "postgres:///nothing?host=/no/such/folder",
    "sqlite:////no/such/folder/gateway.db",
]


@pytest.fixture(params=AWAY)
async def away(request: pytest.FixtureRequest) -> AsyncIterator[SqlStore]:
    opened = open_store(request.param)
    yield opened
    await opened.close()


async def test_a_database_that_is_not_there_is_unavailable(away: SqlStore) -> None:
    with pytest.raises(Unavailable):
        async with away.reading() as reading:
            await reading.orgs()
    with pytest.raises(Unavailable):
        async with away.writing() as tx:
            await tx.make_org("acme", [], START)
    with pytest.raises(Unavailable):
        await away.signing_key()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await away.is_discussed(UUID(int=1))
    assert not await away.is_ready()


@pytest.mark.parametrize("url", AWAY)
async def test_a_database_that_is_not_there_cannot_be_migrated(url: str) -> None:
    with pytest.raises(Unavailable):
        await migrate(url)
    with pytest.raises(Unavailable):
        await is_at_head(url)


async def test_a_server_without_the_database_is_unavailable(postgres_server: str) -> None:
    store = open_store(postgres_server.replace("/postgres", "/no_such_database"))
    with pytest.raises(Unavailable):
        async with store.reading() as reading:
            await reading.orgs()
    assert not await store.is_ready()
    await store.close()


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "gateway.db", "sqlite3:///x", "postgresql://h:port/x"]
)
async def test_another_database_is_refused_by_its_scheme(url: str) -> None:
    with pytest.raises(ValueError, match="not a database"):
        open_store(url)


async def test_connections_that_the_server_has_closed_are_replaced(
    house: House, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return  # a file closes nothing
    await house.add()
    assert await house.numbers() == [1]
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    await asyncio.sleep(0.2)
    await house.add()
    assert await house.numbers() == [1, 2]
    assert await house.store.is_ready()


async def test_a_connection_lost_in_a_transaction_is_unavailable_and_leaves_nothing(
    house: House, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return  # a file closes nothing
    with pytest.raises(Unavailable):
        async with house.store.writing() as tx:
            await add(tx, house.org)
            connection = await asyncpg.connect(database_url)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction' AND datname = current_database()"
            )
            await connection.close()
            await add(tx, house.org)
    assert await house.numbers() == []
    assert (await house.add()).project_number == 1


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database, " * 1000)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(Unavailable):
        async with store.reading() as reading:
            await reading.orgs()
    assert not await store.is_ready()
    await store.close()


@pytest.mark.parametrize("by", ["deleted", "moved", "replaced"])
async def test_a_file_that_is_another_now_is_unavailable_until_it_is_back(
    tmp_path: Path, sqlite_template: Path, by: str
) -> None:
    path, aside = tmp_path / "gateway.db", tmp_path / "aside.db"
    store = open_store(copied(sqlite_template, path))
    house = await opened_house(store)
    kept = await house.add()
    assert await store.is_ready()
    assert await store.numbered(house.org.id, kept.number) is not None
    if by == "replaced":
        shutil.copy(sqlite_template, tmp_path / "new.db")
    path.rename(aside)
    if by == "replaced":
        (tmp_path / "new.db").rename(path)
    if by == "deleted":
        aside.unlink()
    assert not await store.is_ready()
    with pytest.raises(Unavailable):
        await house.add()
    with pytest.raises(Unavailable):
        await house.numbers()
    with pytest.raises(Unavailable):
        await store.numbered(house.org.id, kept.number)
    assert path.exists() is (by == "replaced")  # nobody has made one
    if by != "deleted":
        aside.rename(path)
        assert await store.is_ready()
        assert [kept.project_number, (await house.add()).project_number] == await house.numbers()
    await store.close()


async def test_a_file_that_another_process_holds_too_long_is_unavailable(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.engine._ANSWER_SECONDS", 0.1)
    path = tmp_path / "gateway.db"
    shutil.copy(sqlite_template, path)
    store = open_store(f"sqlite:///{path}")
    house = await opened_house(store)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await house.add()
    assert await house.numbers() == []
    other.execute("COMMIT")
    other.close()
    assert (await house.add()).project_number == 1
    await store.close()


async def test_a_schema_that_is_not_at_head_is_not_ready(
    store: SqlStore, database_url: str
) -> None:
    engine = open_writer(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await engine.dispose()
    assert not await store.is_ready()


async def test_a_fault_of_ours_says_nothing_of_the_request(house: House) -> None:
    secret = "-".join(["between", "us"])
    with pytest.raises(Crashed) as crashed:
        await house.add(delivery=Delivery(title=secret, commits_count=2**90))
    assert str(crashed.value) == ""
    assert secret not in "".join(traceback.format_exception(crashed.value))
    assert await house.numbers() == []


async def test_a_refusal_inside_a_transaction_is_no_fault_of_the_database(house: House) -> None:
    async with house.store.writing() as tx:
        for _ in range(2):
            with pytest.raises(Conflict):
                await tx.make_user(
                    house.org.id, username="root", name="", external_id=None, now=START
                )
        await add(tx, house.org)
    assert await house.numbers() == [1]


async def test_a_canceled_write_leaves_nothing_and_gives_its_connection_back(house: House) -> None:
    async def stuck() -> None:
        async with house.store.writing() as tx:
            await add(tx, house.org)
            await asyncio.sleep(60)

    for _ in range(12):
        task = asyncio.create_task(stuck())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await house.add()).project_number == 1


async def test_a_write_canceled_amid_a_statement_holds_nothing_any_more(house: House) -> None:
    async def busy() -> None:
        async with house.store.writing() as tx:
            while True:
                await add(tx, house.org)

    ended = []
    for after in range(10):
        task = asyncio.create_task(busy())
        await asyncio.sleep(0.03 + after / 1000)
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()
        ended.append(task)  # with what it was amid, as whoever looks into it later holds it
    assert (await house.add()).project_number == 1


async def test_a_url_keeps_its_parameters_and_takes_the_statement_cache_off(
    house: House, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return  # libpq's parameters
    joined = "&" if "?" in database_url else "?"
    store = open_store(f"{database_url}{joined}prepared_statement_cache_size=0")
    for _ in range(3):
        other = House(store, house.org)
        await other.add()
    assert await House(store, house.org).numbers() == [1, 2, 3]
    await store.close()
