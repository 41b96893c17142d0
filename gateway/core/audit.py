"""The audit: who did what, through what, and when. It is only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.model import User
from gateway.core.moments import clamped

DONE = "done"
RECORD = "record."
"""What the actions begin with that are a record's events."""


class Action(StrEnum):
    """What was done, beside what happened to records."""

    ORG_CREATED = "org.created"
    ORG_ALIASED = "org.aliased"
    USER_CREATED = "user.created"
    TOKEN_CREATED = "token.created"  # noqa: S105 (a word)
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 (a word)
    GROUP_CREATED = "group.created"
    GROUP_JOINED = "group.joined"
    PROJECT_CREATED = "project.created"
    ENVIRONMENT_CREATED = "environment.created"
    ENVIRONMENT_CHANGED = "environment.changed"
    ENVIRONMENT_STOPPED = "environment.stopped"
    ENVIRONMENT_REMOVED = "environment.removed"
    PROTECTION_CREATED = "protection.created"
    PROTECTION_CHANGED = "protection.changed"
    PROTECTION_REMOVED = "protection.removed"
    APPROVAL_GIVEN = "approval.given"
    STORAGE_RECORDED = "storage.recorded"
    JOB_SUBMITTED = "job.submitted"


@dataclass(frozen=True, slots=True)
class Act:
    """One line. What was refused, or undone by a fault, has none.

    ``token_id`` is ``None`` for the admin token and the command line. ``action`` is one of
    ``Action``, or ``record.`` and the kind of a record's event. ``outcome`` is ``done``, or the
    state and presence of the record after it.
    """

    org_id: UUID
    id: UUID
    at: datetime
    actor: User
    token_id: UUID | None
    dialect: str
    request_id: str | None
    action: str
    subject: str
    outcome: str = DONE


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Filters combine with AND. ``below`` is the id that the page before ended with.

    A bound beyond the ends of time is the end of time.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    below: UUID | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        """Bring both bounds to UTC."""
        object.__setattr__(self, "since", clamped(self.since))
        object.__setattr__(self, "until", clamped(self.until))
