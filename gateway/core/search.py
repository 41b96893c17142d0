"""What a caller asks to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.commands import ProjectChoice
from gateway.core.model import ArtifactKind, Presence, Record, State
from gateway.core.moments import clamped


class View(StrEnum):
    """Which records a search looks at."""

    HISTORY = "history"  # every record
    CURRENT = "current"  # the one shown for each slot: the live one, else the newest that ended
    LIVE = "live"  # what runs now


class SortKey(StrEnum):
    """Every order ends with the number, in the same direction."""

    NUMBER = "number"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    FINISHED_AT = "finished_at"
    REF = "ref"
    SLOT = "slot"  # which slots are on a page; only of what slots show, and not their order in it


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of time; ``after`` is inclusive, ``before`` is too unless ``is_open``."""

    after: datetime | None = None
    before: datetime | None = None
    is_open: bool = False

    def __post_init__(self) -> None:
        """Bring both to UTC; a bound beyond the ends of time is the end of time."""
        object.__setattr__(self, "after", clamped(self.after))
        object.__setattr__(self, "before", clamped(self.before))


NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Search:
    """Filters combine with AND; ``None`` is no filter.

    ``project`` must exist and be visible (``NotFound``); ``project_path`` filters without that.
    ``digest`` is (algorithm, hex). ``below_number`` is where a cursor left off in a descending
    order by number. ``count_limit`` is the highest total worth knowing, ``None`` for no total.
    """

    view: View = View.HISTORY
    project: ProjectChoice | None = None
    project_path: str | None = None
    project_version: str | None = None
    environment_name: str | None = None
    deployment_name: str | None = None
    states: frozenset[State] | None = None
    presences: frozenset[Presence] | None = None
    artifact_kind: ArtifactKind | None = None
    digest: tuple[str, str] | None = None
    commit: str | None = None
    ref: str | None = None
    origin: str | None = None
    created: Bounds = NO_BOUNDS
    updated: Bounds = NO_BOUNDS
    finished: Bounds = NO_BOUNDS
    sort: SortKey = SortKey.NUMBER
    is_descending: bool = False
    offset: int = 0
    limit: int | None = 20
    below_number: int | None = None
    count_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page. ``total`` is ``None`` when none was asked for, or when there are more."""

    records: tuple[Record, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a query may touch: one org, and in it all projects (``None``) or these."""

    org_id: UUID
    projects: frozenset[UUID] | None = None

    def sees(self, project_id: UUID) -> bool:
        """Whether a record of this project may be seen."""
        return self.projects is None or project_id in self.projects
