"""The gateway killed and ended under load."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx

from tests.faults.cluster import Cluster, emptied, refuses
from tests.faults.load import check, writing
from tests.serving import serving

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_the_gateway_is_killed_under_load(url: str) -> None:
    with ExitStack() as stack:
        running = [stack.enter_context(serving(url, orgs=("acme",)))]
        async with writing(lambda: running[-1].url, running[0].token(), slots=5) as load:
            await load.until(30)
            running[-1].process.kill()
            await load.until_refused()
            another = serving(url, orgs=())
            running.append(await asyncio.to_thread(stack.enter_context, another))
            await load.until(30)
    await check(url, load)


async def test_sigterm_answers_what_was_asked_before_it_ends(postgres: Cluster) -> None:
    await emptied(postgres)
    with serving(postgres.url, orgs=("acme",)) as running:
        async with writing(lambda: running.url, running.token(), slots=1) as load:
            await load.until(1)
        holder = await asyncpg.connect(postgres.url)
        async with httpx.AsyncClient(base_url=running.url, timeout=30) as client:
            held = holder.transaction()
            await held.start()
            await holder.execute("LOCK TABLE events IN EXCLUSIVE MODE")
            headers = {"authorization": f"Bearer {running.token()}"}
            body = {
                **{"project": "acme/shop", "environment": "staging", "deployment_name": "late"},
                "artifact": {"digests": {"sha256": "f" * 64}},
            }
            asked = asyncio.create_task(
                client.post("/gateway/v1/records", json=body, headers=headers)
            )
            while not await holder.fetchval(WAITING):
                assert not asked.done()
                await asyncio.sleep(0.01)
            running.process.terminate()
            await refuses(running.url)
            await held.rollback()
            answer = await asked
        await holder.close()
        assert answer.status_code == 201, answer.text
        assert await asyncio.to_thread(running.process.wait, 30) in {0, -signal.SIGTERM}
