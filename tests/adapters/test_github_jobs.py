"""GitHub's cluster jobs from the outside: taken on at once, worked off by the gateway."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import httpx
import pytest

from adapters.github import dialect
from gateway.app import build
from gateway.core.bulk import Job, JobStatus
from gateway.jobs import KEPT
from gateway.settings import load
from tests.adapters.test_github_cluster import RECORD, item
from tests.adapters.test_github_http import B, Client, refused
from tests.schemas import misfits
from tests.world import MakeWorld, World

JOBS = f"{RECORD}/cluster/moda-1/jobs"
ANCHOR = "create-a-cluster-deployment-records-job"


class Tracker(Client):
    """Submits jobs and asks for them, as GitHub's own client does."""

    async def submit(self, *items: dict[str, Any], path: str = JOBS, **said: Any) -> httpx.Response:
        body = {"logical_environment": "prod", "deployments": list(items), "partial_success": True}
        return await self.world.client.post(path, json={**body, **said}, headers=self.headers)

    async def ask(self, number: object, path: str = JOBS) -> httpx.Response:
        return await self.world.client.get(f"{path}/{number}", headers=self.headers)

    async def finished(self, number: int) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                answer = await self.ask(number)
                assert answer.status_code == 200, answer.text
                assert misfits(dialect, "status", answer.json()) == []
                body: dict[str, Any] = answer.json()
                if body["status"] in {"completed", "failed"}:
                    return body
                await asyncio.sleep(0.02)


@pytest.fixture
async def tracker(any_world: World) -> Tracker:
    return Tracker(any_world, await any_world.token())


async def test_a_job_is_accepted_and_worked_off(tracker: Tracker) -> None:
    answer = await tracker.submit(item("a"), item("b", B), physical_environment="east")
    assert answer.status_code == 202, answer.text
    assert misfits(dialect, "accepted", answer.json()) == []
    assert answer.headers.keys().isdisjoint({"etag", "cache-control"})
    done = await tracker.finished(answer.json()["job_id"])
    assert (done["status"], done["total_count"]) == ("completed", 2)
    assert done.keys() == {"job_id", "status", "started_at", "total_count"}
    (record,) = await tracker.listed(B)
    assert (record["cluster"], record["physical_environment"]) == ("moda-1", "east")
    (_, held) = await tracker.world.held()
    assert held.actor.username == "ada"


async def test_an_empty_job_completes(tracker: Tracker) -> None:
    done = await tracker.finished((await tracker.submit()).json()["job_id"])
    assert (done["status"], done["total_count"]) == ("completed", 0)


async def test_a_second_job_is_refused_while_one_is_unfinished(make_world: MakeWorld) -> None:
    world = await make_world()
    world.gateway.worker.stop()
    tracker = Tracker(world, await world.token())
    first = (await tracker.submit(item("a"))).json()["job_id"]
    refused(
        await tracker.submit(item("b")),
        409,
        "A job is already pending or processing for this cluster.",
        ANCHOR,
    )
    elsewhere = JOBS.replace("moda-1", "moda-2")
    for answer in (
        await tracker.submit(item("b"), path=elsewhere),
        await tracker.submit(item("b"), logical_environment="staging"),
        await tracker.submit(item("b"), physical_environment="east"),
    ):
        assert answer.status_code == 202, answer.text
    pending = (await tracker.ask(first)).json()
    assert pending == {"job_id": first, "status": "pending"}
    while await world.gateway.worker.work_one():
        pass
    assert (await tracker.finished(first))["total_count"] == 1
    assert (await tracker.submit(item("b"))).status_code == 202


async def test_nobody_is_refused_for_a_job_that_they_may_not_see(any_world: World) -> None:
    any_world.gateway.worker.stop()
    limits = {"whole": None, "shop": ["acme/shop"], "api": ["acme/api"]}
    limits |= {"both": ["acme/shop", "acme/api"]}
    trackers = {
        name: Tracker(any_world, await any_world.token(projects=projects, user=name))
        for name, projects in limits.items()
    }
    seen = {"whole": {*limits}, "both": {"both", "shop", "api"}, "shop": {"shop"}, "api": {"api"}}
    for number, (first, second) in enumerate(product(limits, limits)):
        path = JOBS.replace("moda-1", f"moda-{number}")
        assert (await trackers[first].submit(path=path)).status_code == 202
        again = (await trackers[second].submit(path=path)).status_code
        assert again == (409 if first in seen[second] else 202), (first, second)
    while await any_world.gateway.worker.work_one():
        pass
    async with any_world.gateway.store.reading() as reading:
        assert await reading.unfinished_count() == 0


async def test_a_job_of_the_administrators_does_what_they_may(any_world: World) -> None:
    said = {"name": "production/moda-1", "deploy_access_levels": [{"access_level": 60}]}
    maintainer, root = await any_world.token("admin"), any_world.admin_token
    await any_world.admin("POST", "/orgs/acme/projects", {"path": "shop"})
    path = "/api/v4/projects/acme%2Fshop/protected_environments"
    answer = await any_world.client.post(path, json=said, headers={"private-token": maintainer})
    assert answer.status_code == 201, answer.text
    for token, count in ((maintainer, 0), (root, 1)):
        tracker = Tracker(any_world, token)
        one = item("a", github_repository="shop")
        accepted = (await tracker.submit(one, logical_environment="production")).json()
        finished = await tracker.finished(accepted["job_id"])
        assert ("errors" in accepted, finished["total_count"]) == (count == 0, count)
        assert finished.get("errors") == accepted.get("errors")


async def test_a_job_is_seen_by_its_own_org_and_cluster_alone(tracker: Tracker) -> None:
    number = (await tracker.submit(item("a"))).json()["job_id"]
    stranger = Tracker(tracker.world, await tracker.world.token(org="umbrella"))
    foreign = JOBS.replace("acme", "umbrella")
    status = "get-cluster-deployment-records-job-status"
    refused(await stranger.ask(number, foreign), 404, "Not Found", status)
    refused(await tracker.ask(number, JOBS.replace("moda-1", "moda-2")), 404, "Not Found", status)
    for nothing in (number + 1, 0, "x", "9" * 40, "-1"):
        refused(await tracker.ask(nothing), 404, "Not Found", status)
    await tracker.finished(number)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"deployments": [item("a"), item("a")]}, 400),
        ({"deployments": [item("")]}, 422),
        ({"deployments": None}, 422),
        ({"logical_environment": ""}, 422),
        ({"partial_success": 7, "return_records": "x"}, 202),
    ],
)
async def test_a_job_is_judged_before_it_is_taken_on(
    world: World, said: dict[str, Any], status: int
) -> None:
    tracker = Tracker(world, await world.token())
    answer = await tracker.submit(**{"physical_environment": "", **said})
    assert answer.status_code == status, answer.text
    schema = "accepted" if status == 202 else "error"
    assert misfits(dialect, schema, answer.json()) == []


async def test_what_can_never_be_recorded_is_named_at_once_and_at_the_end(
    make_world: MakeWorld,
) -> None:
    world = await make_world(auto_create=False)
    tracker = Tracker(world, await world.token())
    gone = item("b", github_repository="nothing")
    answer = await tracker.submit(item("a"), {**gone, "name": "ghcr.io/x/y"})
    assert answer.status_code == 202
    assert misfits(dialect, "accepted", answer.json()) == []
    assert answer.json()["errors"] == [{"name": "ghcr.io/x/y", "cause": "not_found"}]
    done = await tracker.finished(answer.json()["job_id"])
    assert (done["status"], done["total_count"]) == ("completed", 1)
    assert done["errors"] == answer.json()["errors"]


async def test_a_token_that_only_reads_submits_nothing(world: World) -> None:
    tracker = Tracker(world, await world.token("read"))
    answer = await tracker.submit(item("a"))
    refused(answer, 403, "Resource not accessible by personal access token", ANCHOR)


async def test_a_job_outlives_the_process_that_took_it_on(world: World) -> None:
    """The first gateway's worker claims it and dies; a second one finishes it, once."""
    world.gateway.worker.stop()
    await asyncio.sleep(0)
    tracker = Tracker(world, await world.token())
    number = (await tracker.submit(item("a"), item("b"))).json()["job_id"]
    store = world.gateway.store
    other = build(load({}, database_url=world.database_url))
    now = other.worker._clock.now()
    async with store.writing() as tx:
        claimed = await tx.claim_job("somebody who died", now, now)
    assert claimed is not None
    assert claimed.status is JobStatus.PROCESSING
    await asyncio.gather(other.worker.work_one(), other.worker.work_one())
    done = await tracker.finished(number)
    assert (done["status"], done["total_count"]) == ("completed", 2)
    assert len(await world.held()) == 2
    assert not await other.worker.work_one()
    async with store.writing() as tx:
        assert not await tx.hold_job(claimed, "somebody who died")
    await other.store.close()


async def test_a_worker_that_was_overtaken_leaves_the_job_alone(any_world: World) -> None:
    any_world.gateway.worker.stop()
    await asyncio.sleep(0)
    tracker = Tracker(any_world, await any_world.token())
    store = any_world.gateway.store
    now = datetime.now(UTC)
    assert (await tracker.submit(item("a"))).status_code == 202
    for name in ("slow", "quick"):
        async with store.writing() as tx:
            assert await tx.claim_job(name, now, now) is not None
    async with store.writing() as tx:
        job = await tx.claim_job("last", now, now + timedelta(minutes=1))
        assert job is not None
        assert await tx.claim_job("late", now, now) is None
        assert not await tx.hold_job(job, "slow")
        assert await tx.hold_job(job, "last")
    assert job.attempts == 3


async def test_workers_side_by_side_finish_each_job_once(any_world: World) -> None:
    tracker = Tracker(any_world, await any_world.token())
    url = any_world.gateway.settings.database_url
    others = [build(load({}, database_url=url)) for _ in range(2)]
    numbers = []
    for n in range(6):
        answer = await tracker.submit(item("a"), item("b"), logical_environment=f"env-{n}")
        numbers.append(answer.json()["job_id"])
    await asyncio.gather(*(other.worker.work_one() for other in others for _ in range(4)))
    for number in numbers:
        assert (await tracker.finished(number))["total_count"] == 2
    held = await any_world.held()
    assert len(held) == 12
    for record in held:
        events = await any_world.admin("GET", f"/records/{record.id}/events")
        assert [event["kind"] for event in events.json()["events"]] == ["recorded"]
    for other in others:
        await other.store.close()


async def test_a_job_that_can_no_longer_be_read_has_failed(make_world: MakeWorld) -> None:
    world = await make_world()
    world.gateway.worker.stop()
    tracker = Tracker(world, await world.token())
    number = (await tracker.submit(item("a"))).json()["job_id"]
    _sql(world, "UPDATE jobs SET raw = x'7b7d'")
    await world.gateway.worker.work_one()
    done = (await tracker.ask(number)).json()
    assert misfits(dialect, "status", done) == []
    assert (done["status"], done["errors"]) == ("failed", [{"cause": "failed"}])
    assert (await tracker.submit(item("a"))).status_code == 202


async def test_a_job_that_crashes_is_tried_a_few_times(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = await make_world()
    world.gateway.worker.stop()
    tracker = Tracker(world, await world.token())
    number = (await tracker.submit(item("a"))).json()["job_id"]
    _sql(world, "UPDATE jobs SET dialect = 'nobodys'")
    for attempts in range(1, 7):
        await world.gateway.worker.work_one()
        job = await held_job(world, number)
        is_over = attempts >= 5
        assert job.attempts == min(attempts, 5)
        assert job.status is (JobStatus.FAILED if is_over else JobStatus.PROCESSING)
        assert (job.ctx is None) == is_over
        _sql(world, "UPDATE jobs SET leased_until = 0 WHERE leased_until IS NOT NULL")
    crashes = [vars(line) for line in caplog.records if "crashed" in line.message]
    assert len(crashes) == 5
    assert len({crash["request_id"] for crash in crashes}) == 1


async def test_a_finished_job_is_kept_for_days_and_then_forgotten(world: World) -> None:
    tracker = Tracker(world, await world.token())
    number = (await tracker.submit(item("a"))).json()["job_id"]
    await tracker.finished(number)
    job = await held_job(world, number)
    assert job.finished_at is not None
    async with world.gateway.store.writing() as tx:
        await tx.forget_jobs(job.finished_at)
    assert (await tracker.ask(number)).status_code == 200
    async with world.gateway.store.writing() as tx:
        await tx.forget_jobs(job.finished_at + timedelta(seconds=1))
    assert (await tracker.ask(number)).status_code == 404
    assert timedelta(hours=24) <= KEPT


async def held_job(world: World, number: int) -> Job:
    """A job as the core holds it."""
    async with world.gateway.store.reading() as reading:
        org = await reading.org("acme")
        assert org is not None
        job = await reading.job(org.id, number)
    assert job is not None
    return job


def _sql(world: World, statement: str) -> None:
    path = world.gateway.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
