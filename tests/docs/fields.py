"""A dialect's ledger as tables: every wire field, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.dialect import Dialect
from gateway.dialect.accounts import IN_PATHS, is_of_headers
from gateway.dialect.ledger import Addressed, Derived, Entry, Ignored, Kept, Shown, To
from gateway.dialect.resources import load_json
from gateway.openapi.meaning import sentence
from tests.docs.markdown import code, table


def field_table(dialect: Dialect) -> str:
    """The fields of a create, then those that only answers have."""
    head = ("in a request", "in a record", "canonical fact", "what becomes of it")
    ledger = dialect.ledger
    asked = (_asked(name, entry) for name, entry in ledger.request.items())
    shown = (_answered(place, entry) for place, entry in ledger.response.items())
    return table(head, [*asked, *shown])


def account_tables(dialect: Dialect) -> str:
    """The fields of every other schema: what may be asked and sent beside a create, and answers."""
    titles = {name: schema.get("title", "") for name, schema in load_json(dialect.schemas)}
    found = []
    for name, account in sorted(dialect.accounts.items()):
        heading = _heading(name, titles)
        lines = ((code(place or "."), sentence(line)) for place, line in account.fields.items())
        found.append(f"## {heading}\n\n{table(('field', 'what becomes of it'), lines)}")
    return "\n".join(found)


def _heading(name: str, titles: Mapping[str, str]) -> str:
    if name == IN_PATHS:
        return "Parameters in paths"
    if is_of_headers(name):
        _, _, operation = name.partition(" ")
        return f"Request headers of {code(operation)}" if operation else "Request headers"
    return f"{code(name)}: {titles[name]}"


def _asked(name: str, entry: Entry) -> tuple[str, ...]:
    match entry:
        case To():
            facts = ", ".join(map(code, (entry.path, *entry.also, *entry.or_else)))
            return code(name), code(entry.read or ""), facts, _said(_of_fact(entry))
        case Addressed(path, note):
            return f"{code(name)}, by address or credential", "", code(path), note
        case Kept(note):
            return code(name), "", "", _said(["kept for this dialect alone", note])
        case Ignored(why):
            return code(name), "", "", f"accepted and dropped: {why}"
        case _:
            return code(name), "", "", ""


def _answered(place: str, entry: Shown | Derived) -> tuple[str, ...]:
    if isinstance(entry, Derived):
        return "", code(place), "", f"derived: {entry.note}"
    return "", code(place), code(entry.path), _said(_of_fact(entry))


def _of_fact(entry: To | Shown) -> Iterator[str]:
    if entry.stand_in is not None:
        yield f"stand-in: {entry.stand_in}"
    if entry.note:
        yield entry.note


def _said(parts: Iterator[str] | list[str]) -> str:
    return "; ".join(part for part in parts if part)
