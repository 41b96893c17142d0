"""A record's history: one line for each thing that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.model import Presence, State, User


class EventKind(StrEnum):
    """What happened to a record."""

    RECORDED = "recorded"
    RESTATED = "restated"
    STATE_CHANGED = "state_changed"
    SUPERSEDED = "superseded"
    DECOMMISSIONED = "decommissioned"
    REVIVED = "revived"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Event:
    """One append-only line of a record's history, with the state and presence after it."""

    kind: EventKind
    record_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    dialect: str
    actor: User
    state: State
    presence: Presence
