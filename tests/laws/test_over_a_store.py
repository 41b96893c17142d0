"""The laws try writes on a slot in thought; a gateway on a database does the same with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.conformance.imagined import ImaginedSlot
from gateway.conformance.imagined_search import found
from gateway.conformance.strategies import bodies, golden_bodies
from gateway.core.errors import GatewayError
from gateway.core.model import Presence, Record, State
from gateway.core.search import Bounds, Found, Scope, Search, SortKey, View
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Owner
from gateway.dialect.ledger import fact
from gateway.registry import installed
from tests.world import World, Worlds

DIALECTS = installed()
COMPARED = (
    *("state", "presence", "artifact.digests", "source", "delivery", "runtime"),
    *("environment.name", "slot.name"),
)
"""A store also knows kind, name and version that others said of an artifact; thought does not."""

SLOTS = (
    "environment",
    "logical",
    "physical",
    "cluster",
    "deployment_name",
    "repository",
    "project",
)


def in_one_slot(dialect: Dialect, body: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Bodies that differ from one in everything but where they belong."""
    place = {name: value for name, value in body.items() if any(word in name for word in SLOTS)}
    return bodies(dialect).map(lambda said: {**_placeless(said), **place})


def _placeless(said: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in said.items() if not any(w in name for w in SLOTS)}
    return {name: value for name, value in kept.items() if name not in {"org", "occurred_at"}}


SEARCHED = st.fixed_dictionaries(
    {
        "view": st.sampled_from(View),
        "sort": st.sampled_from(SortKey),
        "is_descending": st.booleans(),
        "offset": st.integers(0, 3),
        "limit": st.none() | st.integers(0, 4),
        "count_limit": st.none() | st.integers(0, 20),
    },
    optional={
        "states": st.frozensets(st.sampled_from(State), max_size=3),
        "presences": st.frozensets(st.sampled_from(Presence), max_size=3),
        "below_number": st.integers(1, 20),
    },
)
"""Parts of searches that say nothing of what records there are."""


def searches(records: Sequence[Record]) -> st.SearchStrategy[Search]:
    """Searches of any order and page, for facts that these records have."""
    held = st.sampled_from(records)
    facts = st.fixed_dictionaries(
        {},
        optional={
            "environment_name": held.map(lambda record: record.environment.name),
            "deployment_name": held.map(lambda record: record.slot.name),
            "project_path": held.map(lambda record: record.project.path),
            "project_version": held.map(lambda record: record.artifact.version),
            "ref": held.map(lambda record: record.source.ref),
            "commit": held.map(lambda record: record.source.commit),
            "origin": held.map(lambda record: record.origin),
            "artifact_kind": held.map(lambda record: record.artifact.kind),
            "digest": held.map(lambda record: next(iter(record.artifact.digests.items()), None)),
            "created": held.map(lambda record: Bounds(after=record.created_at)),
            "updated": held.map(lambda record: Bounds(before=record.updated_at, is_open=True)),
            "finished": held.map(lambda record: Bounds(before=record.finished_at)),
        },
    )
    few = facts.map(lambda said: dict(list(said.items())[:2]))
    return st.builds(lambda plain, said: Search(**{**plain, **said}), SEARCHED, few).filter(
        lambda search: search.sort is not SortKey.SLOT or search.view is not View.HISTORY
    )


async def test_what_a_store_finds_is_what_was_imagined(world: World) -> None:
    for dialect in DIALECTS.values():
        await told(world, dialect, [dict(body) for body in golden_bodies(dialect)])
    records = await world.held()
    drawn: list[Search] = []

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), database=None)
    @given(searches(records))
    def draw(search: Search) -> None:
        drawn.append(search)

    draw()
    scope = Scope(records[0].org.id)
    async with world.gateway.store.reading() as reading:
        for search in drawn:
            stored = await reading.search(scope, search, None)
            assert as_told(stored, search) == as_told(found(records, search), search), search


def as_told(page: Found, search: Search) -> tuple[list[int], int | None]:
    """The numbers on a page and the total; where slots are sorted, their order is nobody's."""
    numbers = [record.number for record in page.records]
    return (sorted(numbers) if search.sort is SortKey.SLOT else numbers), page.total


def seen(record: Record) -> dict[str, Any]:
    """What is compared of a record."""
    return {path: fact(record, path) for path in COMPARED}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
async def test_what_a_store_holds_is_what_was_imagined(dialect: Dialect, worlds: Worlds) -> None:
    first = golden_bodies(dialect)[0]
    sequences = st.lists(in_one_slot(dialect, first), min_size=4, max_size=8)
    drawn: list[list[Any]] = []

    @settings(max_examples=4, suppress_health_check=list(HealthCheck), database=None)
    @given(sequences)
    def draw(said: list[Any]) -> None:
        drawn.append(said)

    draw()
    for said in drawn:
        async with worlds.lent() as world:
            assert await told(world, dialect, said) == imagined(dialect, said)


def imagined(dialect: Dialect, said: list[Any]) -> list[dict[str, Any]]:
    """The records that these bodies make in thought."""
    slot, frame = ImaginedSlot(dialect.name), Frame(dialect.options["documented"], method="POST")
    for body in said:
        try:
            slot.say(dialect.parse(body, Owner("acme", "acme/shop"), frame))
        except GatewayError:
            continue
    return [seen(record) for record in slot.records]


async def told(world: World, dialect: Dialect, said: list[Any]) -> list[dict[str, Any]]:
    """The records that they make in a gateway."""
    headers = {"authorization": f"Bearer {await world.token('admin')}"}
    path = dialect.capabilities.creates("acme", "acme/shop")
    for body in said:
        answer = await world.client.post(path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
    return [seen(record) for record in await world.held()]
