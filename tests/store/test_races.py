"""Many at once: one of each thing, no hole in the numbers, no error to a caller."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from gateway.core.commands import EnvironmentName, ProjectPath, RecordDeployment
from gateway.core.context import Caller, Context, Permission
from gateway.core.errors import Collided
from gateway.core.events import EventKind
from gateway.core.members import ROOT
from gateway.core.model import Artifact, Presence, Record, Source
from gateway.core.search import Search
from gateway.environments import Environments
from gateway.ports import Transaction
from gateway.service import Deployments
from gateway.store import SqlStore, open_store
from gateway.store.bulk_writes import SqlBatch
from gateway.writing import Outcome
from tests.store.house import START, House, add, happening, image, opened_house, places_of

Done = TypeVar("Done")

WRITERS = 50


class Wall:
    """The time of day."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


def numbered(n: int) -> Artifact:
    return Artifact(digests={"sha256": f"{n:064x}"})


def deploying(n: int, project: str = "shop", slot: str = "shop") -> RecordDeployment:
    return RecordDeployment(
        environment=EnvironmentName("production"),
        artifact=numbered(n),
        source=Source(),
        project=ProjectPath(project),
        deployment_name=slot,
    )


def context(house: House, key: str | None = None) -> Context:
    caller = Caller(ROOT, Permission.ADMIN)
    return Context(caller, house.org, "gitlab", raw=b"{}", idempotency_key=key)


async def history(house: House) -> tuple[Record, ...]:
    async with house.store.reading() as reading:
        return (await reading.search(house.scope, Search(limit=None), None)).records


async def test_writers_of_one_slot_leave_one_live_record_and_no_hole(house: House) -> None:
    deployments = Deployments(house.store, Wall())
    writing = (deployments.record(context(house), deploying(n)) for n in range(WRITERS))
    outcomes = await asyncio.gather(*writing)
    records = await history(house)
    assert [record.project_number for record in records] == list(range(1, WRITERS + 1))
    assert [record.presence for record in records].count(Presence.LIVE) == 1
    assert [record.presence for record in records].count(Presence.SUPERSEDED) == WRITERS - 1
    assert records[-1].presence is Presence.LIVE
    assert records[-1].is_current
    assert {outcome.record.id for outcome in outcomes} == {record.id for record in records}
    for former, latter in pairwise(records):
        assert former.superseded_by == latter.id
    async with house.store.reading() as reading:
        events = [event for one in records for event in await reading.events(house.scope, one.id)]
    assert len(events) == 2 * WRITERS - 1


async def test_writers_of_many_slots_and_projects_leave_no_hole(house: House) -> None:
    deployments = Deployments(house.store, Wall())
    await asyncio.gather(
        *(
            deployments.record(context(house), deploying(n % 7, f"p{n % 3}", f"s{n % 5}"))
            for n in range(WRITERS)
        )
    )
    records = await history(house)
    numbers = [record.number for record in records]
    assert len(set(numbers)) == len(numbers)
    for project in {record.project for record in records}:
        own = [record.project_number for record in records if record.project == project]
        assert own == list(range(1, len(own) + 1))
    live = [record.slot.id for record in records if record.presence is Presence.LIVE]
    assert len(set(live)) == len(live) == 5


async def test_in_a_slot_what_is_written_later_is_of_a_later_moment(house: House) -> None:
    """Also of gateways that share transactions, each for itself, and wait for each other."""
    slots = range(3)

    async def write(deployments: Deployments, first: int) -> None:
        for n in range(first, first + 10):
            several = (deploying(n, slot=f"s{slot}") for slot in slots)
            await asyncio.gather(*(deployments.record(context(house), one) for one in several))

    gateways = [Deployments(house.store, Wall()) for _ in range(3)]
    await asyncio.gather(*(write(each, 100 * n) for n, each in enumerate(gateways)))
    records = await history(house)
    for slot in slots:
        own = [record for record in records if record.slot.name == f"s{slot}"]
        assert len(own) == 30
        for former, latter in pairwise(own):
            assert former.superseded_by == latter.id
            assert former.created_at <= latter.created_at == former.ended_at


async def test_the_same_places_named_at_once_are_made_once(house: House) -> None:
    async def name_them(n: int) -> Record:
        async with house.store.writing() as tx:
            ada = await tx.user_with_external_id(house.org.id, "u-1", name=None, now=START)
            bob = await tx.user_named(house.org.id, f"b{'oO'[n % 2]}b", now=START)
            assert ada != bob
            return await add(tx, house.org, artifact=image("a", version=f"{n}"), actor=ada)

    records = await asyncio.gather(*(name_them(n) for n in range(20)))
    for part in ("project", "environment", "project_environment", "actor"):
        assert len({getattr(record, part) for record in records}) == 1, part
    assert len({record.slot.id for record in records}) == 1
    assert len({record.artifact.id for record in records}) == 1
    assert sorted(record.project_number for record in records) == list(range(1, 21))
    async with house.store.reading() as reading:
        assert len(await reading.users(house.org.id)) == 3
        assert len(await reading.projects(house.scope)) == 2


async def test_artifacts_said_at_once_in_any_order_of_digests_are_one(house: House) -> None:
    digests = {"sha256": "a" * 64, "sha512": "b" * 128, "sha1": "c" * 40}

    async def say(n: int) -> None:
        turned = dict(sorted(digests.items(), reverse=n % 2 == 0))
        async with house.store.writing() as tx:
            await tx.artifact(house.org.id, Artifact(digests=turned), START)

    await asyncio.gather(*(say(n) for n in range(20)))
    async with house.store.writing() as tx:
        ids = {
            (await tx.artifact(house.org.id, Artifact(digests={name: digest}), START)).id
            for name, digest in digests.items()
        }
    assert len(ids) == 1


async def test_parts_and_names_of_environments_meet_without_an_error(house: House) -> None:
    async def make(parts: tuple[str, str | None]) -> str:
        async with house.store.writing() as tx:
            made = await tx.make_environment(
                house.org.id,
                logical=parts[0],
                physical=parts[1],
                cluster=None,
                name="p/eu",
                tier="other",
                now=START,
            )
        return made.name

    names = await asyncio.gather(*(make([("p/eu", None), ("p", "eu")][n % 2]) for n in range(20)))
    assert len(set(names[::2])) == len(set(names[1::2])) == 1
    assert len(set(names)) == 2
    assert "p/eu" in names


async def test_one_of_many_orgs_of_a_name_is_made(store: SqlStore) -> None:
    made = await asyncio.gather(
        *(opened_house(store, "acme", f"alias-{n}") for n in range(10)), return_exceptions=True
    )
    assert len([house for house in made if isinstance(house, House)]) == 1
    assert {type(other).__name__ for other in made} == {"House", "Conflict"}
    async with store.reading() as reading:
        assert len(await reading.orgs()) == 1


async def test_aliases_added_at_once_are_all_kept(house: House) -> None:
    async def alias(n: int) -> None:
        async with house.store.writing() as tx:
            await tx.add_alias(house.org, f"a{n}")

    await asyncio.gather(*(alias(n) for n in range(10)))
    async with house.store.reading() as reading:
        org = await reading.org("acme")
    assert org is not None
    assert sorted(org.aliases) == sorted(["acme-inc", *(f"a{n}" for n in range(10))])


async def test_a_request_repeated_at_once_under_one_key_is_done_once(house: House) -> None:
    deployments = Deployments(house.store, Wall())
    outcomes = await asyncio.gather(
        *(deployments.record(context(house, "key"), deploying(1)) for _ in range(20))
    )
    assert len({outcome.record.id for outcome in outcomes}) == 1
    assert all(outcome.is_new for outcome in outcomes)
    async with house.store.reading() as reading:
        events = await reading.events(house.scope, outcomes[0].record.id)
    assert [event.kind for event in events] == [EventKind.RECORDED]


async def test_a_key_that_two_transactions_spend_waits_for_the_first(house: House) -> None:
    record = await house.add()
    first_has_looked = asyncio.Event()

    async def spend(order: int) -> bool:
        if order == 2:
            await first_has_looked.wait()
        async with house.store.writing() as tx:
            if await tx.replay(house.org.id, "key") is not None:
                return False
            first_has_looked.set()
            await asyncio.sleep(0.05)
            await tx.append([happening(record, idempotency_key="key")])
            return True

    assert await asyncio.gather(spend(1), spend(2)) == [True, False]


@pytest.mark.parametrize("enters_first", [True, False])
@pytest.mark.parametrize("way", ["writing", "batching"])
async def test_a_place_that_one_leaves_while_another_enters_is_available(
    house: House, way: str, enters_first: bool
) -> None:
    left = await house.add(slot="a", presence=Presence.LIVE)
    place = (house.org.id, left.project.id, left.environment.id)
    first_is_settled = asyncio.Event()

    async def enter(tx: Transaction) -> None:
        await add(tx, house.org, slot="b", presence=Presence.LIVE)
        await tx.set_environment_state(*place, "available", START)

    async def leave(tx: Transaction) -> None:
        await tx.lock_slot(house.org.id, left.environment.id, "a", START)
        await tx.save(replace(left, presence=Presence.DECOMMISSIONED, ended_at=START))
        await tx.stop_if_empty(*place, START)

    async def write(do: Callable[[Transaction], Awaitable[None]], is_first: bool) -> None:
        if not is_first:
            await first_is_settled.wait()
        async with getattr(house.store, way)() as tx:
            if isinstance(tx, SqlBatch):
                await tx.foresee_projects(house.scope, [left.project.path])
            await do(tx)
            if isinstance(tx, SqlBatch):
                await tx.finish(house.org.id)
            first_is_settled.set()
            await asyncio.sleep(0.1 if is_first else 0)

    await asyncio.gather(write(enter, enters_first), write(leave, not enters_first))
    async with house.store.reading() as reading:
        (there,) = await places_of(reading, house.scope, left.project)
    assert there.here.state == "available"


async def somebody_waits(database_url: str) -> None:
    """Until a transaction of the database waits for another's lock; on SQLite for a moment."""
    if database_url.startswith("sqlite"):
        await asyncio.sleep(0.05)
        return
    connection = await asyncpg.connect(database_url)
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid = ANY(SELECT pid FROM "
    waiting += "pg_stat_activity WHERE datname = current_database())"
    while await connection.fetchval(waiting) is None:  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.01)
    await connection.close()


async def given_up(
    house: House,
    database_url: str,
    before: Callable[[], Awaitable[object]],
    work: Callable[[], Awaitable[Done]],
    has: Callable[[Transaction], Awaitable[object]],
    wants: Callable[[Transaction], Awaitable[object]],
) -> Done:
    """What a work comes to that waits for one who waits for it, and is given up of the two.

    On a busy machine the other one may be: then all of it is done again.
    """
    for _ in range(5):
        await before()
        try:
            async with house.store.writing() as tx:
                await has(tx)
                working = asyncio.ensure_future(work())
                await somebody_waits(database_url)
                await wants(tx)
        except Collided:
            await working
        else:
            return await working
    raise AssertionError("it was the other one each time")


async def test_a_write_that_the_database_gives_up_begins_again(
    house: House, database_url: str
) -> None:
    deployments, numbers = Deployments(house.store, Wall()), itertools.count(1)

    async def record() -> Outcome:
        return await deployments.record(context(house), deploying(next(numbers)))

    made = (await record()).record
    outcome = await given_up(
        house,
        database_url,  # it has the slot, and waits for the counter
        before=record,
        work=record,
        has=lambda tx: tx.next_numbers(house.org.id, made.project.id),
        wants=lambda tx: tx.lock_slot(house.org.id, made.environment.id, "shop", START),
    )
    *earlier, last = [record.presence for record in await history(house)]
    assert (set(earlier), last) == ({Presence.SUPERSEDED}, Presence.LIVE)
    assert outcome.current == outcome.record


async def test_a_stop_that_the_database_gives_up_begins_again(
    house: House, database_url: str
) -> None:
    environments, live = Environments(house.store, Wall()), list[Record]()
    names = (f"review/{number}" for number in itertools.count())

    async def occupy() -> None:
        there: dict[str, Any] = {"environment": next(names), "presence": Presence.LIVE}
        live[:] = [await house.add(slot=slot, **there) for slot in "ab"]

    place = await given_up(
        house,
        database_url,  # it has one slot, and waits for the other
        before=occupy,
        work=lambda: environments.stop(
            context(house), ProjectPath("shop"), live[0].project_environment.number
        ),
        has=lambda tx: tx.lock_slot(house.org.id, live[1].environment.id, "b", START),
        wants=lambda tx: tx.lock_slot(house.org.id, live[0].environment.id, "a", START),
    )
    assert place.here.state == "stopped"
    presences = {record.presence for record in await history(house)}
    assert presences == {Presence.DECOMMISSIONED}


async def test_readers_do_not_wait_for_writers(house: House) -> None:
    record = await house.add()
    async with house.store.writing() as tx:
        await add(tx, house.org)
        async with asyncio.timeout(5):
            assert await house.numbers() == [record.project_number]


async def test_the_signing_key_of_processes_that_start_at_once_is_one(database_url: str) -> None:
    stores = [open_store(database_url) for _ in range(5)]
    keys = await asyncio.gather(*(store.signing_key() for store in stores))
    assert len(set(keys)) == 1
    for store in stores:
        await store.close()


WRITER = """
import asyncio, sys
from gateway.core.model import Presence
from gateway.store import open_store
from tests.store.house import add

async def main(url: str) -> None:
    store = open_store(url)
    async with store.reading() as reading:
        org = await reading.org("acme")
    for n in range(10):
        async with store.writing() as tx:
            await add(tx, org, presence=Presence.LIVE)
    await store.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_processes_write_one_database_without_a_hole(house: House, database_url: str) -> None:
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, database_url)
        for _ in range(3)
    ]
    assert [await process.wait() for process in running] == [0, 0, 0]
    records = await history(house)
    assert [record.project_number for record in records] == list(range(1, 31))
    assert [record.presence for record in records].count(Presence.LIVE) == 1


async def test_events_are_in_the_order_of_writing(house: House) -> None:
    record = await house.add()
    kinds = [EventKind.RESTATED, EventKind.STATE_CHANGED] * 50
    async with house.store.writing() as tx:
        await tx.append([happening(record, kind=kind) for kind in kinds])
    async with house.store.reading() as reading:
        events = await reading.events(house.scope, record.id)
    assert [event.kind for event in events] == kinds
