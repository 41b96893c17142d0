"""``GET /v1/deployments`` over HTTP: views, filters and pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.adapters.chainloop_client import COMMIT, PATH, PROFILES, Client, digest, message
from tests.world import MakeWorld, World


@pytest.fixture(params=PROFILES)
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(chainloop_profile=request.param)


@pytest.fixture
async def client(world: World) -> Lister:
    return Lister(world, await world.token())


@pytest.fixture
async def documented(make_world: MakeWorld) -> Lister:
    world = await make_world()
    return Lister(world, await world.token())


class Lister(Client):
    """Records artifacts by number."""

    async def put(self, number: int, environment: str = "production", **said: object) -> str:
        """Record artifact ``number``; its id."""
        said = {"artifact_digest": digest(number), "deployment_name": "", **said}
        made: str = (await self.record(environment_name=environment, **said))["id"]
        return made


def ids(records: Iterable[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


async def test_the_default_list_shows_one_record_per_slot(client: Lister) -> None:
    await client.put(1, deployment_name="a")
    newest_of_a = await client.put(2, deployment_name="a")
    other_name = await client.put(3, deployment_name="b")
    other_place = await client.put(4, "staging", deployment_name="a")
    assert await client.shown() == [other_place, other_name, newest_of_a]


async def test_a_slot_without_a_live_record_shows_its_newest_that_ended(client: Lister) -> None:
    gone = await client.put(1)
    await client.put(1, status="DECOMMISSIONED")
    listed = await client.list()
    assert ids(listed["deployment_records"]) == [gone]
    assert listed["deployment_records"][0]["status"] == "DECOMMISSIONED"


async def test_full_history_is_every_record_newest_first(client: Lister) -> None:
    made = [await client.put(number) for number in (1, 2, 1)]
    assert await client.shown(full_history="true") == made[::-1]
    assert await client.shown(fullHistory=1) == made[::-1]
    assert await client.shown(full_history="") == made[-1:]


async def test_what_never_arrived_is_only_in_the_full_history(client: Lister) -> None:
    for state in ("created", "blocked", "running", "failed", "canceled", "skipped"):
        await client.elsewhere("shop", state=state)
    assert await client.shown() == []
    history = (await client.list(full_history="true"))["deployment_records"]
    assert {record["status"] for record in history} == {"DEPLOYMENT_STATUS_UNSPECIFIED"}
    assert len(history) == 6


async def test_a_record_by_commit_shows_its_stand_ins(client: Lister) -> None:
    await client.elsewhere("shop")
    (record,) = (await client.list())["deployment_records"]
    assert record["artifact_id"] == ""
    assert record["artifact"] == {
        "kind": "ARTIFACT_KIND_UNSPECIFIED",
        "name": "acme/shop",
        "digest": f"gitCommit:{COMMIT}",
        "version": "main",
    }


async def test_an_environment_of_three_parts_has_one_name(client: Lister) -> None:
    parts = {"logical": "prod", "physical": "eu", "cluster": "c1"}
    await client.elsewhere("shop", environment=parts)
    listed = await client.list(environment_name="prod/eu/c1")
    assert [r["environment_name"] for r in listed["deployment_records"]] == ["prod/eu/c1"]


async def test_environment_and_deployment_name_choose_slots(client: Lister) -> None:
    a = await client.put(1, deployment_name="a")
    b = await client.put(2, deployment_name="b")
    staged = await client.put(3, "staging", deployment_name="a")
    assert await client.shown(environment_name="production") == [b, a]
    assert await client.shown(deployment_name="a") == [staged, a]
    assert await client.shown(environmentName="staging", deploymentName="a") == [staged]
    assert await client.shown(environment_name="nowhere") == []
    assert await client.shown(environment_name="Production") == []
    assert await client.shown(deployment_name="") == [staged, b, a]


async def test_status_filters_what_each_slot_shows_or_every_row(client: Lister) -> None:
    first = await client.put(1)
    second = await client.put(2)
    gone = await client.put(3, "staging", status="DECOMMISSIONED")
    assert await client.shown(status="DEPLOYED") == [second]
    assert await client.shown(status="SUPERSEDED") == []
    assert await client.shown(status="SUPERSEDED", full_history="true") == [first]
    assert await client.shown(status=2) == [gone]
    assert await client.shown(status="DEPLOYMENT_STATUS_UNSPECIFIED") == [gone, second]


async def test_artifact_kind_filters(client: Lister) -> None:
    image = await client.put(1, "a", kind="CONTAINER_IMAGE")
    chart = await client.put(2, "b", kind="HELM_CHART")
    unsaid = await client.put(3, "c")
    assert await client.shown(artifact_kind="CONTAINER_IMAGE") == [image]
    assert await client.shown(artifactKind=2) == [chart]
    assert await client.shown(artifact_kind=0) == [unsaid, chart, image]


async def test_a_project_is_named_with_or_without_its_org(client: Lister) -> None:
    shop = await client.put(1, "a", artifact_name="ghcr.io/acme/shop", artifact_version="1.0")
    await client.put(2, "b", artifact_name="ghcr.io/acme/other", artifact_version="1.0")
    for name in ("shop", "acme/shop", "Acme/SHOP"):
        assert await client.shown(project_name=name) == [shop]
        assert await client.shown(project_name=name, project_version_name="1.0") == [shop]
        assert await client.shown(project_name=name, project_version_name="2.0") == []
    assert await client.shown(project_name="nowhere") == []
    assert await client.shown(project_name="../..") == []


async def test_a_records_version_is_its_ref_where_it_has_no_other(client: Lister) -> None:
    await client.elsewhere("shop")
    found = await client.shown(project_name="shop", project_version_name="main")
    assert len(found) == 1


async def test_a_version_needs_its_project(client: Lister) -> None:
    text = "validation error: project_name must be set when project_version_name is set"
    assert await client.refused(project_version_name="1.0") == text


async def test_a_query_that_does_not_bind_is_refused_before_the_credential(world: World) -> None:
    answer = await world.client.get(f"{PATH}?status=deployed")
    assert message(answer) == 'parsing field "status": "deployed" is not a valid value'


# Pages


def pagination(page: int, size: int, total: int, pages: int) -> dict[str, int]:
    return {"page": page, "page_size": size, "total_count": total, "total_pages": pages}


async def test_pages_add_up(client: Lister) -> None:
    made = [await client.put(number) for number in range(7)][::-1]
    seen = []
    for page in range(client.first_page, client.first_page + 4):
        listed = await client.list(
            full_history="true", pagination__page=page, pagination__page_size=2
        )
        seen += ids(listed["deployment_records"])
        assert listed["pagination"] == pagination(page, 2, 7, 4)
    assert seen == made
    beyond = await client.list(full_history="true", pagination__page=9, pagination__pageSize=2)
    assert beyond == {"deployment_records": [], "pagination": pagination(9, 2, 7, 4)}
    last = await client.list(
        full_history="true", pagination__page=2**31 - 1, pagination__page_size=100
    )
    assert last["pagination"] == pagination(2**31 - 1, 100, 7, 1)


async def test_a_total_counts_what_the_filters_leave(client: Lister) -> None:
    for number in range(3):
        await client.put(number)
    page = client.first_page
    listed = await client.list(
        full_history="true",
        status="SUPERSEDED",
        pagination__page=page,
        pagination__page_size=1,
    )
    assert listed["pagination"] == pagination(page, 1, 2, 2)


@pytest.mark.parametrize(
    ("asked", "page", "size"),
    [
        ({}, 0, 100),
        ({"pagination__page": ""}, 0, 100),
        ({"pagination__page": 0}, 0, 100),
        ({"pagination__page": 3}, 3, 100),
        ({"pagination__page_size": 0}, 0, 100),
        ({"pagination__page_size": 7}, 0, 7),
        ({"pagination__page_size": 101}, 0, 100),
        ({"pagination__page_size": 2**31 - 1}, 0, 100),
    ],
)
async def test_documented_a_page_size_is_cut_to_the_maximum(
    documented: Lister, asked: dict[str, object], page: int, size: int
) -> None:
    assert (await documented.list(**asked))["pagination"] == pagination(page, size, 0, 0)


async def test_documented_only_negative_numbers_are_refused(documented: Lister) -> None:
    page = "page must be greater than or equal to 0"
    size = "pageSize must be greater than 0"
    assert await documented.refused(pagination__page=-1) == f"validation error: {page}"
    assert await documented.refused(pagination__page_size=-1) == f"validation error: {size}"
    both = await documented.refused(pagination__page=-1, pagination__page_size=-1)
    assert both == f"validation errors:\n - {page}\n - {size}"


PAGE = "pagination.page: must be greater than or equal to 1"
SIZE = "pagination.page_size: must be greater than 0 and less than or equal to 100"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"pagination__page": 0, "pagination__page_size": 1}, f"validation error: {PAGE}"),
        ({"pagination__page_size": 1}, f"validation error: {PAGE}"),
        ({"pagination__page": 1}, f"validation error: {SIZE}"),
        ({"pagination__page": 1, "pagination__page_size": 101}, f"validation error: {SIZE}"),
        ({"pagination__zzz": 1}, f"validation errors:\n - {PAGE}\n - {SIZE}"),
        ({"pagination__page": "", "project_version_name": "1"},
         f"validation errors:\n - {PAGE}\n - {SIZE}"
         "\n - project_name must be set when project_version_name is set"),
    ],
)  # fmt: skip
async def test_observed_both_numbers_are_needed_and_bounded(
    make_world: MakeWorld, asked: dict[str, object], text: str
) -> None:
    world = await make_world(chainloop_profile="observed")
    client = Lister(world, await world.token())
    answer = await client.get(**asked)
    assert answer.json() == {"code": 400, "reason": "", "message": text, "metadata": {}}


async def test_the_observed_keys_are_in_camel_case(make_world: MakeWorld) -> None:
    world = await make_world(chainloop_profile="observed")
    client = Lister(world, await world.token())
    await client.put(1)
    body = (await client.get()).json()
    assert list(body) == ["deploymentRecords", "pagination"]
    assert body["pagination"] == {"page": 1, "pageSize": 100, "totalCount": 1, "totalPages": 1}
    assert {"environmentId", "artifactId", "lastSeenAt"} < body["deploymentRecords"][0].keys()
