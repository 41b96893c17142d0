"""What the database's own errors mean to the gateway.

No text of a driver goes further than the exception's cause: it may hold what a client sent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Index, PrimaryKeyConstraint, Table
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.core.errors import BadText, Collided, Conflict, Crashed, GatewayError, Unavailable
from gateway.store.drivers import OUTDATED
from gateway.store.outages import cause_of, tell
from gateway.store.tables import metadata

_PROMISES = {
    "org_names_pkey": "org",
    "one_user_per_username": "user",
    "one_user_per_external_id": "user",
    "one_group_per_name": "group",
    "one_project_per_path": "project",
    "one_environment_per_parts": "environment",
    "one_environment_per_name": "environment",
    "one_slot_per_name": "slot",
    "one_protection_per_name": "protection",
    "one_live_record_per_slot": "live record",
    "one_event_per_idempotency_key": "idempotency key",
    "one_unfinished_job_per_place": "unfinished job",
}
"""What there may be only one of, by the key that sees to it."""

# Connection, resources, operator, system, lost race for a lock; SQLSTATE classes of PostgreSQL.
_PASSING = ("08", "40", "53", "55", "57", "58")
_COLLIDED = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
}
_NOT_THERE = {
    "25006",  # read_only_sql_transaction: a former primary
    "42501",  # insufficient_privilege
}
_UNWRITABLE = {
    "22021",  # character_not_in_repertoire
    "22P05",  # untranslatable_character
}

_PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


@contextmanager
def worded() -> Iterator[None]:
    """Raise ``Unavailable``, ``Conflict``, ``BadText`` or ``Crashed`` for the database's errors."""
    try:
        yield
    except GatewayError:
        raise
    except (SQLAlchemyError, OSError, UnicodeEncodeError, OverflowError) as error:
        meaning = _meaning(error)
        if isinstance(meaning, Unavailable) and not isinstance(meaning, Collided):
            tell(error)
        raise meaning from error


def _meaning(error: Exception) -> GatewayError:
    if _is_unwritable(error):
        return BadText("text")
    if isinstance(error, OSError | PoolTimeout):
        return Unavailable()
    if not isinstance(error, DBAPIError):
        return Crashed()
    if _sqlstate(error) in _COLLIDED:
        return Collided()
    if error.connection_invalidated or _is_passing(error):
        return Unavailable()
    if isinstance(error, IntegrityError):
        return _conflict(error)
    return Crashed()


def _is_unwritable(error: BaseException) -> bool:
    """Whether text was sent that no UTF-8 database holds; the driver may be the one to say so."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnicodeEncodeError) or getattr(cause, "sqlstate", "") in _UNWRITABLE:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _is_passing(error: DBAPIError) -> bool:
    if isinstance(cause_of(error), OUTDATED):
        return True  # it is prepared anew
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(_PASSING) or state in _NOT_THERE
    return _sqlite_code(error) in _PASSING_SQLITE


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _sqlite_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the primary code of an extended one


def _conflict(error: IntegrityError) -> GatewayError:
    key = _broken_key(error)
    return Crashed() if key is None else Conflict(_PROMISES.get(key, key), "")


def _broken_key(error: IntegrityError) -> str | None:
    """The name of the unique key that refused; ``None`` for another promise than a unique one."""
    name = getattr(cause_of(error), "constraint_name", None)
    if _sqlstate(error) == "23505" and name is not None:
        return str(name)
    said, _, columns = str(error.orig).partition("UNIQUE constraint failed: ")
    # SQLite names the columns, not the key.
    return _UNIQUE_KEYS.get(columns) if not said and columns else None


def _unique_keys(table: Table) -> Iterator[tuple[str, str]]:
    keys: list[PrimaryKeyConstraint | Index] = [table.primary_key]
    for key in keys + [index for index in table.indexes if index.unique]:
        yield ", ".join(f"{table.name}.{column.name}" for column in key.columns), str(key.name)


_UNIQUE_KEYS = dict(entry for table in metadata.tables.values() for entry in _unique_keys(table))
