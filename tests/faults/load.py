"""Writers that never give up, and the count of what came of their writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from gateway.core.search import Scope, Search
from gateway.store import open_store

WRITERS = 12
PATIENCE_SECONDS = 60


@dataclass
class Load:
    """Writes by number: those that were acknowledged, with the record's id, and the refusals."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Requests whose answer never came."""

    async def until(self, count: int) -> None:
        """Wait for so many more acknowledgements."""
        aim = len(self.acknowledged) + count
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.acknowledged) < aim:  # noqa: ASYNC110 (a counter has no event)
                await asyncio.sleep(0.01)

    async def until_refused(self) -> None:
        """Wait until somebody is refused or gets no answer."""
        before = self.refused.total() + self.lost
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.refused.total() + self.lost == before:  # noqa: ASYNC110 (the same)
                await asyncio.sleep(0.01)


@asynccontextmanager
async def writing(url: Callable[[], str], token: str, *, slots: int) -> AsyncIterator[Load]:
    """Writers in the background, each with its own write until that is acknowledged.

    ``url`` may answer anew each time. At the end each finishes the write that it is about.
    """
    load, numbers, stop = Load(), iter(range(10**6)), asyncio.Event()
    async with httpx.AsyncClient(timeout=60) as client:

        async def write() -> None:
            while not stop.is_set():
                number = next(numbers)
                while number not in load.acknowledged:
                    await _attempt(client, url(), token, load, number, slots)

        async with asyncio.TaskGroup() as writers:
            for _ in range(WRITERS):
                writers.create_task(write())
            try:
                yield load
            finally:
                stop.set()


async def _attempt(
    client: httpx.AsyncClient, url: str, token: str, load: Load, number: int, slots: int
) -> None:
    slot = f"slot-{number % slots}"
    body = {
        **{"project": "acme/shop", "environment": "production", "deployment_name": slot},
        "artifact": {"version": str(number), "digests": {"sha256": f"{number:064x}"}},
    }
    headers = {"authorization": f"Bearer {token}", "idempotency-key": f"write-{number}"}
    try:
        answer = await client.post(f"{url}/gateway/v1/records", json=body, headers=headers)
    except httpx.TransportError:
        load.lost += 1
    else:
        if answer.status_code == 201:
            load.acknowledged[number] = answer.json()["id"]
            return
        assert answer.status_code == 503, answer.text
        load.refused[answer.text] += 1
    await asyncio.sleep(0.05)


async def check(database_url: str, load: Load) -> None:
    """What was acknowledged is there, once, numbered without a hole; a slot has one live record."""
    store = open_store(database_url)
    async with store.reading() as reading:
        org = await reading.org("acme")
        assert org is not None
        records = (await reading.search(Scope(org.id), Search(limit=None), None)).records
        events = [await reading.events(Scope(org.id), record.id) for record in records[:20]]
    await store.close()
    assert {str(r.id): int(r.artifact.version or "-1") for r in records} == {
        record_id: number for number, record_id in load.acknowledged.items()
    }
    assert sorted(r.project_number for r in records) == list(range(1, len(records) + 1))
    live = Counter(r.slot.id for r in records if r.presence == "live")
    assert set(live.values()) == {1}
    assert len(live) == len({r.slot.id for r in records})
    assert all([event.kind for event in found].count("recorded") == 1 for found in events)
