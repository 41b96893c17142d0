"""Two Chainloop clients at one slot at the same moment: what is deployed is one artifact."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx

from tests.world import World

TIMES = 100
PATH = "/v1/deployments"


async def test_two_artifacts_posted_in_parallel_leave_exactly_one_deployed(
    any_world: World,
) -> None:
    headers = {"authorization": f"Bearer {await any_world.token()}"}
    ask = any_world.client

    async def post(number: int) -> httpx.Response:
        body = {"environment_name": "production", "deployment_name": "api-server"}
        body |= {"artifact_digest": f"sha256:{number:064x}"}
        return await ask.post(PATH, json=body, headers=headers, timeout=120)

    seen = set()
    for time in range(1, TIMES + 1):
        answers = await asyncio.gather(post(2 * time), post(2 * time + 1))
        assert [answer.status_code for answer in answers] == [200, 200]
        made = {answer.json()["deployment_record"]["id"] for answer in answers}
        listed = (await ask.get(f"{PATH}?status=DEPLOYED", headers=headers)).json()
        (deployed,) = (record["id"] for record in listed["deployment_records"])
        assert deployed in made
        seen |= made
    records = await any_world.held()
    presences = Counter(record.presence.value for record in records)
    assert presences == {"live": 1, "superseded": 2 * TIMES - 1}
    assert {str(record.id) for record in records} == seen
