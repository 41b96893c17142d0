"""Numbers: unique in the gateway, counted by each org for itself, telling nothing of the others."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import insert, text

from gateway.core.members import ROOT
from gateway.store import SqlStore, migrate, open_store
from gateway.store.engine import open_writer
from gateway.store.people import user_values
from gateway.store.tables import NUMBERED, org_names, orgs, users
from tests.databases import MakeDatabase, migrated_to
from tests.store.house import START, House, add, image, opened_house

RANGE = 2**32
EXACT_IN_JAVASCRIPT = 2**53


async def numbers_of(house: House) -> dict[str, int]:
    """The number that an org's next thing of each kind is given."""
    async with house.store.writing() as tx:
        user = await tx.user_named(house.org.id, "ada", now=START)
        group = await tx.make_group(house.org.id, "deployers", [user], START)
        record = await add(tx, house.org)
        assert record.project_environment is not None
        return {
            "org": house.org.number,
            "group": group.number,
            "user": user.number,
            "project": record.project.number,
            "environment": record.project_environment.number,
            "slot": record.slot.number,
            "record": record.number,
            "entry": await tx.next_entry_number(house.org.id),
        }


EACH_KIND = {
    **{"org": 1, "group": 2, "user": 2, "project": 2},
    **{"environment": 1, "slot": 1, "record": 1, "entry": 1},
}
"""The org and its first group share a numbering; root is user 1, the first project unassigned."""


async def test_the_first_org_counts_from_one(house: House) -> None:
    assert await numbers_of(house) == EACH_KIND


async def test_what_others_write_leaves_no_gap_in_an_orgs_numbers(house: House) -> None:
    others = [await opened_house(house.store, name) for name in ("umbrella", "wonka")]
    for other in others:
        for letter in "abc":
            await other.add(artifact=image(letter), environment=letter, slot=letter)
    assert await numbers_of(house) == EACH_KIND


async def test_any_other_org_counts_in_a_range_of_its_own_that_tells_nothing(house: House) -> None:
    ranges = {0}
    for name in ("umbrella", "wonka"):
        found = await numbers_of(await opened_house(house.store, name))
        assert {kind: number % RANGE for kind, number in found.items()} == EACH_KIND
        assert max(found.values()) < EXACT_IN_JAVASCRIPT
        (own,) = {number // RANGE for number in found.values()}
        ranges.add(own)
    assert len(ranges) == 3
    assert not {1, 2} & ranges  # neither is the next one: 2 in a million that chance is against us


async def test_root_is_user_1_of_every_org(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    async with house.store.reading() as reading:
        assert [user.number for user in await reading.users(umbrella.org.id)] == [ROOT.number]
    assert ROOT.number == 1


async def test_orgs_made_at_once_are_not_all_the_first(store: SqlStore) -> None:
    houses = await asyncio.gather(*(opened_house(store, f"org-{n}") for n in range(8)))
    ranges = sorted(house.org.number // RANGE for house in houses)
    assert ranges[0] == 0
    assert len(set(ranges)) == len(houses)


async def test_many_records_at_once_are_counted_by_their_org(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    for each in (house, umbrella):
        async with each.store.batching() as batch:
            project = await batch.make_project(each.org, f"{each.org.name}/shop", START)
            await batch.settle()
            await batch.reserve(each.org.id, {project.id: 3})
            drawn = [await batch.next_numbers(each.org.id, project.id) for _ in range(3)]
        first = each.org.number - 1
        assert drawn == [(first + 1, 1), (first + 2, 2), (first + 3, 3)]


async def test_writers_of_different_slots_do_not_wait_for_each_others_numbers(
    postgres_url_factory: MakeDatabase,
) -> None:
    store = open_store(await postgres_url_factory())
    house = await opened_house(store)
    async with store.writing() as first:
        before = await add(first, house.org, project="one", slot="one", environment="one")
        # The first writer has its numbers and has not committed.
        two = {"project": "two", "slot": "two", "environment": "two"}
        after = await house.add(artifact=image("b"), **two)
    assert (before.number, after.number) == (1, 2)
    await store.close()


async def _counted_together(url: str) -> None:
    """Two orgs as they were before, when seven numbers of each kind had been given to them."""
    await migrated_to(url, "0004")
    engine = open_writer(url)
    async with engine.begin() as connection:
        for number, name in enumerate(("acme", "umbrella"), start=1):
            org = {"id": UUID(int=number), "number": number, "name": name, "name_key": name}
            await connection.execute(insert(orgs).values(**org, aliases=[], created_at=START))
            await connection.execute(insert(org_names).values(name_key=name, org_id=org["id"]))
            await connection.execute(insert(users).values(**user_values(UUID(int=number), ROOT)))
        if connection.dialect.name == "sqlite":
            await connection.execute(text("UPDATE counters SET last = 7"))
        for kind in NUMBERED if connection.dialect.name == "postgresql" else ():
            await connection.execute(text(f"SELECT setval('{kind}_numbers', 7)"))
    await engine.dispose()


async def test_orgs_of_before_count_on_without_ever_meeting(empty_database_url: str) -> None:
    await _counted_together(empty_database_url)
    await migrate(empty_database_url)
    store = open_store(empty_database_url)
    async with store.reading() as reading:
        acme, umbrella = await reading.orgs()
    assert (acme.number, umbrella.number) == (1, 2)
    found = await numbers_of(House(store, acme))
    del found["org"]
    # The group drew 8; so did the project, which is the org's first to be made since.
    assert found == dict.fromkeys(found, 8)
    later = await numbers_of(House(store, umbrella))
    assert min(later[kind] for kind in found) >= RANGE
    newest = await opened_house(store, "wonka")
    assert len({newest.org.number // RANGE, later["record"] // RANGE, 0}) == 3
    await store.close()
