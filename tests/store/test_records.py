"""Records in their slots, and their events."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256 as hashed

import pytest
from sqlalchemy import select

from gateway.core.errors import Conflict
from gateway.core.events import EventKind
from gateway.core.model import Artifact, Delivery, Presence, Record, Source, State
from gateway.core.search import Scope, Search
from gateway.core.status import is_same_artifact
from gateway.ports import Transaction
from gateway.ports_records import Replay
from gateway.store.engine import open_writer
from gateway.store.tables import events
from tests.store.house import START, House, add, at, happening, image, opened_house, places_of

LIVE, SUPERSEDED, DECOMMISSIONED = Presence.LIVE, Presence.SUPERSEDED, Presence.DECOMMISSIONED


async def current(house: House, record: Record) -> Record | None:
    async with house.store.reading() as reading:
        return await reading.current_record(house.scope, record.slot.id)


def number(record: Record | None) -> int | None:
    return None if record is None else record.project_number


async def test_a_slot_shows_the_live_record(house: House) -> None:
    first = await house.add(presence=LIVE)
    assert first.is_current
    await house.add(presence=LIVE, artifact=image("b"))
    await house.add(state=State.RUNNING)
    assert number(await current(house, first)) == 2


async def test_a_slot_without_a_live_record_shows_the_newest_with_a_presence(house: House) -> None:
    await house.add(presence=DECOMMISSIONED)
    second = await house.add(presence=DECOMMISSIONED)
    await house.add(state=State.FAILED)
    assert await current(house, second) == second


async def test_a_slot_of_attempts_alone_shows_nothing(house: House) -> None:
    record = await house.add(state=State.RUNNING)
    assert not record.is_current
    assert record.slot.current is None
    assert await current(house, record) is None


async def test_a_slot_falls_back_when_its_record_goes(house: House) -> None:
    first = await house.add(presence=LIVE)
    second = await house.add(presence=LIVE)
    async with house.store.writing() as tx:
        await tx.lock_slot(house.org.id, second.environment.id, "shop", START)
        await tx.remove(second)
        assert (await tx.refresh_slot(house.org.id, second.slot.id)).current == first.id
        await tx.remove(first)
        assert (await tx.refresh_slot(house.org.id, second.slot.id)).current is None
    assert await current(house, second) is None


async def test_a_transaction_sees_what_it_has_written_itself(house: House) -> None:
    async with house.store.writing() as tx:
        first = await add(tx, house.org, presence=LIVE)
        assert await tx.live_record(house.org.id, first.slot.id) == first
        second = await add(tx, house.org, presence=LIVE)
        assert await tx.live_record(house.org.id, first.slot.id) == second
        gone = replace(second, presence=Presence.NONE, state=State.FAILED)
        await tx.save(gone)
        assert await tx.live_record(house.org.id, first.slot.id) is None
        slot = await tx.refresh_slot(house.org.id, first.slot.id)
        assert slot.current == first.id
        shown = await tx.current_record(house.scope, first.slot.id)
        assert shown is not None
        assert (shown.id, shown.presence) == (first.id, SUPERSEDED)
        assert await tx.live_record(house.org.id, first.slot.id) is None


async def test_what_is_known_of_a_locked_slot_is_what_the_table_holds(house: House) -> None:
    live = await house.add(presence=LIVE)
    async with house.store.writing() as tx:
        slot = await tx.lock_slot(house.org.id, live.environment.id, "shop", START)
        shown = await tx.current_record(house.scope, slot.id)
        assert await tx.live_record(house.org.id, slot.id) == shown == live
        assert await tx.refresh_slot(house.org.id, slot.id) == slot
        ended = replace(live, presence=DECOMMISSIONED)
        await tx.save(ended)
        assert await tx.live_record(house.org.id, slot.id) is None
        assert await tx.refresh_slot(house.org.id, slot.id) == slot


async def test_the_fallback_is_the_newest_superseded_success(house: House) -> None:
    first = await house.add(presence=LIVE)
    second = await house.add(presence=LIVE)
    await house.add(presence=SUPERSEDED, state=State.FAILED)
    third = await house.add(presence=LIVE)
    async with house.store.writing() as tx:
        slot_id = first.slot.id
        assert number(await tx.fallback_record(house.org.id, slot_id)) == second.project_number
        other = await tx.fallback_record(house.org.id, slot_id, but=second.id)
        assert number(other) == first.project_number
        await tx.save(replace(third, presence=DECOMMISSIONED))
        assert number(await tx.fallback_record(house.org.id, slot_id)) == second.project_number


SAID = [
    (image("a"), Source()),
    (image("b"), Source(commit="c" * 40)),
    (Artifact(digests={"sha256": "a" * 64, "sha512": "d" * 128}), Source()),
    (Artifact(digests={"sha256": "e" * 64, "sha512": "d" * 128}), Source()),
    (Artifact(), Source(commit="c" * 40)),
    (Artifact(), Source(commit="c" * 40, ref="main")),
    (Artifact(), Source(commit="c" * 40, ref="next")),
    (Artifact(), Source(commit="f" * 40)),
]


@pytest.mark.parametrize("asked", range(len(SAID)))
async def test_the_same_artifact_is_what_the_core_says_it_is(house: House, asked: int) -> None:
    artifact, source = SAID[asked]
    async with house.store.writing() as tx:
        for known, its in SAID:
            record = await add(tx, house.org, artifact=known, source=its, presence=SUPERSEDED)
            await add(tx, house.org, artifact=known, source=its, state=State.FAILED)
            await add(tx, house.org, artifact=known, source=its, slot="other", presence=LIVE)
        found = await tx.newest_of_artifact(Scope(house.org.id), record.slot.id, artifact, source)
        searched = await _history(tx, house)
    expected = [
        one.project_number
        for one in searched
        if one.slot.id == record.slot.id
        and one.presence is not Presence.NONE
        and is_same_artifact(one.artifact, one.source, artifact, source)
    ]
    assert number(found) == max(expected)


async def _history(tx: Transaction, house: House) -> tuple[Record, ...]:
    return (await tx.search(house.scope, Search(limit=None), None)).records


async def test_an_earlier_attempt_is_found_by_its_node_id(house: House) -> None:
    for node_id in ("n1", "n1", "n2"):
        record = await house.add(delivery=Delivery(node_id=node_id))
    other = await house.add(project="other", delivery=Delivery(node_id="n3"))
    async with house.store.writing() as tx:
        project_id = record.project.id
        assert number(await tx.record_with_node_id(house.org.id, project_id, "n1")) == 2
        assert await tx.record_with_node_id(house.org.id, project_id, "n3") is None
        assert await tx.record_with_node_id(house.org.id, other.project.id, "n3") == other


async def test_the_last_deployment_is_the_success_that_finished_last(house: House) -> None:
    await house.add(finished_at=at(9), environment="staging")
    await house.add(finished_at=at(5))
    await house.add(finished_at=at(5))
    await house.add(finished_at=at(8), state=State.FAILED)
    record = await house.add(finished_at=at(3))
    await house.add(finished_at=None)
    await house.add(finished_at=at(9), project="other")
    place = (record.project.id, record.environment.id)
    async with house.store.reading() as reading:
        assert number(await reading.last_deployment(house.scope, *place)) == 3
        assert await reading.last_deployment(Scope(house.org.id, frozenset()), *place) is None


async def test_only_a_place_with_nothing_live_is_stopped(house: House) -> None:
    record = await house.add(presence=LIVE)
    other = await house.add(project="other", slot="other", presence=DECOMMISSIONED)
    states = {}
    async with house.store.writing() as tx:
        for project in (record.project, other.project):
            await tx.stop_if_empty(house.org.id, project.id, record.environment.id, at(9))
            (place,) = await places_of(tx, house.scope, project)
            states[project.id] = place.here.state
    assert states == {record.project.id: "available", other.project.id: "stopped"}


async def test_a_record_is_found_by_number_in_its_project_alone(house: House) -> None:
    record, other = await house.add(), await house.add(project="other")
    async with house.store.reading() as reading:
        find = reading.record_by_number
        assert await find(house.scope, record.project.id, record.number) == record
        assert await find(house.scope, other.project.id, record.number) is None
        assert await find(house.scope, record.project.id, 2**63) is None


async def test_a_record_outside_the_scope_does_not_exist(house: House) -> None:
    record, other = await house.add(presence=LIVE), await house.add(project="other")
    async with house.store.writing() as tx:
        await tx.append([happening(record)])
    only = Scope(house.org.id, frozenset({other.project.id}))
    async with house.store.reading() as reading:
        assert await reading.record(only, record.id) is None
        assert await reading.record(only, other.id) == other
        assert await reading.record_by_number(only, record.project.id, record.number) is None
        assert await reading.current_record(only, record.slot.id) is None
        assert await reading.events(only, record.id) == ()


async def test_a_record_of_another_org_does_not_exist(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    record = await umbrella.add(presence=LIVE)
    async with house.store.writing() as tx:
        await tx.append([happening(record)])
        assert await tx.record(house.scope, record.id) is None
        assert await tx.current_record(house.scope, record.slot.id) is None
        assert await tx.live_record(house.org.id, record.slot.id) is None
        assert await tx.events(house.scope, record.id) == ()
        await tx.remove(replace(record, org=house.org))
        assert await tx.record(umbrella.scope, record.id) == record


async def test_events_are_read_in_order_and_outlive_their_record(house: House) -> None:
    record = await house.add(presence=LIVE)
    kinds = (EventKind.RECORDED, EventKind.RESTATED, EventKind.REMOVED)
    async with house.store.writing() as tx:
        said = [happening(record, kind=kind, occurred_at=at(-5)) for kind in kinds]
        await tx.append(said[:2])
        await tx.remove(record)
        await tx.append(said[2:])
        await tx.append([])
    async with house.store.reading() as reading:
        assert await reading.record(house.scope, record.id) is None
        events = await reading.events(house.scope, record.id)
    assert [event.kind for event in events] == list(kinds)
    first = events[0]
    assert (first.occurred_at, first.recorded_at, first.dialect) == (at(-5), START, "gitlab")
    assert (first.state, first.presence) == (record.state, LIVE)
    assert first.actor == record.actor
    assert first.record_id == record.id


async def test_an_idempotency_key_replays_what_it_did(house: House) -> None:
    record = await house.add()
    async with house.store.writing() as tx:
        assert await tx.replay(house.org.id, "key") is None
        await tx.append([happening(record, raw=b'{"a":1}', idempotency_key="key")])
    umbrella = await opened_house(house.store, "umbrella")
    async with house.store.writing() as tx:
        expected = Replay(
            record.id, record.project.id, EventKind.RECORDED, hashed(b'{"a":1}').digest()
        )
        assert await tx.replay(house.org.id, "key") == expected
        assert await tx.replay(umbrella.org.id, "key") is None


async def test_an_idempotency_key_is_spent_once(house: House) -> None:
    record = await house.add()
    twice = [happening(record, idempotency_key="key") for _ in range(2)]
    with pytest.raises(Conflict) as refused:
        async with house.store.writing() as tx:
            await tx.append(twice)
    assert refused.value.what == "idempotency key"


@pytest.mark.parametrize(("size", "is_kept"), [(0, True), (65536, True), (65537, False)])
async def test_a_body_beyond_64_kib_is_kept_as_its_digest(
    house: House, database_url: str, size: int, is_kept: bool
) -> None:
    raw = b"\xff" * size
    record = await house.add()
    async with house.store.writing() as tx:
        await tx.append([happening(record, raw=raw)])
    engine = open_writer(database_url)
    async with engine.connect() as connection:
        found = (await connection.execute(select(events))).one()
    await engine.dispose()
    assert found.raw == (raw if is_kept else None)
    assert found.raw_digest == hashed(raw).digest()


async def test_an_exception_leaves_nothing_behind(house: House) -> None:
    class Halt(Exception):
        pass

    with pytest.raises(Halt):
        async with house.store.writing() as tx:
            record = await add(tx, house.org, project="gone", environment="gone")
            await tx.append([happening(record)])
            raise Halt
    other = await house.add()  # over the same connection
    async with house.store.reading() as reading:
        assert await reading.project(house.scope, "acme/gone") is None
        assert await reading.environment_named(house.org.id, "gone") is None
        assert await reading.events(house.scope, record.id) == ()
        assert await reading.record(house.scope, record.id) is None
    assert await house.numbers() == [other.project_number]


async def test_a_view_does_not_move_while_it_is_read(house: House) -> None:
    await house.add()
    async with house.store.reading() as reading:
        assert await reading.orgs() == (house.org,)
        record = await house.add()
        assert await reading.record(house.scope, record.id) is None
    async with house.store.reading() as reading:
        assert await reading.record(house.scope, record.id) == record
