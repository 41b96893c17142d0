"""What becomes of each field of a dialect's schemas, in words, from its ledger and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.dialect import Dialect, Options
from gateway.dialect.accounts import As, Asks, Line, is_of_headers
from gateway.dialect.ledger import Addressed, Derived, Ignored, Kept, Shown, To


def meanings(dialect: Dialect, options: Options) -> Mapping[str, Mapping[str, str]]:
    """By the name of a schema and the place of a field in it, as the profile spells it."""
    record = {
        dialect.spelled(place, options): sentence(line)
        for place, line in _of_record(dialect).items()
    }
    accounts = {
        name: {
            place if is_of_headers(name) else dialect.spelled(place, options): sentence(line)
            for place, line in own.fields.items()
        }
        for name, own in dialect.accounts.items()
    }
    create = {name: sentence(line) for name, line in dialect.ledger.request.items()}
    return {**accounts, "create": create, "record": record}


def sentence(line: Line) -> str:
    """One line of a ledger: the canonical fact it carries, or what is done instead."""
    match line:
        case To() | Shown():
            stand_in = f"else {line.stand_in}" if line.stand_in else ""
            return _joined(f"`{line.path}`", stand_in, line.note)
        case Addressed(path, note):
            return _joined(f"`{path}`" if path else "", note)
        case Kept(note):
            return _joined("kept for this dialect alone", note)
        case Ignored(why):
            return f"accepted and dropped: {why}"
        case Derived():
            return line.note
        case Asks(what):
            return what
        case As(schema, note):
            return _joined(f"as in `{schema}`", note)


def _of_record(dialect: Dialect) -> Mapping[str, Line]:
    return dict(_places(dialect))


def _places(dialect: Dialect) -> Iterator[tuple[str, Line]]:
    for entry in dialect.ledger.request.values():
        if isinstance(entry, To) and entry.read is not None:
            yield entry.read, entry
    yield from dialect.ledger.response.items()


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
