"""What is done with each field of a dialect's other operations.

The record itself has its ``Ledger``, which is compared with what is written and shown. Every other
schema that an endpoint names (what may be asked, sent, and answered) has an ``Account``: a table
of its fields, by their places in the schema. A place is dotted, ``[]`` stands behind a list, the
empty place is the whole; an entry accounts for all that lies beneath its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.dialect.ledger import Entry

IN_PATHS = "path"
"""The key of the account that tells what the parameters in paths name."""

IN_HEADERS = "header"
"""The key of the account of request headers that every operation reads.

``header GET`` are those of the operations of a verb, ``header DELETE /path`` those of one. Where a
credential stands and which types a body may have the dialect says elsewhere.
"""


@dataclass(frozen=True, slots=True)
class Asks:
    """A parameter that chooses what is shown: a filter, an order, a page. Nothing is kept of it."""

    what: str


@dataclass(frozen=True, slots=True)
class As:
    """An object with the fields of another schema, or with some of them; that one's entries hold.

    ``schema`` is a name in the dialect's folder.
    """

    schema: str
    note: str = ""


Line = Entry | Asks | As


@dataclass(frozen=True, slots=True)
class Account:
    """The fields of one schema.

    ``model`` is the wire model that reads them, ``by_hand`` the names that are read without one.
    """

    fields: Mapping[str, Line]
    model: type[Any] | None = None
    by_hand: frozenset[str] = frozenset()


def is_of_headers(name: str) -> bool:
    """Whether this is the key of an account of request headers."""
    return name.partition(" ")[0] == IN_HEADERS


def header_keys(method: str, path: str) -> tuple[str, ...]:
    """The keys of the accounts of the request headers that an operation reads."""
    return IN_HEADERS, f"{IN_HEADERS} {method}", f"{IN_HEADERS} {method} {path}"


def each(names: str, line: Line) -> Mapping[str, Line]:
    """The same line for several fields, their names parted by spaces."""
    return dict.fromkeys(names.split(), line)


def under(place: str, lines: Mapping[str, Line]) -> Mapping[str, Line]:
    """Lines of an object that stands at a place."""
    return {f"{place}.{name}": line for name, line in lines.items()}
