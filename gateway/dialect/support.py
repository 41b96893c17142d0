"""What a dialect's clients can say and see of each canonical fact, computed from its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.core.fidelity import FACTS
from gateway.dialect.ledger import Addressed, Ledger, Shown, To

ALWAYS = frozenset(
    {"project.path", "environment.name", "slot.name", "state", "presence"}
    | {"created_at", "finished_at", "actor"}
)
"""What the gateway knows of a record whoever wrote it: where it belongs, how it is, who, when."""

_PARTS = {"environment.logical", "environment.physical", "environment.cluster"}


@dataclass(frozen=True, slots=True)
class Support:
    """One canonical fact in one dialect.

    ``said`` are the request fields that carry it, ``shown`` the places of an answer that tell it,
    ``stand_in`` what is shown where a record does not hold it. What the request's own address says
    is known to whoever asks.
    """

    said: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    stand_in: str | None = None
    is_addressed: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether a reader never learns the fact."""
        return not self.shown and not self.is_addressed


def support(ledger: Ledger) -> Mapping[str, Support]:
    """Every canonical fact that counts, in the order of the core."""
    lines = list(_lines(ledger))
    return {
        path: Support(
            said=_unique(name for fact, name, _, _ in lines if fact == path and name),
            shown=_unique(place for fact, _, place, _ in lines if fact == path and place),
            stand_in=next(
                (stands for fact, _, _, stands in lines if fact == path and stands), None
            ),
            is_addressed=path in _addressed(ledger),
        )
        for path in FACTS
    }


def held(writer: Ledger) -> tuple[str, ...]:
    """The facts that a record can hold which a client of the dialect wrote."""
    told = support(writer)
    return tuple(path for path in FACTS if path in ALWAYS or told[path].said)


def shared(writer: Ledger, reader: Ledger) -> tuple[str, ...]:
    """Those of them that a client of another dialect sees."""
    seen = support(reader)
    return tuple(path for path in held(writer) if not seen[path].is_lost)


_Line = tuple[str | None, str | None, str | None, str | None]


def _lines(ledger: Ledger) -> Iterator[_Line]:
    """(fact, request field, place in an answer, stand-in) of every entry that carries a fact."""
    for name, entry in ledger.request.items():
        if isinstance(entry, To):
            yield fact_of(entry.path), name, entry.read, entry.stand_in
            for path in entry.also:
                yield path, name, entry.read, None
            for path in entry.or_else:
                yield path, name, None, None
    for place, shown in ledger.response.items():
        if isinstance(shown, Shown):
            yield fact_of(shown.path), None, place, shown.stand_in


def _addressed(ledger: Ledger) -> frozenset[str]:
    return frozenset(e.path for e in ledger.request.values() if isinstance(e, Addressed))


def fact_of(path: str) -> str | None:
    """The fact that a canonical path belongs to; ``None`` for an identity or a time of its own."""
    if path in FACTS:
        return path
    if path in _PARTS:
        return "environment.name"
    return "actor" if path.startswith("actor.") else None


def _unique(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
