"""Column types: one Python value, spelled for PostgreSQL and for SQLite."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, TEXT, BigInteger, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds.

    ``timestamptz`` on PostgreSQL; on SQLite, which has no such type, microseconds since the epoch.
    A naive datetime is refused with ``ValueError``: it names no moment.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime names no moment")
        if dialect.name == "sqlite":
            return (value - _EPOCH) // _MICROSECOND
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """From the database: a row has a dozen, and each call costs as much as what it does."""
        return _since_epoch if dialect.name == "sqlite" else _in_utc


def _since_epoch(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(0, 0, microseconds)


def _in_utc(said: datetime | None) -> datetime | None:
    # The driver answers in UTC, and without a zone for the first and the last moment there is.
    return said if said is None or said.tzinfo is UTC else said.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text that sorts and compares by code point on both databases.

    A PostgreSQL database's own collation may order ``a`` before ``B``; SQLite's never does.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "postgresql":
            return TEXT(collation="C")
        return dialect.type_descriptor(Text())


class WordsOrBlank(Words):
    """Text whose absence is stored as the empty string.

    NULLs are never equal, so a unique key with one in it keeps no promise.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """To the database."""
        return value or ""

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """From the database."""
        return value or None


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal as the text it was said in: no rounding, no lost trailing zero."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


class Document(TypeDecorator[Any]):
    """A JSON value; nothing (``None``, ``{}``, ``[]``, ``()``) is stored as NULL.

    PostgreSQL's ``json``, not ``jsonb``: the text is kept, so keys read back in the order in which
    they were said. Nothing searches inside but by a key.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """To the database."""
        return value or None
