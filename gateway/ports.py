"""What the use cases ask of the outside: a clock and a store.

Every query begins with the org whose data it touches. ``Scope`` adds the projects that the caller
may see; what lies outside is as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.core.audit import Act, AuditSearch
from gateway.core.members import Held
from gateway.core.model import (
    Artifact,
    Environment,
    Org,
    Project,
    ProjectEnvironment,
    Record,
)
from gateway.core.search import Scope
from gateway.core.trace import Trace
from gateway.ports_bulk import (
    BatchWriting,
    JobReading,
    JobWriting,
    StorageReading,
    StorageWriting,
)
from gateway.ports_members import MemberReading, MemberWriting
from gateway.ports_places import PlaceReading, PlaceWriting
from gateway.ports_records import RecordReading, RecordWriting


class Clock(Protocol):
    """Where moments come from."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime with microseconds."""


@dataclass(frozen=True, slots=True)
class Connections:
    """How the connections of a pool are used: how many there may be, are in use, are waited for."""

    size: int
    in_use: int
    waiting: int


class Reading(MemberReading, PlaceReading, RecordReading, JobReading, StorageReading, Protocol):
    """Queries, in one consistent view of the database."""

    async def project(self, scope: Scope, path: str) -> Project | None:
        """By full path, in any case."""

    async def project_by_number(self, scope: Scope, number: int) -> Project | None: ...

    async def projects(self, scope: Scope) -> tuple[Project, ...]:
        """All that the caller may see, by path."""

    async def environment_named(self, org_id: UUID, name: str) -> Environment | None: ...

    async def acts(self, org_id: UUID, search: AuditSearch) -> tuple[Act, ...]:
        """One page of the audit, the newest first."""


class Transaction(
    Reading, MemberWriting, PlaceWriting, RecordWriting, JobWriting, StorageWriting, Protocol
):
    """One write: all of it or nothing. The slot is locked first, the project's counter second."""

    async def note(self, act: Act) -> None:
        """Add a line to the audit."""

    async def environment_with_parts(
        self, org_id: UUID, logical: str, physical: str | None, cluster: str | None
    ) -> Environment | None: ...

    async def make_environment(
        self,
        org_id: UUID,
        *,
        logical: str,
        physical: str | None,
        cluster: str | None,
        name: str,
        tier: str,
        now: datetime,
        by_name: bool = False,
    ) -> Environment:
        """The one made, or the one that somebody else has made with these parts meanwhile.

        When ``name`` belongs to other parts, the made one gets ``placing.suffixed_name``;
        asked for ``by_name``, the one that has the name is the answer.
        """

    async def make_project(self, org: Org, path: str, now: datetime) -> Project:
        """Found in any case of letters, or made."""

    async def project_of_digests(self, scope: Scope, digests: Mapping[str, str]) -> Project | None:
        """The project of the newest record of an artifact with one of these digests."""

    async def longest_project(self, scope: Scope, paths: Sequence[str]) -> Project | None:
        """Of the projects that exist, the one whose path comes first in ``paths``."""

    async def project_environment(
        self, org_id: UUID, project: Project, environment: Environment, now: datetime
    ) -> ProjectEnvironment:
        """Found, or made as ``available`` with the slug and tier of its name."""

    async def set_environment_state(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, state: str, now: datetime
    ) -> None:
        """``available`` or ``stopped``; ``updated_at`` moves only when that changes it."""

    async def stop_if_empty(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, now: datetime
    ) -> None:
        """Set the state to ``stopped``, unless something of the project is live there."""

    async def artifact(self, org_id: UUID, said: Artifact, now: datetime) -> Artifact:
        """``said`` with an id, and with the kind, name, version and digests known where unsaid.

        Identity is any shared (algorithm, hex) in the org; an artifact without digests has no id.
        """


class Batch(Transaction, BatchWriting, Protocol):
    """A transaction of many writes."""


class Store(Protocol):
    """The database. All raise ``Unavailable`` when it does not answer.

    ``trace`` is the request's, and notes the time that the database takes.
    """

    def reading(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Reading]:
        """A consistent view; nothing is written."""

    def writing(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Committed when the block ends, rolled back when it raises."""

    def batching(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Batch]:
        """As ``writing``, for many writes; nothing is written before it is settled or finished."""

    async def held(self, org_id: UUID, token_id: UUID) -> Held | None:
        """A token and the org it opens, as new as any commit that a caller can know of."""

    async def numbered(self, org_id: UUID, number: int) -> Record | None:
        """The org's record of this number, likewise."""

    async def is_discussed(self, org_id: UUID) -> bool:
        """Whether the org's records may need approvals, or have any: if not, nobody need look."""

    async def signing_key(self) -> str:
        """The instance's own key for signing credentials, made on first use and then kept."""

    async def is_ready(self) -> bool:
        """Whether the database answers, within a second, and its schema is at head."""

    def connections(self) -> Mapping[str, Connections]:
        """How its connections are used now, by pool."""

    async def close(self) -> None:
        """Give the connections back."""
