"""A dialect's ledger: every wire field accounted for, read by people and by the suite.

The ledger does not translate; it says what translation does, so that a test can hold the two
against each other and fidelity can be computed without running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from gateway.core.fidelity import FACTS, holds
from gateway.core.model import Record


def same(value: Any) -> Any:
    """A fact spelled alike on the wire and in the core."""
    return value


def nothing(_value: Any) -> bool:
    """A place that loses nothing of a fact, whatever its value."""
    return False


@dataclass(frozen=True, slots=True)
class Words:
    """A closed table of words, as a ``give`` or (inverted) a ``take``; others stay as they are."""

    table: Mapping[Any, Any]

    def __call__(self, value: Any) -> Any:
        """The word of the other side."""
        return self.table.get(value, value)


@dataclass(frozen=True, slots=True)
class To:
    """A request field that carries a canonical fact.

    ``path`` is canonical (``source.commit``), ``read`` the dotted place in a response that shows it
    (``None`` where the dialect never sends it back). ``take`` turns a wire value into the canonical
    one, ``give`` the canonical one into the wire's. ``stand_in`` says what is shown when the record
    does not hold the fact. ``loses`` says of a held value whether the place shows less than all of
    it. ``also`` are other facts that the same place tells a reader: canonical path → wire word →
    the fact. ``or_else`` are paths that some values carry instead. ``or_tells`` are facts that the
    stand-in tells: canonical path → whether it does of a held value. ``differs_by`` is the option
    that changes ``take``, which is the documented one.
    """

    path: str
    read: str | None = None
    take: Callable[[Any], Any] = same
    give: Callable[[Any], Any] = same
    stand_in: str | None = None
    note: str = ""
    loses: Callable[[Any], bool] = nothing
    also: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    or_else: tuple[str, ...] = ()
    or_tells: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    differs_by: str = ""

    def tells(self, value: Any) -> bool:
        """Whether a reader learns all of a held value: a word means what ``take`` makes of it."""
        if isinstance(self.give, Words) and self.take(self.give(value)) != value:
            return False
        return not self.loses(value)

    def tells_instead(self, record: Record) -> tuple[str, ...]:
        """The facts of the record that a reader learns of what stands in for this one."""
        if self.read is None or not self.or_tells or holds(record, self.path):
            return ()
        return tuple(
            path
            for path, tells in self.or_tells.items()
            if holds(record, path) and tells(FACTS[path](record))
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A response field that shows a canonical fact no request field carries alone."""

    path: str
    give: Callable[[Any], Any] = same
    stand_in: str | None = None
    note: str = ""
    differs_by: str = ""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A canonical fact that the request's own address or credential says."""

    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A request field with no canonical home; stored, and returned only to this dialect."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A request field accepted and dropped, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A response field that shows no fact: an identity, a constant, a computed value.

    ``differs_by`` is the option without which the field is not there.
    """

    note: str
    differs_by: str = ""


Entry = To | Shown | Addressed | Kept | Ignored | Derived


def fact(record: Record, path: str) -> Any:
    """What a record holds at a canonical path."""
    held: Any = record
    for step in _ELSEWHERE.get(path, path).split("."):
        held = getattr(held, step)
    return held


def _is_blurred(entry: To, record: Record) -> bool:
    held = FACTS[entry.path](record)
    return held is not None and entry.loses(held)


_ELSEWHERE = {"environment.external_url": "project_environment.external_url"}
"""Paths of a reader's view that the record holds in another of its parts."""


@dataclass(frozen=True)
class Ledger:
    """The request and response fields of a dialect's record.

    Keys are wire names; a response key is the dotted place of the value in the bare record object.
    ``model`` is the wire model that reads a create body, ``by_hand`` the request's names that are
    read without it.
    """

    request: Mapping[str, Entry]
    response: Mapping[str, Shown | Derived] = field(default_factory=dict)
    model: type[Any] | None = None
    by_hand: frozenset[str] = frozenset()

    def shown(self) -> Mapping[str, str]:
        """Canonical path → the dotted place in a response that shows it."""
        places = {e.path: e.read for e in self.request.values() if isinstance(e, To) and e.read}
        places |= {e.path: key for key, e in self.response.items() if isinstance(e, Shown)}
        for entry in self.request.values():
            if isinstance(entry, To) and entry.read:
                places |= dict.fromkeys(entry.also, entry.read)
        return places

    def givers(self) -> Mapping[str, tuple[str, Callable[[Any], Any], str | None]]:
        """Response place → (canonical path, ``give``, stand-in)."""
        found: dict[str, tuple[str, Callable[[Any], Any], str | None]] = {}
        for entry in self.request.values():
            if isinstance(entry, To) and entry.read:
                found[entry.read] = (entry.path, entry.give, entry.stand_in)
        for key, shown in self.response.items():
            if isinstance(shown, Shown):
                found[key] = (shown.path, shown.give, shown.stand_in)
        return found

    @cached_property
    def known_paths(self) -> frozenset[str]:
        """Canonical paths that a reader of this dialect learns, its own address included."""
        paths = set(self.shown())
        paths |= {e.path for e in self.request.values() if isinstance(e, Addressed)}
        if "environment.logical" in paths:
            paths.add("environment.name")
        if any(path.startswith("actor.") for path in paths):
            paths.add("actor")
        return frozenset(paths)

    def told(self, record: Record) -> frozenset[str]:
        """The paths whose whole fact a reader learns from this very record."""
        blurred = list(self._blurred(record))
        instead = [path for entry in self._replaced for path in entry.tells_instead(record)]
        if not blurred and not instead:
            return self.known_paths
        return self.known_paths.difference(blurred).union(instead)

    @cached_property
    def _read(self) -> Sequence[To]:
        """The request's fields that a reader is shown again."""
        entries = self.request.values()
        return [e for e in entries if isinstance(e, To) and e.read is not None]

    @cached_property
    def _replaced(self) -> Sequence[To]:
        """Those of them whose stand-in tells something itself."""
        return [entry for entry in self._read if entry.or_tells]

    @cached_property
    def _doubtful(self) -> Sequence[To]:
        """Those of them that may show less than the whole fact."""
        return [
            entry
            for entry in self._read
            if entry.path in FACTS
            and (entry.also or entry.loses is not nothing or isinstance(entry.give, Words))
        ]

    def _blurred(self, record: Record) -> Iterator[str]:
        for entry in self._doubtful:
            held = FACTS[entry.path](record)
            if held is not None and not entry.tells(held):
                yield entry.path
            for path, told in entry.also.items():
                if told.get(entry.give(fact(record, entry.path))) != FACTS[path](record):
                    yield path

    def hinges(self) -> Sequence[Callable[[Record], object]]:
        """What decides ``told`` and the stand-ins of a record, beside which facts it holds.

        Two records for which all of these agree lose the same. Each has few values: the words of a
        closed table, or whether more is held than is shown.
        """
        found: list[Callable[[Record], object]] = []
        for entry in self._read:
            if isinstance(entry.give, Words) or entry.also:
                found += (FACTS[path] for path in (entry.path, *entry.also))
            if entry.loses is not nothing:
                found.append(partial(_is_blurred, entry))
            if entry.or_tells:
                found.append(entry.tells_instead)
        return found

    @cached_property
    def stand_ins(self) -> Mapping[str, str]:
        """Response place → the canonical path whose absence it covers."""
        return {place: path for place, (path, _, stands) in self.givers().items() if stands}
