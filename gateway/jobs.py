"""Bulk writes that are answered at once and worked off later, by any process of the gateway.

A job is a row. A worker leases it, then does the work and finishes the row in one transaction that
holds the row, so that it is done at most once. A process that dies lets go of its job when its
lease ends, and another takes it over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import uuid4

import uuid_utils.compat as uuid_utils

from gateway.auditing import note
from gateway.bulk import Bulk, leaving_out
from gateway.core.audit import Action
from gateway.core.bulk import Job, JobStatus, Recorded, RecordMany
from gateway.core.context import Context
from gateway.core.errors import Conflict, GatewayError, NotFound, Refusal, Unavailable
from gateway.core.trace import Trace
from gateway.ports import Clock, Store

LEASE = timedelta(seconds=10)
"""How long a job that was claimed may wait for its transaction to begin."""

KEPT = timedelta(days=7)
"""How long a finished job can be asked for."""

_POLL_SECONDS = 1.0
_TIDY_SECONDS = 3600.0
_ATTEMPTS = 5

_log = logging.getLogger("gateway.jobs")


@dataclass(frozen=True, slots=True)
class Worked:
    """What a dialect does about its jobs.

    ``read`` makes the commands of a job's body, ``worded`` says which of them were refused.
    """

    read: Callable[[Job], RecordMany]
    worded: Callable[[Job, Sequence[Refusal]], list[dict[str, object]]]


class Tally(Protocol):
    """Where it is counted what becomes of jobs."""

    def records(self, trace: Trace) -> None:
        """What became of the records of a job."""

    def job_finished(self, dialect: str, status: JobStatus) -> None: ...

    def jobs_pending(self, count: int) -> None:
        """How many jobs of the whole database are not finished."""


class Jobs:
    """Taking jobs on and telling how they are."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.is_new = asyncio.Event()

    async def submit(self, ctx: Context, place: tuple[str, ...]) -> Job:
        """A job for the request in ``ctx``.

        Raises ``Conflict`` while another of the dialect about the same place is unfinished, if the
        caller may see that one.
        """
        now = self._clock.now()
        job = Job(
            id=uuid_utils.uuid7(),
            number=0,
            org_id=ctx.org.id,
            dialect=ctx.dialect,
            place=(*place, *_limits(ctx)),
            status=JobStatus.PENDING,
            created_at=now,
            ctx=ctx,
        )
        async with self._store.writing(ctx.trace) as tx:
            for other in await tx.unfinished_jobs(ctx.org.id, ctx.dialect):
                if other.place[: len(place)] == place and other.is_seen_by(ctx.caller):
                    raise Conflict("unfinished job", str(other.number))
            made = await tx.make_job(job)
            await note(tx, ctx, Action.JOB_SUBMITTED, str(made.number), now=now)
        self.is_new.set()
        return made

    async def get(self, ctx: Context, number: int) -> Job:
        """A job of the org that was submitted through the same dialect, if the caller may see it.

        Raises ``NotFound``.
        """
        async with self._store.reading(ctx.trace) as reading:
            job = await reading.job(ctx.org.id, number)
        if job is None or job.dialect != ctx.dialect or not job.is_seen_by(ctx.caller):
            raise NotFound("job", str(number))
        return job


class Worker:
    """Works jobs off until it is stopped. ``dialects`` are those that have jobs."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        jobs: Jobs,
        bulk: Bulk,
        dialects: Mapping[str, Worked],
        tally: Tally,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._bulk = bulk
        self._dialects = dialects
        self._tally = tally
        self._name = uuid4().hex
        self._is_stopping = False

    def start(self) -> asyncio.Task[None]:
        """Work from now on, after a stop too."""
        self._is_stopping = False
        return asyncio.create_task(self.run())

    def stop(self) -> None:
        """Let ``run`` end after the job it is about."""
        self._is_stopping = True
        self._jobs.is_new.set()

    async def run(self) -> None:
        """Work off what there is, then wait for more; until stopped."""
        tidied: datetime | None = None
        while not self._is_stopping:
            self._jobs.is_new.clear()
            is_idle = not await _calmly(self.work_one)
            now = self._clock.now()
            if tidied is None or (now - tidied).total_seconds() > _TIDY_SECONDS:
                tidied = now
                await _calmly(self._tidy)
            if is_idle and not self._is_stopping:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._jobs.is_new.wait(), _POLL_SECONDS)

    async def work_one(self) -> bool:
        """Work off the oldest job that nobody is working on; whether there was one."""
        now = self._clock.now()
        async with self._store.reading() as reading:
            self._tally.jobs_pending(await reading.unfinished_count())
            if not await reading.has_work(now):
                return False
        async with self._store.writing() as tx:
            job = await tx.claim_job(self._name, now, now + LEASE)
        if job is None:
            return False
        try:
            await self._work(job)
        except Unavailable:
            raise  # the lease ends, and whoever finds the database again goes on
        except Exception as error:
            await self._give_up(job, error)
        return True

    async def _work(self, job: Job) -> None:
        recorded = await leaving_out(partial(self._recorded, job))
        if recorded is not None:
            self._count(job, JobStatus.COMPLETED, recorded)

    async def _recorded(self, job: Job, refused: tuple[Refusal, ...]) -> Recorded | None:
        """``None`` where it is somebody else's by now."""
        dialect = self._dialects[job.dialect]
        assert job.ctx is not None  # noqa: S101 (an unfinished job has its request)
        many = dialect.read(job)
        async with self._store.batching() as batch:
            if not await batch.hold_job(job, self._name):
                return None
            recorded = await self._bulk.record_in(batch, job.ctx, many, refused)
            await batch.finish_job(
                job,
                JobStatus.COMPLETED,
                self._clock.now(),
                total_count=len(recorded.shown),
                errors=dialect.worded(job, recorded.refusals),
            )
        return recorded

    async def _give_up(self, job: Job, error: Exception) -> None:
        """A job that was refused as a whole has failed; after a fault it is tried a few times."""
        if not isinstance(error, GatewayError):
            asked_by = {"request_id": job.ctx.request_id if job.ctx is not None else ""}
            _log.error("job %s crashed", job.number, exc_info=error, extra=asked_by)
        is_final = isinstance(error, GatewayError) and not isinstance(error, Conflict)
        if not is_final and job.attempts < _ATTEMPTS:
            return
        async with self._store.writing() as tx:
            if not await tx.hold_job(job, self._name):
                return
            words: list[dict[str, object]] = [{"cause": "failed"}]
            await tx.finish_job(
                job, JobStatus.FAILED, self._clock.now(), total_count=None, errors=words
            )
        self._count(job, JobStatus.FAILED, error)

    def _count(self, job: Job, status: JobStatus, came_to: Recorded | Exception) -> None:
        trace = Trace(dialect=job.dialect)
        if isinstance(came_to, Recorded):
            trace.receive(len(came_to.shown) + len(came_to.refusals))
            came_to.note_in(trace)
        else:
            trace.fail(came_to)
        self._tally.records(trace)
        self._tally.job_finished(job.dialect, status)

    async def _tidy(self) -> None:
        async with self._store.writing() as tx:
            await tx.forget_jobs(self._clock.now() - KEPT)


def _limits(ctx: Context) -> tuple[str, ...]:
    """The projects that the caller is limited to, as a part of a job's place.

    Callers who cannot see each other's jobs so do not block each other. Empty for the whole org.
    """
    limits = ctx.caller.limits
    return () if limits is None else (limits,)


async def _calmly(work: Callable[[], Awaitable[bool | None]]) -> bool:
    """The work's answer; an error is logged, and the worker goes on."""
    try:
        return bool(await work())
    except Unavailable:
        return False
    except Exception:
        _log.exception("the worker failed")
        return False
