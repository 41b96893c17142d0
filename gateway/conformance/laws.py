"""The laws that every dialect keeps, in one table; each is a plain function over a dialect.

A law is called with the dialect, the options of a profile and, by name, what it ``needs``:

* ``record``: any canonical record;
* ``body``, ``first``, ``second``: decoded create bodies, good ones or nearly so;
* ``value``: any JSON value;
* ``error``: any ``GatewayError``;
* ``shelf``: records to be listed, and how they are asked for.

It returns nothing, raises ``Broken`` with the field that breaks it, or ``Unasked`` where it says
nothing of what it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.conformance import (
    laws_fields,
    laws_hostile,
    laws_listing,
    laws_operations,
    laws_rendering,
    laws_writing,
)
from gateway.conformance.broken import Broken, Unasked
from gateway.conformance.report import Level
from gateway.dialect import Dialect

__all__ = ["LAWS", "Broken", "Law", "Unasked"]

Needed = Literal["record", "body", "first", "second", "value", "error", "shelf"]


@dataclass(frozen=True, slots=True)
class Law:
    """A property of every dialect: ``says`` in one sentence, ``needs`` what it is fed by name.

    ``unasked`` is why it has nothing to say of a dialect, if so.
    """

    says: str
    level: Level
    needs: tuple[Needed, ...]
    check: Callable[..., None]
    unasked: Callable[[Dialect], str | None] = lambda _dialect: None


LAWS: Mapping[str, Law] = {
    "render is total": Law(
        "every canonical record renders, and the result fits the dialect's schema",
        "core",
        ("record",),
        laws_rendering.render_is_total,
    ),
    "the ledger is true": Law(
        "each place shows what the ledger says it does, and fidelity names what it does not",
        "core",
        ("record",),
        laws_rendering.the_ledger_is_true,
    ),
    "parse is safe": Law(
        "any JSON at all gives a command or a refusal in words",
        "core",
        ("value",),
        laws_writing.parse_is_safe,
    ),
    "every value is met": Law(
        "any value in any field of a body gives a command or a refusal in words",
        "core",
        (),
        laws_hostile.every_value_is_met,
    ),
    "what you wrote you read": Law(
        "each field with a place in the answer comes back there as sent",
        "core",
        ("body",),
        laws_writing.what_you_wrote_you_read,
    ),
    "restating changes nothing": Law(
        "a request made of an answer says the same facts",
        "core",
        ("record", "body"),
        laws_writing.restating_changes_nothing,
    ),
    "last write wins": Law(
        "two writes are worth the second",
        "core",
        ("first", "second"),
        laws_writing.last_write_wins,
    ),
    "nobody else's facts are harmed": Law(
        "a write leaves every fact outside the dialect's ledger, and what others keep, as it was",
        "core",
        ("record", "body"),
        laws_writing.nobody_elses_facts_are_harmed,
    ),
    "words are closed": Law(
        "every canonical word has a wire word, and every wire word is read",
        "core",
        (),
        laws_fields.words_are_closed,
    ),
    "pages add up": Law(
        "pages of any size, one after the other, are the whole list in its order",
        "core",
        ("shelf",),
        laws_listing.pages_add_up,
        laws_listing.has_no_list,
    ),
    "every field is accounted for": Law(
        "wire model, schema and ledger know the same fields, in every operation",
        "core",
        (),
        laws_fields.every_field_is_accounted_for,
    ),
    "every operation is accounted for": Law(
        "paths, wire models, schemas and accounts know the same fields of the other operations",
        "extended",
        (),
        laws_operations.every_operation_is_accounted_for,
    ),
    "every failure is worded": Law(
        "each kind of refusal has a status and words that fit the dialect's error schema",
        "core",
        ("error",),
        laws_rendering.every_failure_is_worded,
    ),
}
