"""A change is written whole, however few of the record's columns it names."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from gateway.core.model import Delivery, Presence, Record, Runtime, Source, State
from tests.store.house import START, House, at

BEFORE: dict[str, Any] = {
    "presence": Presence.LIVE,
    "delivery": Delivery(title="one", duration_seconds=Decimal("1.0")),
    "runtime": Runtime(risks=("a", "b"), tags={"a": "1", "b": "2"}),
    "kept": {"gitlab": {"said": 1}},
}
CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "seen": {"updated_at": at(1), "last_seen_at": at(2)},
    "replaced": {"presence": Presence.SUPERSEDED, "superseded_by": UUID(int=1), "ended_at": at(3)},
    "moved": {"state": State.FAILED, "presence": Presence.NONE, "finished_at": at(4)},
    "begun": {"state": State.RUNNING, "started_at": at(5)},
    "told": {"source": Source(commit="b" * 40), "last_seen_at": at(6)},
    "a decimal's zero": {"delivery": Delivery(title="one", duration_seconds=Decimal("1.00"))},
    "one that was true": {"kept": {"gitlab": {"said": True}}},
    "one that was whole": {"kept": {"gitlab": {"said": 1.0}}},
    "another order": {"runtime": Runtime(risks=("a", "b"), tags={"b": "2", "a": "1"})},
}
in_every_way = pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)


async def held(house: House, record: Record) -> Record:
    async with house.store.reading() as reading:
        found = await reading.record(house.scope, record.id)
    assert found is not None
    return found


@in_every_way
async def test_what_changed_of_a_record_is_kept(house: House, changed: dict[str, Any]) -> None:
    made = await house.add(**BEFORE)
    async with house.store.writing() as tx:
        read = await tx.record(house.scope, made.id)
        assert read is not None
        await tx.save(replace(read, **changed))
    assert repr(await held(house, made)) == repr(replace(read, **changed))


@in_every_way
async def test_what_changed_of_a_record_in_a_batch_is_kept(
    house: House, changed: dict[str, Any]
) -> None:
    made = await house.add(**BEFORE)
    read = await held(house, made)
    async with house.store.batching() as batch:
        await batch.lock_slots(house.org.id, {(made.environment.id, made.slot.name): START})
        await batch.save(replace(read, **changed))
        await batch.finish(house.org.id)
    assert repr(await held(house, made)) == repr(replace(read, **changed))
