"""Whether a database's schema is at head, and bringing it there."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Select, Text, column, inspect, select, table

from gateway.store.engine import dialect_name, open_engines
from gateway.store.faults import worded
from gateway.store.urls import sqlite_path

SCRIPTS = Path(__file__).with_name("migrations")

_VERSION = "alembic_version"
_FOUND: Select[str] = select(column("version_num", Text())).select_from(table(_VERSION))


async def migrate(database_url: str) -> None:
    """Bring the schema to head. Two at once, in any processes, are safe: one waits for the other.

    Raises ``Unavailable`` when the database does not answer.
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


def has_all(connection: Connection) -> bool:
    """Whether the schema has all that this version knows of.

    One that a later version has migrated has: it has only added to what this version uses.
    """
    if not inspect(connection).has_table(_VERSION):
        return False
    found = set(connection.execute(_FOUND).scalars())
    known = _known()
    return found == {known[-1]} or bool(found - set(known))


@cache
def _known() -> tuple[str, ...]:
    """The revisions there are, oldest first: each script's name begins with its own."""
    return tuple(sorted(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py")))


def _is_still_to_come(file: Path) -> bool:
    return file.parent.is_dir() and not file.exists()
