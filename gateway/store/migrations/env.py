"""How Alembic reaches the database: by the connection that ``gateway.store.upgrading`` hands it."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from gateway.store.tables import counters, metadata

_LOCK = 0x6465706C6F79  # "deploy": the advisory lock of whoever migrates

config = context.config


def _is_ours(dialect: str) -> Any:
    """PostgreSQL has sequences instead of ``counters``."""

    def include(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return dialect != "postgresql" or kind != "table" or name != counters.name

    return include


def run_offline(dialect: str) -> None:
    """Print the SQL."""
    context.configure(
        dialect_name=dialect, target_metadata=metadata, literal_binds=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online(connection: Connection) -> None:
    """One transaction for all of it; the lock goes with it, also behind a transaction pooler."""
    dialect = connection.dialect.name
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_is_ours(dialect),
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        context.run_migrations()


if context.is_offline_mode():
    run_offline(config.attributes["dialect"])
else:
    run_online(config.attributes["connection"])
