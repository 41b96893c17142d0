"""Two hundred writers on one slot, through HTTP: one live record, no hole, no error."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx

from tests.world import World

WRITERS = 200


async def test_two_hundred_writers_leave_one_live_record(any_world: World) -> None:
    headers = {"private-token": await any_world.token()}

    async def write(index: int) -> httpx.Response:
        form = {"environment": "production", "sha": f"{index:040x}", "ref": "main", "tag": "false"}
        path = "/api/v4/projects/acme%2Fshop/deployments"
        return await any_world.client.post(
            path, data={**form, "status": "success"}, headers=headers, timeout=120
        )

    answers = await asyncio.gather(*(write(index) for index in range(WRITERS)))
    assert Counter(answer.status_code for answer in answers) == {201: WRITERS}
    records = await any_world.held()
    presences = Counter(record.presence.value for record in records)
    assert presences == {"live": 1, "superseded": WRITERS - 1}
    assert sorted(record.project_number for record in records) == list(range(1, WRITERS + 1))
    assert sorted(a.json()["iid"] for a in answers) == list(range(1, WRITERS + 1))
    by_id = {record.id: record for record in records}
    chain = [record for record in records if record.superseded_by is not None]
    assert all(by_id[r.superseded_by].created_at >= r.created_at for r in chain if r.superseded_by)


async def test_identical_upserts_in_parallel_are_one_record(any_world: World) -> None:
    headers = {"authorization": f"Bearer {await any_world.token()}"}
    body = {"name": "shop", "digest": "sha256:" + "c" * 64, "status": "deployed"}
    body |= {"logical_environment": "production", "deployment_name": "shop"}

    async def write() -> httpx.Response:
        path = "/orgs/acme/artifacts/metadata/deployment-record"
        return await any_world.client.post(path, json=body, headers=headers, timeout=120)

    answers = await asyncio.gather(*(write() for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({a.json()["deployment_records"][0]["id"] for a in answers}) == 1
    assert len(await any_world.held()) == 1


async def test_writers_of_many_slots_and_projects_leave_every_number_once(
    any_world: World,
) -> None:
    headers = {"private-token": await any_world.token()}

    async def write(index: int) -> httpx.Response:
        form = {"environment": f"env-{index % 5}", "sha": f"{index:040x}", "ref": "main"}
        path = f"/api/v4/projects/acme%2Fshop-{index % 3}/deployments"
        return await any_world.client.post(
            path, data={**form, "tag": "0", "status": "success"}, headers=headers, timeout=120
        )

    answers = await asyncio.gather(*(write(index) for index in range(60)))
    assert Counter(answer.status_code for answer in answers) == {201: 60}
    for project in range(3):
        numbers = [
            r.project_number
            for r in await any_world.held()
            if r.project.path.endswith(f"-{project}")
        ]
        assert sorted(numbers) == list(range(1, 21))
    live = Counter(record.slot.id for record in await any_world.held() if record.presence == "live")
    assert len(live) == 15
    assert set(live.values()) == {1}
