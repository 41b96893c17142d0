"""Many rows at once are written as one after the other would be, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import uuid_utils.compat as uuid_utils
from sqlalchemy import Executable

from gateway.core.errors import BadText
from gateway.core.model import Artifact, Delivery, Presence, Record, Source
from gateway.store.engine import open_engines
from gateway.store.prepared import Statements
from gateway.store.queries import insert_missing
from gateway.store.slots import POINT_MANY, Current, pointing, slot_values
from gateway.store.tables import slots
from tests.store.house import START, House, at, happening
from tests.store.test_values import FULL

MANY = 300
"""More than one statement takes."""


async def held(house: House, records: Sequence[Record]) -> list[Record | None]:
    async with house.store.reading() as reading:
        return [await reading.record(house.scope, record.id) for record in records]


def copies(records: Sequence[Record], count: int) -> list[Record]:
    """Records of the same facts in turn, with numbers of their own."""
    kinds = [records[n % len(records)] for n in range(count)]
    return [
        replace(kind, id=uuid_utils.uuid7(), number=1000 + n, project_number=1000 + n)
        for n, kind in enumerate(kinds)
    ]


async def written(house: House, records: Sequence[Record]) -> list[Record | None]:
    """What is held of them once one batch has written them all."""
    async with house.store.batching() as batch:
        for record in records:
            await batch.insert(record)
        await batch.finish(house.org.id)
    return await held(house, records)


async def test_many_records_of_all_kinds_read_back_whole(house: House) -> None:
    kinds = [
        await house.add(**{**FULL, "presence": Presence.NONE}),
        await house.add(slot="little"),
        await house.add(slot="odd", delivery=Delivery(title='\'{"a",NULL}\\', node_id="")),
    ]
    made = copies(kinds, MANY)
    assert await written(house, made) == made


async def test_many_records_of_which_little_is_known_read_back_whole(house: House) -> None:
    made = copies([await house.add(artifact=Artifact(), source=Source(commit="c"))], 2)
    assert await written(house, made) == made


async def test_each_of_many_events_is_of_its_record(house: House) -> None:
    kind = await house.add()
    made = copies([kind], MANY)
    async with house.store.batching() as batch:
        await batch.append([happening(one, occurred_at=at(n)) for n, one in enumerate(made)])
        await batch.finish(house.org.id)
    async with house.store.reading() as reading:
        for n, record in enumerate(made):
            (found,) = await reading.events(house.scope, record.id)
            assert found.occurred_at == at(n)


async def test_each_of_many_slots_shows_its_own_record(house: House) -> None:
    kinds = [await house.add(slot=f"s{n}") for n in range(MANY)]
    made = [replace(one, presence=Presence.LIVE) for one in copies(kinds, MANY)]
    async with house.store.batching() as batch:
        places = {(one.environment.id, one.slot.name): START for one in made}
        await batch.lock_slots(house.org.id, places)
        for one in made:
            await batch.insert(one)
            await batch.refresh_slot(house.org.id, one.slot.id)
        await batch.finish(house.org.id)
    async with house.store.reading() as reading:
        for one in made:
            shown = await reading.current_record(house.scope, one.slot.id)
            assert shown is not None
            assert shown.number == one.number


async def test_each_of_many_projects_counts_for_itself(house: House) -> None:
    made = [await house.add(project=f"p{n}") for n in range(5)]
    async with house.store.batching() as batch:
        await batch.reserve(house.org.id, {one.project.id: n for n, one in enumerate(made)})
        await batch.finish(house.org.id)
    found = [(await house.add(project=f"p{n}")).project_number for n in range(5)]
    assert found == [2, 3, 4, 5, 6]


async def test_text_that_no_database_holds_is_refused_among_many(house: House) -> None:
    kind = await house.add()
    made = copies([kind, replace(kind, delivery=Delivery(title="\ud800"))], 2)
    with pytest.raises(BadText):
        async with house.store.batching() as batch:
            for record in made:
                await batch.insert(record)
            await batch.finish(house.org.id)
    assert await held(house, made) == [None, None]


def test_many_rows_are_one_execution_on_postgresql() -> None:
    own = UUID(int=1)
    statements = Statements(open_engines("postgresql://nowhere/nothing").writers.dialect)
    told: list[tuple[Executable, Mapping[str, Any]]] = [
        (insert_missing(slots), slot_values(own, own, "s", 1, START)),
        (POINT_MANY, pointing(own, own, Current(own, 1, START))),
    ]
    for statement, values in told:
        many = statements.find_of_many(statement, values)
        assert many is not None
        assert many is statements.find_of_many(statement, values)
        (filled,) = many.fill([values] * 3)
        assert len(filled) == len(values)
        assert {len(column) for column in filled if column is not None} == {3}
        assert many.text.endswith(" ON CONFLICT DO NOTHING") == (statement is not POINT_MANY)


def test_of_one_statement_each_set_of_names_is_written() -> None:
    statements = Statements(open_engines("postgresql://nowhere/none").writers.dialect)
    make, own = insert_missing(slots), uuid_utils.uuid7()
    one = {"org_id": own, "id": own, "number": 1}
    for said in (one, {**one, "name": "a"}, {**one, "created_at": START}):
        prepared = statements.find_of_many(make, said)
        assert prepared is not None
        assert prepared.text.startswith(f"INSERT INTO slots ({', '.join(said)}) ")
