"""What the use cases ask of the store about slots, their records and the records' history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.core.events import Event, EventKind
from gateway.core.model import Artifact, Record, Slot, Source, User
from gateway.core.search import Found, Scope, Search


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to append: what happened to a record, who said so and with which body.

    ``raw`` is the request's body; the store keeps at most 64 KiB of it, else its SHA-256.
    """

    kind: EventKind
    record: Record
    occurred_at: datetime
    recorded_at: datetime
    dialect: str
    actor: User
    raw: bytes
    idempotency_key: str | None = None
    token_id: UUID | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """An earlier request under the same idempotency key: its record, effect and body digest.

    ``project_id`` is the record's, which may have been removed since.
    """

    record_id: UUID
    project_id: UUID
    kind: EventKind
    raw_digest: bytes


class RecordReading(Protocol):
    """Queries about records and their history."""

    async def record(self, scope: Scope, record_id: UUID) -> Record | None: ...

    async def record_by_number(
        self, scope: Scope, project_id: UUID, number: int
    ) -> Record | None: ...

    async def visible_records(self, scope: Scope, ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of these ids that name a record the caller may see."""

    async def current_record(self, scope: Scope, slot_id: UUID) -> Record | None:
        """The record shown for a slot."""

    async def search(self, scope: Scope, search: Search, project_id: UUID | None) -> Found:
        """One page. ``project_id`` is what ``search.project`` was resolved to."""

    async def events(self, scope: Scope, record_id: UUID) -> tuple[Event, ...]:
        """A record's history, oldest first; it outlives the record."""

    async def last_deployment(
        self, scope: Scope, project_id: UUID, environment_id: UUID
    ) -> Record | None:
        """The success with the newest ``finished_at``, then number, of project and environment."""


class RecordWriting(RecordReading, Protocol):
    """Changes of a slot's records, once the slot is locked."""

    async def lock_slot(
        self, org_id: UUID, environment_id: UUID, name: str, since: datetime
    ) -> Slot:
        """Found or made, a new one as old as ``since``, and locked until the transaction ends."""

    async def live_record(self, org_id: UUID, slot_id: UUID) -> Record | None: ...

    async def newest_of_artifact(
        self, scope: Scope, slot_id: UUID, artifact: Artifact, source: Source
    ) -> Record | None:
        """The newest record of the same artifact in the slot whose presence is not ``none``."""

    async def fallback_record(
        self, org_id: UUID, slot_id: UUID, *, but: UUID | None = None
    ) -> Record | None:
        """The newest success in the slot that is superseded, other than ``but``."""

    async def record_with_node_id(
        self, org_id: UUID, project_id: UUID, node_id: str
    ) -> Record | None:
        """The newest record of the project with this delivery node id."""

    async def next_numbers(self, org_id: UUID, project_id: UUID) -> tuple[int, int]:
        """(number, project_number) of the next record; locks the project's counter."""

    async def insert(self, record: Record) -> None: ...

    async def save(self, record: Record) -> None:
        """All that a plan may change of a record, whose artifact has its id."""

    async def remove(self, record: Record) -> None: ...

    async def refresh_slot(self, org_id: UUID, slot_id: UUID) -> Slot:
        """Point the slot at its current record: the live one, else the newest with a presence."""

    async def append(self, happenings: Sequence[Happening]) -> None: ...

    async def replay(self, org_id: UUID, key: str) -> Replay | None:
        """The earlier request under this idempotency key."""
