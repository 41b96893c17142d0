"""A window of time in another order, wide or short, holds what a look at each record finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from gateway.core.model import Record, Source, State
from gateway.core.search import Bounds, Search, SortKey
from gateway.store.engine import open_writer
from gateway.store.sql import SqlReading
from gateway.store.tables.deliveries import BLOCK_BITS
from tests.store.house import House, add, at

RECORDS, MINUTES = 72, 60
REFS = (None, "main", "B", "v1", "é")
STATES = (State.SUCCESS, State.FAILED, State.RUNNING)
ENVIRONMENTS = ("production", "staging")


async def scattered(house: House, database_url: str) -> list[Record]:
    """A project's records, three to a block, changed at moments that have no order; and others.

    The first block that there could be is missing, as after its records were removed.
    """
    made = []
    async with house.store.writing() as tx:
        for n in range(RECORDS):
            facts: dict[str, Any] = {
                "environment": ENVIRONMENTS[n % 7 % 2],
                "state": STATES[n % 5 % 3],
                "source": Source(ref=REFS[n * n % 11 % 5]),
                "updated_at": at(n * 23 % MINUTES),
            }
            made.append(await add(tx, house.org, **facts))
            await add(tx, house.org, project="other", **facts)
    engine = open_writer(database_url)
    async with engine.begin() as connection:
        spread = (2**BLOCK_BITS + 2) // 3
        said = f"UPDATE records SET project_number = (project_number + 2) * {spread}"
        await connection.execute(text(said))
    await engine.dispose()
    return made


def expected(records: list[Record], search: Search) -> Iterator[Record]:
    """What the search is to find of them, all pages of it."""
    after, before = search.updated.after, search.updated.before
    by_ref = search.sort is SortKey.REF
    for record in sorted(
        records,
        key=lambda record: ((record.source.ref or "") if by_ref else "", record.number),
        reverse=search.is_descending,
    ):
        if search.environment_name not in {None, record.environment.name}:
            continue
        if search.states is not None and record.state not in search.states:
            continue
        if after is not None and record.updated_at < after:
            continue
        if before is not None and record.updated_at > before:
            continue
        yield record


def searches(sort: SortKey) -> Iterator[Search]:
    """Every combination of filters, in both directions, windows of all widths."""
    for is_descending, environment, state, (after, before) in product(
        (False, True),
        (None, *ENVIRONMENTS, "none"),
        (None, STATES[1]),
        ((54, None), (None, 5), (20, 40), (40, 20), (0, MINUTES)),
    ):
        yield Search(
            environment_name=environment,
            states=None if state is None else frozenset({state}),
            updated=Bounds(
                after=None if after is None else at(after),
                before=None if before is None else at(before),
            ),
            sort=sort,
            is_descending=is_descending,
            limit=7,
            offset=3,
        )


@pytest.mark.parametrize(
    ("sort", "count_limit", "patience"),
    [
        (SortKey.NUMBER, None, 2000),
        (SortKey.NUMBER, 2, 2000),
        (SortKey.NUMBER, 1000, 2000),
        (SortKey.REF, None, 2000),
        (SortKey.REF, 2, 2000),
        (SortKey.REF, 1000, 2000),
        (SortKey.REF, 2, 20),
    ],
)
async def test_a_window_in_another_order_holds_what_lies_in_it(
    house: House, database_url: str, sort: SortKey, count_limit: int | None, patience: int
) -> None:
    """A page by ref is whole also where not all blocks of refs are asked."""
    made = await scattered(house, database_url)
    async with house.store.reading() as reading:
        assert isinstance(reading, SqlReading)
        reading.patience = patience
        for search in searches(sort):
            every = list(expected(made, search))
            asked = replace(search, count_limit=count_limit)
            found = await reading.search(house.scope, asked, made[0].project.id)
            page = every[search.offset : search.offset + 7]
            assert [one.number for one in found.records] == [one.number for one in page]
            is_known = count_limit is not None and len(every) <= count_limit
            assert found.total == (len(every) if is_known else None)
