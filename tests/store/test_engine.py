"""How a file is written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.core.model import Delivery
from gateway.store import open_store
from gateway.store.drivers import FileConnection
from gateway.store.engine import open_engines
from tests.databases import copied
from tests.store.house import opened_house


async def test_the_log_of_a_file_grows_to_some_four_thousand_pages_and_then_begins_anew(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "gateway.db"
    store = open_store(copied(sqlite_template, path))
    house = await opened_house(store)
    for _ in range(60):
        await house.add(delivery=Delivery(changelog="x" * 2**19))
    size = (tmp_path / "gateway.db-wal").stat().st_size
    await store.close()
    assert 4000 * 4096 <= size <= 4500 * 4096


async def test_a_closed_connection_holds_no_lock_though_a_statement_was_left_amid(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "gateway.db"
    engines = open_engines(copied(sqlite_template, path))
    async with engines.writers.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, FileConnection)
        driver._raw.execute("BEGIN IMMEDIATE")
        left = driver._raw.execute("SELECT name FROM sqlite_schema")
        assert left.fetchone() is not None
        await connection.invalidate()
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
    await engines.dispose()
