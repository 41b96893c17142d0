"""How a file is written."""

from __future__ import annotations

from pathlib import Path

from gateway.core.model import Delivery
from gateway.store import open_store
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
