"""A cluster's deployments into the core's words, and what came of them back.

Pure: knows no endpoint. A set and a job say the same; a job leaves out what is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.github.translate import deployment_command, environment, from_records
from adapters.github.wire import ClusterDeployments, Deployment, read_job
from gateway.core.bulk import Job, JobStatus, Recorded, RecordMany
from gateway.core.errors import Forbidden, Refusal
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.moments import seconds
from gateway.dialect.text import compact_json, parse_json

_OVER = frozenset({JobStatus.COMPLETED, JobStatus.FAILED})


def to_commands(said: ClusterDeployments, cluster: str, *, is_partial: bool) -> RecordMany:
    """What a valid body asks for in the cluster of its path."""
    place = environment(said.logical_environment, said.physical_environment, cluster)
    return RecordMany(
        items=tuple(deployment_command(deployment, place) for deployment in said.deployments),
        is_partial=is_partial,
        raws=tuple(_raw(deployment) for deployment in said.deployments),
    )


def job_place(said: ClusterDeployments, cluster: str) -> tuple[str, ...]:
    """What at most one unfinished job of an organization is about."""
    return (cluster, said.logical_environment, said.physical_environment or "")


def from_recorded(recorded: Recorded, said: ClusterDeployments, frame: Frame) -> Wire:
    """The answer to a set; with ``errors`` where deployments were left out."""
    body: Wire = {"total_count": len(recorded.shown)}
    if said.return_records:
        body["deployment_records"] = from_records(recorded.shown, frame)["deployment_records"]
    if recorded.refusals:
        body["errors"] = [
            {"cause": cause(refusal), "deployment": _repeated(said.deployments[refusal.index])}
            for refusal in recorded.refusals
        ]
    return body


def from_accepted(job: Job, errors: Sequence[Wire]) -> Wire:
    """The answer to a job just taken on."""
    return {"job_id": job.number, **({"errors": list(errors)} if errors else {})}


def from_job(job: Job) -> Wire:
    """How a job is: what is known of it at its status, and nothing else."""
    body: Wire = {"job_id": job.number, "status": job.status.value}
    if job.started_at is not None:
        body["started_at"] = seconds(job.started_at)
    if job.status is JobStatus.COMPLETED:
        body["total_count"] = job.total_count
    if job.status in _OVER and job.errors:
        body["errors"] = list(job.errors)
    return body


def job_errors(said: ClusterDeployments, refusals: Iterable[Refusal]) -> list[Wire]:
    """The refused deployments of a job, each by its artifact's name, as GitHub's client reads."""
    return [
        {"name": said.deployments[refusal.index].name, "cause": cause(refusal)}
        for refusal in refusals
    ]


def read_again(job: Job) -> RecordMany:
    """A job's commands, from the body that it was accepted with."""
    return to_commands(_said(job), job.place[0], is_partial=True)


def worded_again(job: Job, refusals: Sequence[Refusal]) -> list[Wire]:
    """As ``job_errors``, from the body that the job was accepted with."""
    return job_errors(_said(job), refusals) if refusals else []


def cause(refusal: Refusal) -> str:
    """Why a deployment is left out, in one of GitHub's two words."""
    return "unauthorized" if isinstance(refusal.error, Forbidden) else "not_found"


def _said(job: Job) -> ClusterDeployments:
    assert job.ctx is not None  # noqa: S101 (an unfinished job has its request)
    return read_job(parse_json(job.ctx.raw))


def _repeated(said: Deployment) -> Wire:
    return {
        "name": said.name,
        "digest": said.digest,
        "deployment_name": said.deployment_name,
        "version": said.version,
        "status": said.status,
        "github_repository": said.github_repository,
        "tags": dict(said.tags or {}),
        "runtime_risks": list(said.runtime_risks or ()),
    }


def _raw(said: Deployment) -> bytes:
    return compact_json(said.model_dump(exclude_unset=True))
