"""What the use cases ask of the store beside single records: batches, jobs, storage records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.core.bulk import Job, JobStatus
from gateway.core.model import Artifact, Project, ProjectRule, User
from gateway.core.search import Scope
from gateway.core.storage import RecordStorage, StorageRecord


class BatchWriting(Protocol):
    """Many writes of one org that are decided one by one, but read and written in sets.

    ``foresee_…`` load in one go what the single questions will ask. Locks are taken in one order:
    slots, then (``settle``) what is new, then (``reserve``) the projects' counters.
    """

    async def foresee_projects(self, scope: Scope, paths: Sequence[str]) -> None:
        """The projects at these paths will be asked for."""

    async def foresee_artifacts(self, scope: Scope, digests: Sequence[tuple[str, str]]) -> None:
        """The artifacts with these digests, and their projects, will be asked for."""

    async def lock_slots(self, org_id: UUID, places: Mapping[tuple[UUID, str], datetime]) -> None:
        """Find or make the slots (environment, name), and lock them in one order.

        With each stands how old it is if it is new.
        """

    async def foresee_places(self, org_id: UUID, environment_ids: Sequence[UUID]) -> None:
        """What the projects known so far say of these environments will be asked for."""

    async def foresee_newest(self, org_id: UUID, places: Sequence[tuple[UUID, str]]) -> None:
        """What was said last in these locked slots will be asked for."""

    def foretell(self, artifact: Artifact, project: Project) -> None:
        """A record of this artifact is going to be made in this project."""

    async def settle(self) -> None:
        """Write the projects, places and artifacts that are new.

        Raises ``Conflict`` when somebody else has made one of them meanwhile: the batch is lost and
        may begin again.
        """

    async def reserve(self, org_id: UUID, counts: Mapping[UUID, int]) -> None:
        """Lock these projects' counters and take so many numbers of each."""

    async def finish(self, org_id: UUID) -> None:
        """Write all that was said."""


class JobReading(Protocol):
    """Finding jobs."""

    async def job(self, org_id: UUID, number: int) -> Job | None: ...
    async def has_work(self, now: datetime) -> bool:
        """Whether any org has a job that nobody is working on."""

    async def unfinished_jobs(self, org_id: UUID, dialect: str) -> Sequence[Job]:
        """What a dialect's clients of an org wait for, without the requests."""

    async def unfinished_count(self) -> int:
        """How many jobs are not finished, in all orgs."""


class JobWriting(JobReading, Protocol):
    """Working jobs off."""

    async def make_job(self, job: Job) -> Job:
        """With a number. Raises ``Conflict`` while one about the same place is unfinished."""

    async def claim_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """The oldest job that nobody is working on, this worker's until that moment."""

    async def hold_job(self, job: Job, worker: str) -> bool:
        """Keep everybody else from the job until the transaction ends.

        False when it is not, or no longer, this worker's.
        """

    async def finish_job(
        self,
        job: Job,
        status: JobStatus,
        now: datetime,
        *,
        total_count: int | None,
        errors: Sequence[Mapping[str, object]],
    ) -> None:
        """It is over, and its body is forgotten."""

    async def forget_jobs(self, before: datetime) -> None:
        """Remove the jobs that were finished before that moment."""


class StorageReading(Protocol):
    """Finding storage records."""

    async def storage_records(
        self, scope: Scope, digest: tuple[str, str]
    ) -> tuple[StorageRecord, ...]:
        """All of an artifact, by number."""


class StorageWriting(StorageReading, Protocol):
    """Making them."""

    async def record_storage(
        self,
        scope: Scope,
        said: RecordStorage,
        project: tuple[Project, ProjectRule],
        actor: User,
        now: datetime,
    ) -> StorageRecord | None:
        """Made, or the one of the same name, digest, registry and repository with what is new.

        ``None`` where that one is of a project that the scope does not see: it stays as it is.
        """
