"""Searches: filters, orders, bounds, pages, totals, views and scopes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Presence,
    Source,
    State,
)
from gateway.core.search import Bounds, Found, Scope, Search, SortKey, View
from tests.store.house import House, add, at, image, opened_house

LIVE, SUPERSEDED, DECOMMISSIONED = Presence.LIVE, Presence.SUPERSEDED, Presence.DECOMMISSIONED
COMMIT = "c" * 40


async def told_apart(house: House) -> None:
    """Eight records that differ in every fact one can search by."""
    facts: list[dict[str, Any]] = [
        {"artifact": image("a", kind=ArtifactKind.CONTAINER_IMAGE, version="1")},
        {"artifact": image("b", kind=ArtifactKind.HELM_CHART), "presence": LIVE},
        {"artifact": Artifact(), "source": Source(commit=COMMIT, ref="main")},
        {"state": State.RUNNING, "environment": "staging", "source": Source(ref="1")},
        {"state": State.FAILED, "presence": SUPERSEDED, "slot": "worker"},
        {"slot": "", "presence": DECOMMISSIONED, "environment": "staging"},
        {"origin": "github", "artifact": image("d", version="main"), "source": Source(ref="v1")},
        {"artifact": image("e"), "source": Source(commit=COMMIT), "slot": "worker"},
    ]
    async with house.store.writing() as tx:
        for minute, said in enumerate(facts):
            await add(tx, house.org, created_at=at(minute), **said)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"states": frozenset({State.RUNNING})}, [4]),
        ({"states": frozenset({State.RUNNING, State.FAILED})}, [4, 5]),
        ({"states": frozenset()}, []),
        ({"presences": frozenset({LIVE, DECOMMISSIONED})}, [2, 6]),
        ({"presences": frozenset({Presence.NONE}), "states": frozenset({State.RUNNING})}, [4]),
        ({"artifact_kind": ArtifactKind.HELM_CHART}, [2]),
        ({"digest": ("sha256", "a" * 64)}, [1, 4, 5, 6]),
        ({"digest": ("sha512", "a" * 64)}, []),
        ({"digest": ("gitCommit", COMMIT)}, [3]),
        ({"commit": COMMIT}, [3, 8]),
        ({"ref": "main"}, [3]),
        ({"project_version": "main"}, [3, 7]),
        ({"project_version": "1"}, [1, 4, 5, 6]),
        ({"project_version": "v1"}, []),
        ({"origin": "github"}, [7]),
        ({"environment_name": "staging"}, [4, 6]),
        ({"environment_name": "Staging"}, []),
        ({"environment_name": "none"}, []),
        ({"deployment_name": "worker"}, [5, 8]),
        ({"deployment_name": ""}, [6]),
        ({"deployment_name": "shop", "environment_name": "staging"}, [4]),
        ({"project_path": "shop"}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"project_path": "ACME/Shop"}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"project_path": "acme"}, []),
        ({"project_path": "other/shop"}, []),
        ({"created": Bounds(after=at(6))}, [7, 8]),
        ({"created": Bounds(before=at(1))}, [1, 2]),
        ({"created": Bounds(before=at(1), is_open=True)}, [1]),
        ({"created": Bounds(after=at(1), before=at(2))}, [2, 3]),
        ({"created": Bounds(after=at(1) + timedelta(microseconds=1), before=at(2))}, [3]),
        ({"updated": Bounds(after=at(7))}, [8]),
        ({"finished": Bounds(after=at(0))}, []),
        ({"commit": COMMIT, "deployment_name": "worker"}, [8]),
    ],
)
async def test_each_filter_lets_through_what_it_says(
    house: House, filters: dict[str, Any], expected: list[int]
) -> None:
    await told_apart(house)
    # An artifact said without a version is known by the version said before.
    assert await house.numbers(**filters) == expected


async def test_a_project_is_a_filter_with_and_without_its_org(house: House) -> None:
    await house.add(project="Shop")
    await house.add(project="acme/shop")
    await house.add(project="shop/api")
    async with house.store.reading() as reading:
        for path, expected in (
            ("shop", {"acme/Shop"}),
            ("acme/shop", {"acme/Shop"}),
            ("Acme-Inc//shop/", {"acme/Shop"}),
            ("acme/ACME/shop", {"acme/acme/shop"}),
            ("SHOP/api", {"acme/shop/api"}),
            ("acme", set()),
            ("", set()),
            ("..", set()),
        ):
            found = await reading.search(house.scope, Search(project_path=path), None)
            assert {record.project.path for record in found.records} == expected


async def test_the_project_a_search_names_is_the_only_one_it_sees(house: House) -> None:
    await house.add()
    other = await house.add(project="other")
    async with house.store.reading() as reading:
        found = await reading.search(house.scope, Search(count_limit=9), other.project.id)
    assert found == Found((other,), 1)


SORTED: dict[SortKey, list[int]] = {
    SortKey.NUMBER: [1, 2, 3, 4, 5],
    SortKey.CREATED_AT: [3, 1, 4, 5, 2],
    SortKey.UPDATED_AT: [5, 4, 3, 2, 1],
    SortKey.FINISHED_AT: [4, 2, 3],
    SortKey.REF: [1, 2, 5, 3, 4],  # without a ref: before all that have one
}


async def unsorted(house: House) -> None:
    """Five records, each key in an order of its own, with ties."""
    for number, (created, finished, ref) in enumerate(
        [(2, None, None), (9, 5, "B"), (1, 5, "b"), (2, 1, "é"), (2, None, "a")], start=1
    ):
        await house.add(
            created_at=at(created),
            updated_at=at(10 - number),
            finished_at=None if finished is None else at(finished),
            source=Source(ref=ref),
        )


@pytest.mark.parametrize("sort", SORTED)
async def test_each_order_ends_with_the_number_in_its_direction(
    house: House, sort: SortKey
) -> None:
    await unsorted(house)
    missing = [1, 5] if sort is SortKey.FINISHED_AT else []
    ascending = SORTED[sort]
    assert await house.numbers(sort=sort) == [*ascending, *missing]
    descending = await house.numbers(sort=sort, is_descending=True)
    assert descending == [*ascending[::-1], *missing[::-1]]


@pytest.mark.parametrize("is_descending", [False, True])
async def test_what_has_not_finished_is_left_out_by_a_bound_on_the_finish(
    house: House, is_descending: bool
) -> None:
    await unsorted(house)
    bounds = Bounds(after=at(0), before=at(5))
    finished = {"finished": bounds, "sort": SortKey.FINISHED_AT, "is_descending": is_descending}
    assert await house.numbers(**finished) == ([3, 2, 4] if is_descending else [4, 2, 3])


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("view", [View.HISTORY, View.CURRENT])
async def test_pages_add_up_to_the_whole(house: House, sort: SortKey, view: View) -> None:
    async with house.store.writing() as tx:
        for n in range(7):
            await add(
                tx,
                house.org,
                slot=f"s{n % 4}",
                presence=LIVE,
                created_at=at(n // 2),
                environment="e",
            )
    order: dict[str, Any] = {"sort": sort, "is_descending": True, "view": view}
    whole = await house.numbers(**order, limit=None)
    assert len(whole) == (7 if view is View.HISTORY else 4)
    for limit in (1, 2, 3, 10):
        pages = [
            await house.numbers(**order, limit=limit, offset=offset)
            for offset in range(0, len(whole) + limit, limit)
        ]
        assert [number for page in pages for number in page] == whole


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_by_slot_hold_each_slot_once_in_the_order_of_the_slots(
    house: House, limit: int
) -> None:
    async with house.store.writing() as tx:
        for n in (0, 1, 2, 3, 1, 0):
            await add(tx, house.org, slot=f"s{n}", presence=LIVE, environment="e")
    shown = [6, 5, 3, 4]  # by the number of their slots
    for offset in range(0, 4, limit):
        order: dict[str, Any] = {"sort": SortKey.SLOT, "view": View.CURRENT}
        page = await house.numbers(**order, limit=limit, offset=offset)
        assert sorted(page) == sorted(shown[offset : offset + limit])


async def test_a_page_beyond_the_end_or_beyond_any_number_is_empty(house: House) -> None:
    await house.add()
    assert await house.numbers(limit=0) == []
    assert await house.numbers(limit=2**70) == [1]
    for offset in (1, 2**31, 2**63, 2**64, 10**30):
        assert await house.numbers(offset=offset, limit=2**63) == []


async def test_a_cursor_goes_on_below_its_number(house: House) -> None:
    records = [await house.add(slot=f"{n}", presence=LIVE) for n in range(4)]
    for view in View:
        below = {"is_descending": True, "view": view}
        assert await house.numbers(**below, below_number=records[2].number) == [2, 1]
        assert await house.numbers(**below, below_number=2**80) == [4, 3, 2, 1]
        assert await house.numbers(**below, below_number=-(2**80)) == []


async def test_a_total_is_known_up_to_its_limit(house: House) -> None:
    for _ in range(3):
        await house.add()
    async with house.store.reading() as reading:
        for limit, expected in ((None, None), (0, None), (2, None), (3, 3), (2**70, 3)):
            search = Search(limit=1, offset=1, count_limit=limit)
            found = await reading.search(house.scope, search, None)
            assert (len(found.records), found.total) == (1, expected)
        nothing = await reading.search(house.scope, Search(ref="x", count_limit=0), None)
        assert nothing == Found((), 0)


async def slots_of_all_sorts(house: House) -> None:
    """Four slots: a live one after another, one that ended twice, one of attempts, one of both."""
    await house.add(slot="live", presence=LIVE)
    await house.add(slot="live", presence=LIVE, artifact=image("b"))
    await house.add(slot="live", state=State.RUNNING)
    await house.add(slot="ended", presence=DECOMMISSIONED)
    await house.add(slot="ended", presence=SUPERSEDED, environment="production")
    await house.add(slot="tried", state=State.FAILED)
    await house.add(slot="both", presence=LIVE, environment="staging", artifact=image("b"))
    await house.add(slot="both", state=State.CANCELED, environment="staging")


async def test_a_view_shows_history_or_what_is_current_or_what_is_live(house: House) -> None:
    await slots_of_all_sorts(house)
    assert await house.numbers(view=View.HISTORY) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert await house.numbers(view=View.CURRENT) == [2, 5, 7]
    assert await house.numbers(view=View.LIVE) == [2, 7]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"environment_name": "staging"}, [7]),
        ({"deployment_name": "live"}, [2]),
        ({"deployment_name": "both", "environment_name": "production"}, []),
        ({"project_path": "shop"}, [2, 5, 7]),
        ({"presences": frozenset({SUPERSEDED})}, [5]),
        ({"states": frozenset({State.FAILED})}, []),
        ({"digest": ("sha256", "b" * 64)}, [2, 7]),
        ({"digest": ("sha256", "a" * 64)}, [5]),
    ],
)
async def test_filters_of_the_current_view_look_at_the_current_record(
    house: House, filters: dict[str, Any], expected: list[int]
) -> None:
    await slots_of_all_sorts(house)
    assert await house.numbers(view=View.CURRENT, **filters) == expected


@pytest.mark.parametrize("view", View)
async def test_a_scope_hides_the_records_of_other_projects(house: House, view: View) -> None:
    ours = await house.add(slot="a", presence=LIVE)
    theirs = await house.add(slot="b", presence=LIVE, project="other")
    async with house.store.reading() as reading:
        for projects, expected in (
            (None, (ours, theirs)),
            (frozenset({ours.project.id}), (ours,)),
            (frozenset({ours.project.id, theirs.project.id}), (ours, theirs)),
            (frozenset(), ()),
        ):
            scope = Scope(house.org.id, projects)
            found = await reading.search(scope, Search(view=view, count_limit=9), None)
            assert found == Found(expected, len(expected))
        only = Scope(house.org.id, frozenset({ours.project.id}))
        for search in (
            Search(project_path="other"),
            Search(digest=("sha256", "a" * 64)),
            Search(deployment_name="b"),
        ):
            found = await reading.search(only, search, None)
            assert theirs not in found.records
        named = await reading.search(only, Search(view=view), theirs.project.id)
        assert named.records == ()


@pytest.mark.parametrize("view", View)
async def test_two_orgs_with_the_same_names_see_their_own(house: House, view: View) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    ours, theirs = await house.add(presence=LIVE), await umbrella.add(presence=LIVE)
    filters = {
        "project_path": "shop",
        "environment_name": "production",
        "deployment_name": "shop",
        "digest": ("sha256", "a" * 64),
    }
    async with house.store.reading() as reading:
        for house_, record in ((house, ours), (umbrella, theirs)):
            search = Search(view=view, count_limit=9, **filters)  # type: ignore[arg-type]  # by name
            assert await reading.search(house_.scope, search, None) == Found((record,), 1)
        wrong = Scope(house.org.id, frozenset({theirs.project.id}))
        assert (await reading.search(wrong, Search(view=view), None)).records == ()


async def test_a_digest_in_another_spelling_is_another_digest(house: House) -> None:
    await house.add(artifact=image("a"))
    assert await house.numbers(digest=("sha256", "A" * 64)) == []
    assert await house.numbers(digest=("SHA256", "a" * 64)) == []
