"""Bringing a database's schema to head."""

from __future__ import annotations

import asyncio
import io
import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.store.engine import dialect_name, open_engines, open_writer
from gateway.store.faults import worded
from gateway.store.urls import sqlite_path

_SCRIPTS = Path(__file__).with_name("migrations")

# Alembic keeps the migration it runs in module globals: one at a time in a process.
_alone = threading.Lock()


async def migrate(database_url: str) -> None:
    """Bring the schema to head. Two at once, in any processes, are safe: one waits for the other.

    Raises ``Unavailable`` when the database does not answer.
    """
    with worded():
        await asyncio.to_thread(_migrate, database_url)


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


def offline_sql(database_url: str) -> str:
    """The SQL that brings an empty database to head, for whoever runs it by hand."""
    written = io.StringIO()
    config = _config(written)
    config.attributes["dialect"] = dialect_name(database_url)
    with _alone:
        command.upgrade(config, "head", sql=True)
    return written.getvalue()


def has_all(connection: Connection) -> bool:
    """Whether the schema has all that this version knows of.

    One that a later version has migrated has: it has only added to what this version uses.
    """
    found = set(MigrationContext.configure(connection).get_current_heads())
    head, known = _known()
    return found == {head} or bool(found - known)


@cache
def _known() -> tuple[str | None, frozenset[str]]:
    """The newest revision there is, and all of them."""
    scripts = ScriptDirectory(str(_SCRIPTS))
    every = frozenset(script.revision for script in scripts.walk_revisions())
    return scripts.get_current_head(), every


def _is_still_to_come(file: Path) -> bool:
    return file.parent.is_dir() and not file.exists()


def _config(written: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _migrate(database_url: str) -> None:
    """In a thread of its own: alembic is synchronous and may take its time."""
    with _alone:
        asyncio.run(_upgrade(database_url))


async def _upgrade(database_url: str) -> None:
    engine = open_writer(database_url, is_patient=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade_on)
    finally:
        await engine.dispose()


def _upgrade_on(connection: Connection) -> None:
    if has_all(connection):
        return
    connection.rollback()  # ends what the look at it began
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
