"""Whether a database's schema is at head, and bringing it there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.store.engine import dialect_name, open_engines
from gateway.store.faults import worded
from gateway.store.schema import has_all
from gateway.store.urls import sqlite_path


async def migrate(database_url: str) -> None:
    """Bring the schema to head. Two at once, in any processes, are safe: one waits for the other.

    Raises ``Unavailable`` when the database does not answer, and ``Invalid`` for a new one whose
    encoding is not UTF-8.
    """
    if await is_at_head(database_url):
        return
    from gateway.store.upgrading import upgrade  # noqa: PLC0415 (most starts need no migration)

    with worded():
        await asyncio.to_thread(upgrade, database_url)


async def is_at_head(database_url: str) -> bool:
    """Whether there is nothing to migrate. Raises ``Unavailable``."""
    file = sqlite_path(database_url) if dialect_name(database_url) == "sqlite" else None
    if file is not None and await asyncio.to_thread(_is_still_to_come, file):
        return False  # to ask would make it
    with worded():
        engines = open_engines(database_url)
        try:
            async with engines.readers.connect() as connection:
                return await connection.run_sync(has_all)
        finally:
            await engines.dispose()


def _is_still_to_come(file: Path) -> bool:
    return file.parent.is_dir() and not file.exists()
