"""The canonical deployment record and its parts.

All values are frozen. Absence is always ``None``; only a slot name may be the empty string. Times
are aware UTC datetimes with microseconds, and each of them has a moment of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """How the delivery went."""

    CREATED = "created"
    BLOCKED = "blocked"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"


class Presence(StrEnum):
    """Whether a record occupies its slot, or did."""

    NONE = "none"
    LIVE = "live"
    SUPERSEDED = "superseded"
    DECOMMISSIONED = "decommissioned"


class ProjectRule(StrEnum):
    """Which rule chose the project of a record, in the order in which they are tried."""

    TOKEN = "token"  # noqa: S105 (a rule's name, not a secret)
    NAMED = "named"
    DIGEST = "digest"
    SLOT = "slot"
    ARTIFACT_NAME = "artifact_name"
    DEPLOYMENT_NAME = "deployment_name"
    UNASSIGNED = "unassigned"


class ArtifactKind(StrEnum):
    """What sort of artifact runs, where it was said."""

    CONTAINER_IMAGE = "CONTAINER_IMAGE"
    HELM_CHART = "HELM_CHART"


@dataclass(frozen=True, slots=True)
class Org:
    """Whose data. ``name`` and ``aliases`` compare case-insensitively."""

    id: UUID
    number: int
    name: str
    aliases: tuple[str, ...]
    created_at: datetime

    def answers_to(self, name: str) -> bool:
        """Whether ``name`` is this org's name or one of its aliases."""
        folded = name.casefold()
        return folded == self.name.casefold() or folded in (a.casefold() for a in self.aliases)


@dataclass(frozen=True, slots=True)
class Project:
    """A repository in an org; ``path`` begins with the org (``acme/shop``)."""

    id: UUID
    number: int
    path: str
    created_at: datetime

    @property
    def name(self) -> str:
        """The path without the org: what a slot of this project is called."""
        return self.path.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Environment:
    """A place in an org, known by three parts and by one name."""

    id: UUID
    logical: str
    physical: str | None
    cluster: str | None
    name: str
    tier: str
    kind: str | None
    created_at: datetime
    updated_at: datetime
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectEnvironment:
    """What one project says of an environment: the number, slug and state GitLab shows.

    ``auto_stop`` is ``None`` for one that may always be stopped.
    """

    number: int
    slug: str
    state: str
    tier: str
    external_url: str | None
    description: str | None
    created_at: datetime
    updated_at: datetime
    auto_stop: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """What one artifact occupies at a time. ``current`` is the id of the record shown for it."""

    id: UUID
    number: int
    name: str
    created_at: datetime
    current: UUID | None


@dataclass(frozen=True, slots=True)
class Artifact:
    """What runs. ``digests`` maps an algorithm to lower-case hex; it may be empty.

    ``id`` is the identity shared in the org; the other facts are as said of this record.
    """

    id: UUID | None = None
    kind: ArtifactKind | None = None
    name: str | None = None
    version: str | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an artifact came from."""

    commit: str | None = None
    ref: str | None = None
    is_tag: bool | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who deploys or calls."""

    id: UUID
    number: int
    username: str
    name: str
    external_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """Facts about the delivery itself. ``duration_seconds`` is decimal seconds."""

    title: str | None = None
    changelog: str | None = None
    url: str | None = None
    duration_seconds: Decimal | None = None
    is_fix: bool | None = None
    is_hotfix: bool | None = None
    is_forced: bool | None = None
    commits_count: int | None = None
    pull_request_number: int | None = None
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class Runtime:
    """Facts about the running workload.

    In a command ``None`` means unsaid and an empty value means "there are none"; a record always
    holds a tuple and a mapping.
    """

    risks: tuple[str, ...] | None = None
    tags: Mapping[str, str] | None = None
    attestation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One artifact put, or tried, in one slot.

    ``number`` is unique in the gateway, ``project_number`` counts 1, 2, 3… per project.
    ``updated_at`` moves when a command about this record changed it, ``last_seen_at`` when it was
    said again, ``ended_at`` when it left its slot. ``kept`` holds, per dialect, what only that
    dialect can say.
    """

    id: UUID
    number: int
    project_number: int
    org: Org
    project: Project
    project_rule: ProjectRule
    slot: Slot
    environment: Environment
    project_environment: ProjectEnvironment
    artifact: Artifact
    source: Source
    state: State
    presence: Presence
    superseded_by: UUID | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    last_seen_at: datetime
    ended_at: datetime | None
    actor: User
    delivery: Delivery
    runtime: Runtime
    origin: str
    kept: Mapping[str, Mapping[str, object]]

    @property
    def is_current(self) -> bool:
        """Whether this is the record shown for its slot."""
        return self.slot.current == self.id
