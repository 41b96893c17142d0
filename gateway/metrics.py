"""The figures at ``/metrics``. No label names an org, a project, a user or a token.

With several worker processes the client library keeps the figures in files of a folder that all of
them share (``PROMETHEUS_MULTIPROC_DIR``), and whoever is asked answers for all.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.core import fidelity
from gateway.core.bulk import JobStatus
from gateway.core.model import Record
from gateway.core.trace import Trace
from gateway.dialect import Dialect
from gateway.ports import Connections

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder which several processes share."""

_PREFIX = "deployment_gateway"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Else each counter has a second series, with the time at which it was made.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here
_MOST_KINDS = 4096

_CONNECTIONS = {
    "size": ("database_connections", "Connections that a process may have."),
    "in_use": ("database_connections_in_use", "Connections in use."),
    "waiting": ("database_connections_waiting", "Transactions that wait for a connection."),
}
"""The gauges of a pool, by the field of ``Connections`` that each of them shows."""

Key = tuple[str, str, str, int]
Kind = tuple[object, ...]
"""What decides which facts dialects lose of a record: all of one kind lose the same."""

Mode = Literal["livesum", "livemax", "livemostrecent"]


class Metrics:
    """What is counted of one application. ``database`` is ``sqlite`` or ``postgresql``."""

    def __init__(self, dialects: Mapping[str, Dialect], database: str) -> None:
        self._dialects = dialects
        self._hinges = [hinge for d in dialects.values() for hinge in d.ledger.hinges()]
        self._shared = os.environ.get(SHARED)
        self._registry = CollectorRegistry()
        self._requests = self._counter(
            "requests", "Requests answered.", "dialect", "method", "route", "status"
        )
        self._seconds = Histogram(
            "request_duration_seconds",
            "Time from a request's first line to the end of its answer.",
            ("dialect", "method", "route"),
            namespace=_PREFIX,
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._in_flight = self._gauge("requests_in_flight", "Requests being answered.")
        self._received = self._counter("records_received", "Records asked to be kept.", "dialect")
        self._stored = self._counter("records_stored", "Of these, records kept.", "dialect")
        self._refused = self._counter(
            "records_refused", "Of these, records not kept, by kind of error.", "dialect", "reason"
        )
        self._losses = self._counter(
            "losses", "Facts of kept records that a dialect does not show.", "dialect", "field"
        )
        self._stand_ins = self._counter(
            "stand_ins", "Values a dialect shows that kept records do not hold.", "dialect", "field"
        )
        self._connections = {
            field: self._gauge(name, said, "pool") for field, (name, said) in _CONNECTIONS.items()
        }
        self._jobs = self._gauge("jobs_pending", "Jobs not finished.", mode="livemostrecent")
        self._finished = self._counter("jobs_finished", "Jobs finished.", "dialect", "status")
        self._in_flight.set(0)
        self._by_key: dict[Key, tuple[Counter, Histogram]] = {}
        self._by_dialect: dict[str, tuple[Counter, Counter]] = {}
        self._by_kind: dict[Kind, tuple[Counter, ...]] = {}
        self._new: dict[Kind, int] = {}
        self._tell_build(database)

    @property
    def is_shared(self) -> bool:
        """Whether other processes' figures are shown too."""
        return self._shared is not None

    def begin(self) -> None:
        """A request has come."""
        self._in_flight.inc()

    def end(self, trace: Trace, *, method: str, status: int, seconds: float) -> None:
        """A request was answered, or with status 0 was not."""
        self._in_flight.dec()
        known = method if method in _METHODS else "other"
        counter, histogram = self._of((trace.dialect, known, trace.route, status))
        counter.inc()
        histogram.observe(seconds)
        self.records(trace)

    def records(self, trace: Trace) -> None:
        """What became of the records that were received."""
        if not trace.received:
            return
        received, stored = self._of_records(trace.dialect)
        received.inc(trace.received)
        stored.inc(len(trace.stored))
        for reason, count in trace.refused.items():
            self._refused.labels(trace.dialect, reason).inc(count)
        for record in trace.stored:
            kind = self._kind(record)
            self._new[kind] = self._new.get(kind, 0) + 1

    def job_finished(self, dialect: str, status: JobStatus) -> None:
        """A job is over."""
        self._finished.labels(dialect, status.value).inc()

    def jobs_pending(self, count: int) -> None:
        """So many jobs are not finished, in the whole database."""
        self._jobs.set(count)

    def look(self, pools: Mapping[str, Connections]) -> None:
        """Bring the figures up to date before they are shown: connections, losses of new records.

        Losses are not counted with each write, which two dozen counters would slow down.
        """
        for pool, used in pools.items():
            for name, gauge in self._connections.items():
                gauge.labels(pool).set(getattr(used, name))
        self._settle()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All figures in the format that is asked for, and its media type."""
        registry = self._registry
        if self._shared is not None:
            _forget_the_dead(Path(self._shared))
            registry = CollectorRegistry()
            MultiProcessCollector(registry, self._shared)  # type: ignore[no-untyped-call]  # nor here
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type

    def _counter(self, name: str, said: str, *labels: str) -> Counter:
        return Counter(name, said, labels, namespace=_PREFIX, registry=self._registry)

    def _gauge(self, name: str, said: str, *labels: str, mode: Mode = "livesum") -> Gauge:
        return Gauge(
            name,
            said,
            labels,
            namespace=_PREFIX,
            registry=self._registry,
            multiprocess_mode=mode,
        )

    def _tell_build(self, database: str) -> None:
        labels = ("version", "python", "database")
        build = self._gauge("build_info", "What runs.", *labels, mode="livemax")
        build.labels(version("deployment-gateway"), platform.python_version(), database).set(1)

    def _of(self, key: Key) -> tuple[Counter, Histogram]:
        found = self._by_key.get(key)
        if found is None:
            dialect, method, route, status = key
            counter = self._requests.labels(dialect, method, route, status or "none")
            found = counter, self._seconds.labels(dialect, method, route)
            self._by_key[key] = found
        return found

    def _of_records(self, dialect: str) -> tuple[Counter, Counter]:
        found = self._by_dialect.get(dialect)
        if found is None:
            found = self._received.labels(dialect), self._stored.labels(dialect)
            self._by_dialect[dialect] = found
        return found

    def _settle(self) -> None:
        """Count the losses of the records that are new."""
        for kind, count in self._new.items():
            for counter in self._by_kind[kind]:
                counter.inc(count)
        self._new = {}

    def _kind(self, record: Record) -> Kind:
        shown = tuple(name for name, dialect in self._dialects.items() if dialect.shows(record))
        kind = (fidelity.held(record), shown, *(hinge(record) for hinge in self._hinges))
        if kind not in self._by_kind:
            if len(self._by_kind) == _MOST_KINDS:
                self._settle()
                self._by_kind.clear()
            found = [counter for name in shown for counter in self._of_dialect(name, record)]
            self._by_kind[kind] = tuple(found)
        return kind

    def _of_dialect(self, name: str, record: Record) -> list[Counter]:
        found = self._dialects[name].fidelity(record)
        return [
            *(self._losses.labels(name, field) for field in found.losses),
            *(self._stand_ins.labels(name, field) for field in found.stand_ins),
        ]


def _forget_the_dead(folder: Path) -> None:
    """Remove the gauges of processes that have ended."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another process was faster
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # nor here
