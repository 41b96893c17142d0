"""What is noted of a request while it is answered: for its log line, its figures, its timings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from time import perf_counter
from types import TracebackType

from gateway.core.model import Record

OPERATIONS = "operations"
"""What probes and scrapes ask for, in the place of a dialect."""


class Phase(IntEnum):
    """What a request is about at a time. It is in one phase only, the innermost."""

    AUTH = 0  # who asks, and for which org
    PARSE = 1  # the body arrives, and becomes a command or a search
    CORE = 2  # the use case decides
    STORE = 3  # the database works, or is waited for
    RENDER = 4  # what was found becomes an answer


@dataclass(slots=True, eq=False)
class Trace:
    """One request. ``route`` is a template, so that neither it nor ``dialect`` names a tenant.

    ``received`` counts the records that the request asked to record, ``stored`` are those that the
    database holds now, ``refused`` counts the others by the kind of their error. ``seconds`` are
    spent in each phase.
    """

    request_id: str = ""
    dialect: str = "none"
    route: str = "unmatched"
    org: str | None = None
    received: int = 0
    stored: list[Record] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=lambda: [0.0] * len(Phase))
    _phase: Phase = Phase.PARSE
    _since: float = field(default_factory=perf_counter)

    def turn_to(self, phase: Phase) -> Phase:
        """Begin a phase; the one it ends."""
        now, before = perf_counter(), self._phase
        self.seconds[before] += now - self._since
        self._phase, self._since = phase, now
        return before

    def during(self, phase: Phase) -> During:
        """A block that is this phase; after it comes again what was before."""
        return During(self, phase)

    def share(self, other: Trace) -> None:
        """Count the part of a shared transaction that was not the database as core."""
        self.seconds[Phase.STORE] -= other.seconds[Phase.CORE]
        self.seconds[Phase.CORE] += other.seconds[Phase.CORE]

    def receive(self, count: int) -> None:
        """So many records are asked for."""
        self.received += count

    def store(self, records: Iterable[Record]) -> None:
        """These are written, and will stay."""
        self.stored += records

    def refuse(self, reasons: Iterable[BaseException]) -> None:
        """One record was not written for each of these."""
        for reason in reasons:
            kind = type(reason).__name__
            self.refused[kind] = self.refused.get(kind, 0) + 1

    def fail(self, error: BaseException) -> None:
        """Nothing more will be stored.

        A request that is refused before its records are counted asked for one, as far as we know.
        """
        self.received = max(1, self.received)
        left = self.received - len(self.stored) - sum(self.refused.values())
        self.refuse([error] * left)


class During:
    """A block of one phase."""

    __slots__ = ("_before", "_phase", "_trace")

    def __init__(self, trace: Trace, phase: Phase) -> None:
        self._trace = trace
        self._phase = phase
        self._before = phase

    def __enter__(self) -> None:
        self._before = self._trace.turn_to(self._phase)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._trace.turn_to(self._before)
