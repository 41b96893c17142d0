"""What crosses between dialects, as tables: each fact in each dialect, and each ordered pair."""

from __future__ import annotations

from gateway.core.fidelity import FACTS
from gateway.dialect import Dialect
from gateway.dialect.support import Support, held, shared, support
from gateway.registry import BUILT_IN, installed
from tests.docs.markdown import code, table

OWN = "canonical"


def dialects() -> list[Dialect]:
    """The built-in ones: the providers' by name, the gateway's own last."""
    found = [dialect for name, dialect in installed().items() if name in BUILT_IN]
    return sorted(found, key=lambda dialect: (dialect.name == OWN, dialect.title.lower()))


def support_table() -> str:
    """Each canonical fact: where each dialect shows it, with ``*`` where it may stand in."""
    columns = [support(dialect.ledger) for dialect in dialects()]
    head = ("fact", *(dialect.title for dialect in dialects()))
    return table(head, ([code(path), *(_shown(c[path]) for c in columns)] for path in FACTS))


def pair_table() -> str:
    """For each ordered pair how many of the facts that one's records can hold the other shows."""
    head = ("written by ↓ read by →", *(dialect.title for dialect in dialects()))
    rows = (
        [writer.title, *(_count(writer, reader) for reader in dialects())] for writer in dialects()
    )
    return table(head, rows)


def pairs() -> str:
    """For each ordered pair which facts cross, and which the reader never learns."""
    return "\n".join(_pair_list(writer) for writer in dialects())


def _pair_list(writer: Dialect) -> str:
    rows = []
    for reader in dialects():
        crossing = shared(writer.ledger, reader.ledger)
        lost = [path for path in held(writer.ledger) if path not in crossing]
        rows.append((reader.title, _listed(crossing), _listed(lost) or "nothing"))
    head = ("read by", "crosses", "is not shown")
    return f"### {writer.title}\n\n{table(head, rows)}"


def _count(writer: Dialect, reader: Dialect) -> str:
    return f"{len(shared(writer.ledger, reader.ledger))} of {len(held(writer.ledger))}"


def _listed(paths: list[str] | tuple[str, ...]) -> str:
    return ", ".join(map(code, paths))


def _shown(fact: Support) -> str:
    if fact.is_lost:
        return ""
    places = ", ".join(map(code, fact.shown)) or "in the path"
    return f"{places} *" if fact.stand_in else places
