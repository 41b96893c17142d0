"""Jobs: bulk writes that are worked off later, each by one process and once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)

from gateway.core.bulk import Job, JobStatus
from gateway.core.context import Caller, Context, Permission
from gateway.core.members import ROOT
from gateway.store.numbers import has_sequences
from gateway.store.queries import Queries, storable
from gateway.store.rows import ORG, USER, org_of, user_of
from gateway.store.tables import jobs, orgs, users

_JOBS = (
    select(*jobs.c, *ORG, *USER)
    .join(orgs, orgs.c.id == jobs.c.org_id)
    .join(users, and_(users.c.org_id == jobs.c.org_id, users.c.id == jobs.c.actor_id))
)
_BY_NUMBER = _JOBS.where(jobs.c.org_id == bindparam("org"), jobs.c.number == bindparam("number"))
# Written out, so that the index of unfinished jobs is seen to hold them all.
_UNFINISHED = jobs.c.status.in_([literal_column("'pending'"), literal_column("'processing'")])
_NO_BODY = null().label("raw")
_IDLE = and_(
    _UNFINISHED,
    or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= bindparam("now")),
)
_UNDER_WAY = select(*(column for column in jobs.c if column.name != "raw"), _NO_BODY).where(
    jobs.c.org_id == bindparam("org"), jobs.c.dialect == bindparam("spoken"), _UNFINISHED
)
_COUNT = select(func.count()).select_from(jobs).where(_UNFINISHED)
_HAS_WORK = select(jobs.c.id).where(_IDLE).limit(1)
_NEXT = (
    select(jobs.c.org_id, jobs.c.id).where(_IDLE).order_by(jobs.c.created_at, jobs.c.id).limit(1)
)
_ONE = and_(jobs.c.org_id == bindparam("the_org"), jobs.c.id == bindparam("the_job"))
_CLAIM = (
    update(jobs)
    .where(_ONE)
    .values(
        status=JobStatus.PROCESSING,
        worker=bindparam("by"),
        leased_until=bindparam("until"),
        started_at=bindparam("began"),
        attempts=jobs.c.attempts + 1,
    )
)
_HOLD = (
    select(jobs.c.id)
    .where(_ONE, jobs.c.worker == bindparam("by"), _UNFINISHED)
    .with_for_update(key_share=True)
)
_FINISH = (
    update(jobs)
    .where(_ONE)
    .values(
        status=bindparam("new_status"),
        finished_at=bindparam("moment"),
        total_count=bindparam("total"),
        errors=bindparam("found", type_=jobs.c.errors.type),
        raw=None,
        leased_until=None,
    )
)
_FORGET = delete(jobs).where(jobs.c.finished_at < bindparam("before"))


class JobQueries(Queries):
    """Finding jobs."""

    async def job(self, org_id: UUID, number: int) -> Job | None:
        """By its number."""
        row = await self._first(_BY_NUMBER, {"org": org_id, "number": storable(number)})
        return None if row is None else _job_of(row)

    async def has_work(self, now: datetime) -> bool:
        """Whether any org has a job that nobody is working on."""
        return await self._first(_HAS_WORK, {"now": now}) is not None

    async def unfinished_jobs(self, org_id: UUID, dialect: str) -> Sequence[Job]:
        """What a dialect's clients of an org wait for, without the requests."""
        rows = await self._all(_UNDER_WAY, {"org": org_id, "spoken": dialect})
        return tuple(map(_job_of, rows))

    async def unfinished_count(self) -> int:
        """How many jobs are not finished, in all orgs."""
        return await self._count(_COUNT)


class JobWrites(JobQueries):
    """Working them off."""

    async def make_job(self, job: Job) -> Job:
        """With a number. Raises ``Conflict`` while one about the same place is unfinished."""
        assert job.ctx is not None  # noqa: S101 (a new job has its request)
        caller = job.ctx.caller
        made = replace(job, number=await self._number(job.org_id, "job"))
        limits = caller.projects
        values = {
            "org_id": made.org_id,
            "id": made.id,
            "number": made.number,
            "dialect": made.dialect,
            "place": json.dumps(made.place),
            "status": made.status,
            "actor_id": caller.user.id,
            "permission": int(caller.permission),
            "projects": None if limits is None else sorted(map(str, limits)),
            "is_limited": limits is not None,
            "token_id": caller.token_id,
            "request_id": job.ctx.request_id,
            "raw": job.ctx.raw,
            "attempts": 0,
            "created_at": made.created_at,
        }
        await self._run(insert(jobs), values)
        return made

    async def claim_job(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """The oldest job that nobody is working on, this worker's until that moment."""
        row = await self._first(_next_of(self), {"now": now})
        if row is None:
            return None
        one = {"the_org": row.org_id, "the_job": row.id}
        await self._run(_CLAIM, {**one, "by": worker, "until": until, "began": now})
        found = _JOBS.where(jobs.c.org_id == row.org_id, jobs.c.id == row.id)
        claimed = await self._first(found)
        return None if claimed is None else _job_of(claimed)

    async def hold_job(self, job: Job, worker: str) -> bool:
        """Keep everybody else from the job until the transaction ends."""
        one = {"the_org": job.org_id, "the_job": job.id, "by": worker}
        return await self._first(_HOLD, one) is not None

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
        values = {
            "the_org": job.org_id,
            "the_job": job.id,
            "new_status": status,
            "moment": now,
            "total": total_count,
            "found": [dict(error) for error in errors] or None,
        }
        await self._run(_FINISH, values)

    async def forget_jobs(self, before: datetime) -> None:
        """Remove the jobs that were finished before that moment."""
        await self._run(_FORGET, {"before": before})


def _next_of(transaction: JobWrites) -> Select[Any]:
    """PostgreSQL's workers pass over what another is working on; SQLite has one writer."""
    if has_sequences(transaction._connection):
        return _NEXT.with_for_update(skip_locked=True, key_share=True)
    return _NEXT


def _job_of(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        number=row.number,
        org_id=row.org_id,
        dialect=row.dialect,
        place=tuple(json.loads(row.place)),
        status=JobStatus(row.status),
        created_at=row.created_at,
        ctx=None if row.raw is None else _context_of(row),
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=row.attempts,
        total_count=row.total_count,
        errors=tuple(row.errors or ()),
        projects=_limits_of(row),
    )


def _context_of(row: Row[Any]) -> Context:
    org, user = org_of(row), user_of(row)
    is_instance_admin = user.id == ROOT.id and row.token_id is None
    caller = Caller(
        user=user,
        permission=Permission(row.permission),
        org=None if is_instance_admin else org,
        projects=_limits_of(row),
        token_id=row.token_id,
    )
    return Context(caller, org, row.dialect, row.request_id, row.raw)


def _limits_of(row: Row[Any]) -> frozenset[UUID] | None:
    return frozenset(map(UUID, row.projects or ())) if row.is_limited else None
