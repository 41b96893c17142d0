"""Many deployments said at once, and work that is done later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.commands import RecordDeployment
from gateway.core.context import Caller, Context
from gateway.core.errors import Refusal
from gateway.core.model import Record
from gateway.core.trace import Trace


@dataclass(frozen=True, slots=True)
class RecordMany:
    """Deployments recorded in one go, in their order; each slot is named at most once.

    All or nothing, unless ``is_partial``: then those that are refused are left out. ``raws`` are
    the items as the request says them, for their events; without any, that is the whole body.
    """

    items: tuple[RecordDeployment, ...]
    is_partial: bool = False
    raws: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a bulk write came to: the record each slot shows now, in the order of the items."""

    shown: tuple[Record, ...]
    refusals: tuple[Refusal, ...] = ()

    def note_in(self, trace: Trace) -> None:
        """It is committed."""
        trace.store(self.shown)
        trace.refuse(refusal.error for refusal in self.refusals)


class JobStatus(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk write that a gateway process works off after the request was answered.

    ``place`` is what at most one unfinished job of an org may be about, and the limits of whoever
    asked for it: nobody learns of a job beyond their own. ``ctx`` is the request that asked for it,
    with its body; a finished job has none. ``errors`` are the dialect's own words. ``attempts``
    counts the processes that have begun it. ``projects`` are what the one who asked for it was
    limited to, ``None`` for the whole org.
    """

    id: UUID
    number: int
    org_id: UUID
    dialect: str
    place: tuple[str, ...]
    status: JobStatus
    created_at: datetime
    ctx: Context | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    total_count: int | None = None
    errors: tuple[dict[str, object], ...] = ()
    projects: frozenset[UUID] | None = None

    def is_seen_by(self, caller: Caller) -> bool:
        """Whether the caller may see all that whoever asked for it could."""
        if caller.projects is None:
            return True
        return self.projects is not None and self.projects <= caller.projects
