"""A server that refuses for reasons of its own, and what whoever runs the gateway is told of it."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import make_url

from gateway.core.errors import Unavailable
from gateway.store import SqlStore, open_store, reason
from gateway.store import outages as told
from tests.databases import MakeDatabase
from tests.store.house import House, add, opened_house


class Operated:
    """A database, its operator's connection, and a store that others use."""

    def __init__(self, url: str, operator: asyncpg.Connection) -> None:
        self.url = url
        self._operator = operator
        self._name = make_url(url).database

    async def say(self, words: str) -> None:
        """A statement of the operator's."""
        await self._operator.execute(words)

    async def set(self, words: str) -> None:
        """A setting that connections have which are opened from now on."""
        await self.say(f'ALTER DATABASE "{self._name}" {words}')


@pytest.fixture
async def operated(postgres_url_factory: MakeDatabase) -> AsyncIterator[Operated]:
    url = await postgres_url_factory()
    operator = await asyncpg.connect(url)
    yield Operated(url, operator)
    await operator.close()


@pytest.fixture
async def opened(operated: Operated) -> AsyncIterator[SqlStore]:
    store = open_store(operated.url)
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("sslmode=banana", "`sslmode` parameter must be one of"),
        ("connect_timeout=3", 'parameter "connect_timeout"'),
        ("target_session_attrs=read-only", "None of the hosts match"),
    ],
)
async def test_a_server_that_takes_no_such_connection_is_unavailable_and_says_why(
    postgres_server: str, parameter: str, said: str
) -> None:
    joined = "&" if "?" in postgres_server else "?"
    store = open_store(f"{postgres_server}{joined}{parameter}")
    with pytest.raises(Unavailable) as refused:
        async with store.reading() as reading:
            await reading.orgs()
    assert said in reason(refused.value)
    assert not await store.is_ready()
    await store.close()


async def test_a_server_that_only_reads_is_left_as_soon_as_there_is_one_that_writes(
    operated: Operated, opened: SqlStore
) -> None:
    house = await opened_house(opened)
    await opened.close()
    await operated.set("SET default_transaction_read_only = on")
    with pytest.raises(Unavailable):
        await house.add()
    assert await house.numbers() == []
    await operated.set("RESET default_transaction_read_only")
    await house.add()
    assert await house.numbers() == [1]


async def test_a_transaction_that_the_server_has_no_patience_with_is_unavailable(
    operated: Operated, opened: SqlStore
) -> None:
    house = await opened_house(opened)
    await opened.close()
    await operated.set("SET idle_in_transaction_session_timeout = '50ms'")
    with pytest.raises(Unavailable):
        async with opened.writing() as tx:
            time.sleep(0.3)  # noqa: ASYNC251 (the server's last word is read with the next answer)
            await add(tx, house.org)
    await operated.set("RESET idle_in_transaction_session_timeout")
    assert (await house.add()).project_number == 1


async def test_rights_that_were_taken_are_the_databases_fault(
    operated: Operated, opened: SqlStore
) -> None:
    await opened_house(opened)
    role = f"dgw_{uuid4().hex}"
    await operated.say(f"CREATE ROLE {role} LOGIN")
    await operated.say(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    store = open_store(
        make_url(operated.url).set(username=role).render_as_string(hide_password=False)
    )
    house = House(store, (await _orgs(store))[0])
    with pytest.raises(Unavailable) as refused:
        await house.add()
    assert "permission denied" in reason(refused.value)
    await store.close()
    await operated.say(f"DROP OWNED BY {role}")
    await operated.say(f"DROP ROLE {role}")


async def test_statements_are_prepared_anew_once_a_column_has_another_type(
    operated: Operated, opened: SqlStore
) -> None:
    house = await opened_house(opened)
    kept = await house.add()
    for _ in range(3):
        await opened.numbered(house.org.id, kept.number)
        await _orgs(opened)
    await operated.say("ALTER TABLE orgs ALTER COLUMN name TYPE varchar(300)")
    with pytest.raises(Unavailable):
        await _orgs(opened)
    assert [org.name for org in await _orgs(opened)] == [house.org.name]
    assert await opened.numbered(house.org.id, kept.number) is not None


async def test_each_cause_is_logged_once_in_a_while_by_its_name_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "_told", {})
    causes = (ConnectionRefusedError("said of a secret"), TimeoutError())
    with caplog.at_level(logging.WARNING, "gateway.store"):
        for error in (*causes, *causes):
            told.tell(error)
        monkeypatch.setattr(told, "_SECONDS", 0.0)
        told.tell(causes[0])
    assert caplog.messages == [
        f"the database does not answer: {name}"
        for name in ("ConnectionRefusedError", "TimeoutError", "ConnectionRefusedError")
    ]


async def test_a_store_that_is_refused_logs_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "_told", {})
    store = open_store("postgresql://nobody:hunter2@127.0.0.1:1/nothing")
    for _ in range(3):
        assert not await store.is_ready()
        with pytest.raises(Unavailable):
            await _orgs(store)
    await store.close()
    assert caplog.messages == ["the database does not answer: ConnectionRefusedError"]


async def _orgs(store: SqlStore) -> list[object]:
    async with store.reading() as reading:
        return list(await reading.orgs())
