"""Database URLs as operators write them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from gateway.store.engine import dialect_name, open_engines


def check_url(database_url: str) -> None:
    """Raise ``ValueError``, with why, for a URL that the gateway cannot keep records behind."""
    if dialect_name(database_url) == "sqlite" and sqlite_path(database_url) is None:
        raise ValueError("must name a file: sqlite:///gateway.db")
    if not database_url.isprintable():
        raise ValueError("holds a line's end or another character that is not printed")
    try:
        open_engines(database_url)
    except (ArgumentError, ValueError):
        raise ValueError("is not a URL of a database") from None


def masked_url(database_url: str) -> str:
    """The URL with its password hidden, and what else libpq reads as one in its query."""
    url = make_url(database_url)
    hidden = {name: "***" for name in url.query if "password" in name}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def sqlite_path(database_url: str) -> Path | None:
    """The file of an SQLite database; ``None`` for one that is no file."""
    name = make_url(database_url).database
    return None if not name or name == ":memory:" or name.startswith("file:") else Path(name)
