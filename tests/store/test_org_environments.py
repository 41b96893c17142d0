"""An org's environments as such, and totals over its slots, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.core.model import Environment, Presence
from gateway.core.org_environments import EnvironmentSearch
from gateway.core.search import Scope, Search, View
from gateway.store import SqlStore
from tests.store.house import House, at, opened_house


def made(name: str, minute: int = 0, **facts: object) -> Environment:
    """An environment of this name."""
    environment = Environment(
        id=uuid4(),
        logical=name,
        physical=None,
        cluster=None,
        name=name,
        tier="other",
        kind=None,
        created_at=at(minute),
        updated_at=at(minute),
    )
    return replace(environment, **facts)  # type: ignore[arg-type]  # by name


async def add(house: House, *environments: Environment) -> list[bool]:
    async with house.store.writing() as tx:
        return [await tx.add_environment(house.org.id, one) for one in environments]


async def names(
    house: House, scope: Scope | None = None, tier: str | None = None, **asked: object
) -> list[str]:
    search = EnvironmentSearch(**asked)  # type: ignore[arg-type]  # by name
    async with house.store.reading() as reading:
        found = await reading.environments_found(scope or house.scope, search, tier)
    assert found.total >= len(found.environments)
    return [environment.name for environment in found.environments]


async def test_what_is_added_is_found_whole(house: House) -> None:
    said = made("blue", kind="ecs", description="Dublin", tier="staging")
    assert await add(house, said) == [True]
    async with house.store.reading() as reading:
        assert await reading.environment(house.scope, said.id) == said
        assert await reading.environment_named(house.org.id, "blue") == said
        assert await reading.environment(Scope(uuid4()), said.id) is None
        assert await reading.environment(house.scope, uuid4()) is None


async def test_a_name_is_added_once(house: House) -> None:
    assert await add(house, made("blue"), made("blue"), made("Blue")) == [True, False, True]
    await house.add(environment="green")
    assert await add(house, made("green")) == [False]
    results = await asyncio.gather(*(add(house, made("red")) for _ in range(5)))
    assert sorted(results) == [[False]] * 4 + [[True]]


async def test_the_newest_come_first_in_pages(house: House) -> None:
    await add(house, *(made(f"e{n}", n) for n in (2, 0, 1, 3)))
    assert await names(house) == ["e3", "e2", "e1", "e0"]
    assert await names(house, offset=1, limit=2) == ["e2", "e1"]
    assert await names(house, offset=9) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BLUE", ["twin", "blue"]),
        ("gro\u00dfe", ["blue"]),
        ("GROSSE", ["blue"]),
        ("\u00c9", ["twin"]),
        ("50%", ["twin"]),
        ("_", []),
        ("\\", []),
        ("", ["twin", "blue"]),
    ],
)
async def test_text_is_folded_and_taken_as_it_stands(
    house: House, text: str, expected: list[str]
) -> None:
    first = made("blue", description="Gro\u00dfe Halle")
    await add(house, first, made("twin", 1, description="50% of blue, caf\u00e9"))
    assert await names(house, text=text) == expected


async def test_a_tier_filters_and_another_org_is_not_there(house: House, store: SqlStore) -> None:
    await add(house, made("blue", tier="staging"), made("green", 1))
    assert await names(house, tier="staging") == ["blue"]
    assert await names(house, tier="testing") == []
    assert await names(await opened_house(store, "umbrella")) == []


async def test_a_limited_scope_sees_what_its_projects_have(house: House) -> None:
    shop = await house.add(environment="blue")
    await house.add(project="other", environment="green")
    await add(house, made("red"))
    limited = Scope(house.org.id, frozenset({shop.project.id}))
    assert await names(house, limited) == ["blue"]
    assert await names(house, Scope(house.org.id, frozenset())) == []


async def test_a_projects_environments_of_a_tier_are_counted_no_further(house: House) -> None:
    for name in ("a", "b", "c"):
        record = await house.add(environment=name)
    async with house.store.writing() as tx:
        for limit in (1, 2):
            found = await tx.environments_of_tier(
                house.org.id, record.project.id, "other", limit=limit
            )
            assert [e.name for e in found] == ["a", "b"][:limit]
        assert not await tx.environments_of_tier(
            house.org.id, record.project.id, "production", limit=2
        )


async def test_a_total_over_slots_is_the_number_of_records_shown(house: House) -> None:
    for slot in ("a", "b"):
        for environment in ("blue", "green"):
            for presence in (Presence.LIVE, Presence.LIVE, Presence.NONE):
                await house.add(slot=slot, environment=environment, presence=presence)
    await house.add(slot="empty", environment="blue")
    async with house.store.reading() as reading:
        for filters, expected in (
            ({}, 4),
            ({"environment_name": "blue"}, 2),
            ({"deployment_name": "a"}, 2),
            ({"deployment_name": "a", "environment_name": "green"}, 1),
            ({"deployment_name": "empty"}, 0),
            ({"project_path": "shop"}, 4),
            ({"presences": frozenset({Presence.NONE})}, 0),
        ):
            search = Search(view=View.CURRENT, count_limit=99, **filters)  # type: ignore[arg-type]  # by name
            found = await reading.search(house.scope, search, None)
            assert (len(found.records), found.total) == (expected, expected), filters
        nobody = Scope(house.org.id, frozenset())
        none = await reading.search(nobody, Search(view=View.CURRENT, count_limit=99), None)
        assert none.total == 0
