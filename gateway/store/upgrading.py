"""Bringing a database's schema to head, with Alembic."""

from __future__ import annotations

import asyncio
import io
import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from gateway.store.engine import dialect_name, open_writer
from gateway.store.schema import SCRIPTS, has_all

# Alembic keeps the migration it runs in module globals: one at a time in a process.
_alone = threading.Lock()


def upgrade(database_url: str) -> None:
    """Bring the schema to head. In a thread of its own: Alembic may take its time."""
    with _alone:
        asyncio.run(_upgrade(database_url))


def offline_sql(database_url: str) -> str:
    """The SQL that brings an empty database to head, for whoever runs it by hand."""
    written = io.StringIO()
    config = _config(written)
    config.attributes["dialect"] = dialect_name(database_url)
    with _alone:
        command.upgrade(config, "head", sql=True)
    return written.getvalue()


def _config(written: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


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
