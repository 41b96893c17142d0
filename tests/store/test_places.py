"""Projects, environments, slots and artifacts: found, or made once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gateway.core import placing
from gateway.core.model import Artifact, ArtifactKind, Environment, Presence, Project, Source
from gateway.core.search import Scope
from gateway.ports import Transaction
from tests.store.house import START, House, at, image, opened_house, places_of, sha256


async def environment(
    tx: Transaction, house: House, *parts: str | None, name: str | None = None
) -> Environment:
    logical, physical, cluster = (*parts, None, None)[:3]
    assert logical is not None
    return await tx.make_environment(
        house.org.id,
        logical=logical,
        physical=physical,
        cluster=cluster,
        name=name or placing.joined_name(logical, physical, cluster),
        tier="production",
        now=START,
    )


async def test_a_project_is_one_in_any_case_and_keeps_its_first_spelling(house: House) -> None:
    async with house.store.writing() as tx:
        made = await tx.make_project(house.org, "acme/Shop", START)
        assert await tx.make_project(house.org, "ACME/shop", at(1)) == made
    async with house.store.reading() as reading:
        assert await reading.project(house.scope, "acme/SHOP") == made
        assert await reading.project_by_number(house.scope, made.number) == made
        assert await reading.project_by_number(house.scope, 2**70) is None
        assert await reading.project_by_number(house.scope, -(2**70)) is None
    assert (made.path, made.name) == ("acme/Shop", "Shop")


async def test_projects_are_listed_by_path(house: House) -> None:
    async with house.store.writing() as tx:
        for path in ("acme/b", "acme/A", "acme/a/b", "acme/c"):
            await tx.make_project(house.org, path, START)
    async with house.store.reading() as reading:
        paths = [project.path for project in await reading.projects(house.scope)]
        assert paths == ["acme/A", "acme/a/b", "acme/b", "acme/c", "acme/unassigned"]


async def test_the_longest_project_is_the_first_of_the_paths_that_exists(house: House) -> None:
    async with house.store.writing() as tx:
        outer = await tx.make_project(house.org, "acme/a", START)
        inner = await tx.make_project(house.org, "acme/a/B", START)
        paths = list(placing.prefixes("acme/a/b/c"))
        assert await tx.longest_project(house.scope, paths) == inner
        assert await tx.longest_project(Scope(house.org.id, frozenset({outer.id})), paths) == outer
        assert await tx.longest_project(house.scope, ["acme/x"]) is None
        assert await tx.longest_project(house.scope, []) is None


async def test_an_environment_is_found_by_its_name_and_by_its_parts(house: House) -> None:
    async with house.store.writing() as tx:
        made = await environment(tx, house, "production", "eu", "blue")
        assert await tx.environment_with_parts(house.org.id, "production", "eu", "blue") == made
        assert await tx.environment_with_parts(house.org.id, "production", "eu", None) is None
        assert await tx.environment_named(house.org.id, "production/eu/blue") == made
        assert await tx.environment_named(house.org.id, "PRODUCTION/eu/blue") is None


@pytest.mark.parametrize("parts", [("p",), ("p", "eu"), ("p", None, "blue"), ("p", "eu", "blue")])
async def test_the_same_parts_are_the_same_environment(
    house: House, parts: tuple[str | None, ...]
) -> None:
    async with house.store.writing() as tx:
        made = await environment(tx, house, *parts)
        assert await environment(tx, house, *parts) == made
        blank = tuple(part or "" for part in parts)
        assert await environment(tx, house, *blank) == made
    assert (made.logical, made.physical, made.cluster) == (*parts, None, None)[:3]


async def test_a_name_that_belongs_to_other_parts_gets_a_suffix(house: House) -> None:
    async with house.store.writing() as tx:
        whole = await environment(tx, house, "p/eu")
        parted = await environment(tx, house, "p", "eu")
        assert whole.name == "p/eu"
        assert parted.name == placing.suffixed_name("p/eu", "p", "eu", None)
        assert await environment(tx, house, "p", "eu") == parted


async def test_a_project_says_its_own_of_an_environment(house: House) -> None:
    async with house.store.writing() as tx:
        project = await tx.make_project(house.org, "acme/shop", START)
        place = await environment(tx, house, "Production EU")
        made = await tx.project_environment(house.org.id, project, place, START)
        assert await tx.project_environment(house.org.id, project, place, at(1)) == made
    assert (made.state, made.tier) == ("available", "production")
    assert made.slug == placing.slug("Production EU")
    assert (made.created_at, made.updated_at) == (START, START)


async def test_a_projects_environments_are_listed_by_number(house: House) -> None:
    async with house.store.writing() as tx:
        shop = await tx.make_project(house.org, "acme/shop", START)
        other = await tx.make_project(house.org, "acme/other", START)
        b, a = await environment(tx, house, "b"), await environment(tx, house, "a")
        said = [(e, await tx.project_environment(house.org.id, shop, e, START)) for e in (b, a)]
        await tx.project_environment(house.org.id, other, a, START)
    async with house.store.reading() as reading:
        found = await places_of(reading, house.scope, shop)
        assert [(place.environment, place.here) for place in found] == said
        assert await places_of(reading, house.scope, shop, name="a") == found[1:]
        outside = Scope(house.org.id, frozenset({other.id}))
        assert await places_of(reading, outside, shop) == ()


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("ÜBER", ["über/Äußere", "Übersee"]),
        ("äuSSe", ["über/Äußere"]),
        ("see", []),
        ("%", []),
    ],
)
async def test_environments_are_found_by_a_beginning_in_any_case_of_all_letters(
    house: House, beginning: str, expected: list[str]
) -> None:
    async with house.store.writing() as tx:
        shop = await tx.make_project(house.org, "acme/shop", START)
        for name in ("über/Äußere", "Übersee", "other"):
            made = await environment(tx, house, name)
            await tx.project_environment(house.org.id, shop, made, START)
    async with house.store.reading() as reading:
        found = await places_of(reading, house.scope, shop, beginning=beginning)
    assert [place.environment.name for place in found] == expected


async def test_an_environments_state_moves_its_time_only_when_it_changes(house: House) -> None:
    record = await house.add()
    place = (house.org.id, record.project.id, record.environment.id)

    async def shown() -> tuple[str, object]:
        async with house.store.reading() as reading:
            (place,) = await places_of(reading, house.scope, record.project)
        return place.here.state, place.here.updated_at

    for state, now, expected in (
        ("available", at(1), ("available", START)),
        ("stopped", at(2), ("stopped", at(2))),
        ("stopped", at(3), ("stopped", at(2))),
        ("available", at(4), ("available", at(4))),
    ):
        async with house.store.writing() as tx:
            await tx.set_environment_state(*place, state, now)
        assert await shown() == expected


async def test_a_slot_is_one_per_environment_and_name_also_the_empty_one(house: House) -> None:
    async with house.store.writing() as tx:
        a, b = await environment(tx, house, "a"), await environment(tx, house, "b")
        slots = [
            await tx.lock_slot(house.org.id, place.id, name, START)
            for place in (a, b)
            for name in ("", "shop", "Shop")
        ]
        assert len({slot.id for slot in slots}) == len({slot.number for slot in slots}) == 6
        assert await tx.lock_slot(house.org.id, a.id, "", at(1)) == slots[0]


async def test_any_shared_digest_is_the_same_artifact(house: House) -> None:
    async with house.store.writing() as tx:
        first = await tx.artifact(house.org.id, image("a"), START)
        both = {"sha256": "a" * 64, "sha512": "b" * 128}
        more = await tx.artifact(house.org.id, Artifact(digests=both), START)
        again = await tx.artifact(house.org.id, Artifact(digests={"sha512": "b" * 128}), START)
        other = await tx.artifact(house.org.id, image("c"), START)
    assert first.id == more.id == again.id != other.id
    assert again.digests == both


async def test_an_artifact_is_known_where_nothing_is_said(house: House) -> None:
    kind = ArtifactKind.HELM_CHART
    async with house.store.writing() as tx:
        await tx.artifact(house.org.id, image("a", name="shop", version="1"), START)
        known = await tx.artifact(house.org.id, image("a", kind=kind), START)
        assert (known.kind, known.name, known.version) == (kind, "shop", "1")
        said = await tx.artifact(house.org.id, image("a", version="2"), START)
        assert (said.kind, said.name, said.version) == (kind, "shop", "2")
    async with house.store.writing() as tx:
        assert await tx.artifact(house.org.id, image("a"), START) == said


async def test_an_artifact_without_digests_has_no_identity(house: House) -> None:
    async with house.store.writing() as tx:
        said = Artifact(name="shop", version="1")
        assert await tx.artifact(house.org.id, said, START) == said


async def test_artifacts_that_turn_out_to_be_one_are_found_by_either_digest(house: House) -> None:
    one, other = {"sha256": "a" * 64}, {"sha512": "b" * 128}
    await house.add(artifact=Artifact(digests=one))
    await house.add(artifact=Artifact(digests=other))
    await house.add(artifact=Artifact(digests={**other, **one}))
    await house.add(artifact=Artifact(digests=other))
    assert set(await house.numbers(digest=("sha256", "a" * 64))) >= {1, 3, 4}
    assert set(await house.numbers(digest=("sha512", "b" * 128))) >= {2, 3, 4}


@pytest.mark.parametrize(
    ("digests", "found"),
    [
        (sha256("a"), "newer"),
        (sha256("b"), "older"),
        ({**sha256("b"), "sha512": "c" * 128}, "newest"),
        (sha256("f"), None),
        ({"sha512": "a" * 64}, None),
    ],
)
async def test_the_project_of_a_digest_is_that_of_its_newest_record(
    house: House, digests: Mapping[str, str], found: str | None
) -> None:
    await house.add(project="older", artifact=image("a"))
    await house.add(project="newer", artifact=image("a"))
    await house.add(project="older", artifact=image("b"))
    await house.add(project="newest", artifact=Artifact(digests={"sha512": "c" * 128}))
    async with house.store.writing() as tx:
        project = await tx.project_of_digests(house.scope, digests)
    assert (project.name if project else None) == found


async def test_the_project_of_a_digest_is_one_the_caller_sees(house: House) -> None:
    older = (await house.add(project="older")).project
    await house.add(project="newer")
    async with house.store.writing() as tx:
        only = Scope(house.org.id, frozenset({older.id}))
        assert await tx.project_of_digests(only, sha256("a")) == older


async def test_numbers_are_unique_in_the_gateway_and_count_per_project(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    made = [
        await place.add(project=project)
        for place in (house, umbrella)
        for project in ("a", "b")
        for _ in range(3)
    ]
    assert [record.project_number for record in made] == [1, 2, 3] * 4
    numbers = [record.number for record in made]
    assert numbers == sorted(set(numbers))
    assert len({record.project.number for record in made}) == 4
    assert len({record.project_environment.number for record in made}) == 4
    assert len({record.slot.number for record in made}) == 2


async def test_a_number_is_never_given_twice(house: House) -> None:
    first = await house.add()
    async with house.store.writing() as tx:
        await tx.remove(first)
    second = await house.add(presence=Presence.LIVE, source=Source(commit="c"))
    assert second.number > first.number
    assert second.project_number == first.project_number + 1


async def test_two_orgs_share_no_place(house: House) -> None:
    umbrella = await opened_house(house.store, "umbrella")
    ours, theirs = await house.add(), await umbrella.add()
    assert ours.environment.id != theirs.environment.id
    assert ours.artifact.id != theirs.artifact.id
    async with house.store.writing() as tx:
        for scope, there in ((house.scope, theirs), (umbrella.scope, ours)):
            assert await tx.project(scope, there.project.path) is None
            assert await tx.project_by_number(scope, there.project.number) is None
            assert await places_of(tx, scope, there.project) == ()
        mine = await tx.project_of_digests(house.scope, sha256("a"))
        assert isinstance(mine, Project)
        assert mine.path == "acme/shop"
