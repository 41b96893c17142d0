"""Bringing a database's schema to head, with Alembic."""

from __future__ import annotations

import asyncio
import io
import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Text, func, select

from gateway.core.errors import Invalid
from gateway.store.engine import dialect_name, open_writer
from gateway.store.schema import SCRIPTS, has_all, is_migrated

# Alembic keeps the migration it runs in module globals: one at a time in a process.
_alone = threading.Lock()

_ENCODING = select(func.current_setting("server_encoding", type_=Text))


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
    _require_any_text(connection)
    connection.rollback()  # ends what the look at it began
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _require_any_text(connection: Connection) -> None:
    """Raise ``Invalid`` for a new database that does not hold every text, or counts bytes of it."""
    if connection.dialect.name != "postgresql" or is_migrated(connection):
        return
    encoding = connection.execute(_ENCODING).scalar_one()
    if encoding != "UTF8":
        raise Invalid("database", "encoding", encoding, "must have the encoding UTF8")
