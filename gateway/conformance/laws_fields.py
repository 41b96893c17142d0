"""Laws about a dialect's tables: its words, and the account of every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from gateway.conformance.broken import Broken
from gateway.conformance.schemas import fields_of, resolved, schemas_by_name
from gateway.dialect import Dialect
from gateway.dialect.accounts import Line
from gateway.dialect.ledger import Addressed, Shown, To, Words


def words_are_closed(dialect: Dialect, _options: Any) -> None:
    """Every canonical word has a wire word, and every wire word is read as it is written."""
    law = "words are closed"
    for name, entry in (*dialect.ledger.request.items(), *dialect.ledger.response.items()):
        if isinstance(entry, To | Shown) and isinstance(entry.give, Words):
            for detail in _open_ends(entry, entry.give.table):
                raise Broken(law, dialect.name, name, detail)
    for name, word in _request_words(dialect):
        carrier = dialect.ledger.request.get(name)
        if isinstance(carrier, To) and carrier.take(word) is None and not _is_unspecified(word):
            raise Broken(law, dialect.name, name, f"{word!r} is not read")


def every_field_is_accounted_for(dialect: Dialect, _options: Any) -> None:
    """The ledger's requests and answers are those of the schemas."""
    law, ledger = "every field is accounted for", dialect.ledger
    shown = {**dict.fromkeys(ledger.givers()), **dict.fromkeys(ledger.response)}
    for schema, known in (("create", ledger.request), ("record", shown)):
        for place, detail in unbalanced(dialect, known, schema):
            raise Broken(law, dialect.name, place, detail)


def unbalanced(
    dialect: Dialect, known: Mapping[str, Line | None], schema: str
) -> Iterator[tuple[str, str]]:
    """Where a ledger's places and a schema's fields differ: the place, and who misses it.

    A place accounts for all that lies beneath it; what the address says may be in no schema.
    """
    fields = fields_of(dialect, schema)
    spelled = {place: _spellings(dialect, place) for place in known}
    places = [spelling for spellings in spelled.values() for spelling in spellings]
    for field in sorted(fields):
        if not any(_is_within(field, place) for place in places):
            yield field, f"{schema}.json has it and the ledger does not"
    for place, spellings in spelled.items():
        is_found = not place or any(
            _is_within(field, spelling) for field in fields for spelling in spellings
        )
        if not is_found and not isinstance(known[place], Addressed):
            yield place, f"the ledger has it and {schema}.json does not"


def _spellings(dialect: Dialect, place: str) -> frozenset[str]:
    return frozenset(dialect.spelled(place, options) for options in dialect.options.values())


def _is_within(field: str, place: str) -> bool:
    return place in ("", field) or field.startswith((f"{place}.", f"{place}[]"))


def _open_ends(entry: To | Shown, table: Mapping[Any, Any]) -> Iterator[str]:
    sample = next(word for word in table if word is not None)
    if isinstance(sample, Enum):
        yield from (f"no word for {word!r}" for word in type(sample) if word not in table)
    if isinstance(entry, To):
        for word in table.values():
            if entry.give(entry.take(word)) != word and not _is_unspecified(word):
                yield f"{word!r} is read as {entry.take(word)!r}, which is another word"


def _is_unspecified(word: object) -> bool:
    """proto3's own word for nothing said is no word for a fact."""
    return word in (None, 0) or str(word).endswith("_UNSPECIFIED")


def _request_words(dialect: Dialect) -> Iterator[tuple[str, Any]]:
    schema = schemas_by_name(dialect)["create"]
    for name, said in schema.get("properties", {}).items():
        found, _ = resolved(dialect, "create", said)
        yield from ((name, word) for word in found.get("enum", ()) if word is not None)
