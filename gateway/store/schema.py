"""Whether a database's schema has all that this version of the gateway needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Select, Text, column, inspect, select, table

SCRIPTS = Path(__file__).with_name("migrations")

_VERSION = "alembic_version"
_FOUND: Select[str] = select(column("version_num", Text())).select_from(table(_VERSION))


def has_all(connection: Connection) -> bool:
    """Whether the schema has all that this version knows of.

    One that a later version has migrated has: it has only added to what this version uses.
    """
    if not is_migrated(connection):
        return False
    found = set(connection.execute(_FOUND).scalars())
    known = _known()
    return found == {known[-1]} or bool(found - set(known))


def is_migrated(connection: Connection) -> bool:
    """Whether any version has."""
    return inspect(connection).has_table(_VERSION)


@cache
def _known() -> tuple[str, ...]:
    """The revisions there are, oldest first: each script's name begins with its own."""
    return tuple(sorted(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py")))
