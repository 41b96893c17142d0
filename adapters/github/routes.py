"""The endpoints of artifact metadata: deployments, clusters, jobs, storage."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from adapters.github import envelope, neighbours
from adapters.github.answers import fresh, preflight
from adapters.github.bulk import (
    from_accepted,
    from_job,
    from_recorded,
    job_errors,
    job_place,
    to_commands,
)
from adapters.github.headers import accepted_permission
from adapters.github.paging import link, search_page
from adapters.github.storage import from_storage, to_storage
from adapters.github.translate import from_records, to_command
from adapters.github.wire import read_create, read_job, read_set, read_storage
from gateway.core.errors import NotFound
from gateway.dialect.http import Call, Endpoint, Shapes

_ARTIFACTS = "/orgs/{org}/artifacts"
_RECORD = f"{_ARTIFACTS}/metadata/deployment-record"
_CLUSTER = f"{_RECORD}/cluster/{{cluster}}"
_SUBJECT = f"{_ARTIFACTS}/{{subject_digest}}/metadata"

_LIST: Shapes = {200: "list"}
_STORED: Shapes = {200: "storage_list"}


def routes() -> Sequence[Endpoint]:
    """Every endpoint, below both bases, and the CORS preflight of each path."""
    own = (
        Endpoint(
            "POST", _RECORD, create, body="create", shapes=_LIST, records=True, tells_fidelity=True
        ),
        Endpoint(
            "POST",
            _CLUSTER,
            set_cluster,
            body="set",
            shapes={**_LIST, 207: "partial"},
            records=True,
        ),
        Endpoint(
            "POST",
            f"{_CLUSTER}/jobs",
            create_job,
            body="job",
            shapes={202: "accepted"},
            records=True,
        ),
        Endpoint("GET", f"{_CLUSTER}/jobs/{{job_id}}", job_status, shapes={200: "status"}),
        Endpoint("GET", f"{_SUBJECT}/deployment-records", by_digest, shapes=_LIST),
        Endpoint(
            "GET",
            f"{_ARTIFACTS}/metadata/deployment-records",
            of_org,
            query="records_query",
            shapes=_LIST,
        ),
        Endpoint(
            "POST",
            f"{_ARTIFACTS}/metadata/storage-record",
            create_storage,
            body="storage",
            shapes=_STORED,
        ),
        Endpoint("GET", f"{_SUBJECT}/storage-records", storage, shapes=_STORED),
        *neighbours.routes(),
    )
    asked = (
        Endpoint("OPTIONS", path, preflight, shapes={204: None}, is_public=True)
        for path in sorted({e.path for e in own})
    )
    return (*own, *asked)


async def create(call: Call) -> Response:
    """Create the record of a slot or update it in place; 200 either way."""
    ctx = await envelope.entered(call)
    said = read_create(envelope.json_body(ctx.raw))
    outcome = await call.services.deployments.record(ctx, to_command(said))
    if not said.return_records:
        return fresh(call, {"total_count": 1})
    shown = outcome.current or outcome.record
    return fresh(call, from_records([shown], call.frame), shown)


async def set_cluster(call: Call) -> Response:
    """Create or update many records of a cluster; 207 when some were left out."""
    ctx = await envelope.entered(call)
    cluster = envelope.cluster(call)
    said = read_set(envelope.json_body(ctx.raw))
    many = to_commands(said, cluster, is_partial=said.partial_success)
    recorded = await call.services.bulk.record(ctx, many)
    body = from_recorded(recorded, said, call.frame)
    return fresh(call, body, status=207 if recorded.refusals else 200)


async def create_job(call: Call) -> Response:
    """Take on a cluster's records, to be worked off; 202 with those that never will be."""
    ctx = await envelope.entered(call)
    cluster = envelope.cluster(call)
    said = read_job(envelope.json_body(ctx.raw))
    many = to_commands(said, cluster, is_partial=True)
    refusals = await call.services.bulk.refusals(ctx, many)
    job = await call.services.jobs.submit(ctx, job_place(said, cluster))
    body = from_accepted(job, job_errors(said, refusals))
    return call.reply(body, status=202, headers=accepted_permission("POST"))


async def job_status(call: Call) -> Response:
    """How a job of the cluster is."""
    ctx = await envelope.entered(call)
    cluster = envelope.cluster(call)
    job = await call.services.jobs.get(ctx, envelope.job_number(call))
    if job.place[0] != cluster:
        raise NotFound("job", str(job.number))
    return fresh(call, from_job(job))


async def by_digest(call: Call) -> Response:
    """All records shown for a digest, by ascending id, on one page."""
    ctx = await envelope.entered(call)
    search = envelope.search(call.segment("subject_digest"))
    found = await call.services.deployments.search(ctx, search)
    return fresh(call, from_records(found.records, call.frame))


async def of_org(call: Call) -> Response:
    """The gateway's own: the records of a whole organization, by ascending id, paged."""
    ctx = await envelope.entered(call)
    page, search = search_page(call.query)
    found = await call.services.deployments.search(ctx, search)
    body = {**from_records(found.records, call.frame), "total_count": found.total}
    return fresh(call, body, headers=link(call.frame, page, found.total or 0))


async def create_storage(call: Call) -> Response:
    """Say where an artifact is kept; the same place again updates its record."""
    ctx = await envelope.entered(call)
    said = read_storage(envelope.json_body(ctx.raw))
    record = await call.services.storage.record(ctx, to_storage(said))
    return fresh(call, from_storage([record]) if said.return_records else {"total_count": 1})


async def storage(call: Call) -> Response:
    """Where an artifact is kept, by ascending id, on one page."""
    ctx = await envelope.entered(call)
    digest = envelope.digest_of(call.segment("subject_digest"))
    return fresh(call, from_storage(await call.services.storage.of_artifact(ctx, digest)))
