"""The gateway's own ``GET /v1/organization/deployment`` and ``…/{id}``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from adapters.iftrue import dialect
from tests.schemas import misfits
from tests.world import MakeWorld, World

PATH = "/v1/organization/deployment"
SHOP, OTHER = "https://git.example/acme/shop", "git@git.example:acme/other.git"


class Client:
    """Posts and reads as the holder of one token."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.headers = {"authorization": f"Bearer {token}"}

    async def record(self, repository: str = SHOP, **said: object) -> dict[str, Any]:
        """The deployment that a post answers with."""
        body = {"title": "t", "branch": "main", "commit_id": "c", "member_id": "m", **said}
        body |= {"repository_url": repository, "pull_request_number": 1}
        answer = await self.world.client.post(PATH, json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        record: dict[str, Any] = answer.json()
        return record

    async def get(self, path: str = PATH, **query: object) -> httpx.Response:
        answer = await self.world.client.get(f"{path}?{urlencode(query)}", headers=self.headers)
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        name = "error" if answer.status_code != 200 else "list" if path == PATH else "record"
        assert misfits(dialect, name, answer.json()) == []
        return answer

    async def page(self, **query: object) -> dict[str, Any]:
        answer = await self.get(**query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def shown(self, **query: object) -> list[str]:
        """The ids on a page."""
        return [record["id"] for record in (await self.page(**query))["data"]]

    async def refused(self, **query: object) -> list[str]:
        answer = await self.get(**query)
        assert answer.status_code == 400, answer.text
        texts: list[str] = answer.json()["message"]
        return texts


@pytest.fixture(params=["documented", "observed"])
async def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return await make_world(iftrue_profile=request.param)


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


async def test_an_empty_list_is_a_page(client: Client) -> None:
    assert await client.page() == {"data": [], "page": 1, "limit": 20, "total": 0}


async def test_what_is_told_late_stands_where_it_happened(client: Client) -> None:
    for year in (2022, 2020, 2021):
        body = {"project": "acme/shop", "environment": "production", "source": {"commit": "a" * 40}}
        told = {**body, "org": "acme", "occurred_at": f"{year}-01-01T00:00:00Z", "state": "failed"}
        assert (await client.world.admin("POST", "/records", told)).status_code == 201
    listed = (await client.get()).json()["data"]
    assert [record["created_at"][:4] for record in listed] == ["2022", "2021", "2020"]


async def test_pages_hold_the_posted_records_newest_first_and_add_up(client: Client) -> None:
    made = [await client.record() for _ in range(5)][::-1]
    seen: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        page = await client.page(page=number, limit=2)
        assert (page["page"], page["limit"], page["total"]) == (number, 2, 5)
        seen += page["data"]
    assert seen == made
    assert await client.page(page=4, limit=2) == {"data": [], "page": 4, "limit": 2, "total": 5}


async def test_a_repository_is_found_in_any_spelling(client: Client) -> None:
    shop, other = await client.record(SHOP), await client.record(OTHER)
    for url in (
        SHOP,
        f"<{SHOP}.git>",
        "git@git.example:acme/shop.git",
        "ACME/Shop",
        "acme-inc/shop",
    ):
        assert await client.shown(repository_url=url) == [shop["id"]]
    assert await client.shown(repository_url=OTHER) == [other["id"]]
    assert await client.shown(repository_url="https://git.example/acme/none") == []
    assert await client.shown(repository_url="../..") == []


async def test_branch_and_status_filter(client: Client) -> None:
    main = await client.record(status="in_progress")
    side = await client.record(branch="side", status="fail")
    done = await client.record()
    assert await client.shown(branch="side") == [side["id"]]
    assert await client.shown(status="in_progress") == [main["id"]]
    assert await client.shown(status="fail") == [side["id"]]
    assert await client.shown(status="succes") == [done["id"]]
    assert await client.shown(status="fail", branch="main") == []


async def test_a_word_finds_every_state_it_stands_for(client: Client) -> None:
    words = {"created": "in_progress", "blocked": "in_progress", "running": "in_progress"}
    words |= {"failed": "fail", "canceled": "fail", "skipped": "fail", "success": "succes"}
    for state in words:
        body = {"org": "acme", "project": "shop", "environment": "e", "state": state}
        await client.world.admin("POST", "/records", {**body, "source": {"commit": "c"}})
    assert (await client.page(status="in_progress"))["total"] == 3
    assert (await client.page(status="fail"))["total"] == 3
    assert (await client.page(status="succes"))["total"] == 1
    assert (await client.page())["total"] == 7


async def test_the_moment_that_is_shown_of_a_deployment_bounds_it_in(client: Client) -> None:
    for moment in ("2026-02-01T10:00:00.123456Z", "2026-02-01T10:00:00.124Z"):
        body = {"org": "acme", "project": "shop", "environment": "e", "occurred_at": moment}
        await client.world.admin("POST", "/records", {**body, "source": {"commit": moment}})
    newer, older = (await client.page())["data"]
    for shown in (newer, older):
        moment = shown["created_at"]
        assert await client.shown(since=moment, until=moment) == [shown["id"]]
    assert await client.shown(until="2026-02-01T10:00:00.123455Z") == []
    assert await client.shown(until="2026-02-01T10:00:00.123456Z") == [older["id"]]


async def test_since_and_until_bound_the_creation(client: Client) -> None:
    times = ("2026-01-01T00:00:00Z", "2026-02-01T12:00:00+02:00", "2026-03-01T00:00:00Z")
    for moment in times:
        body = {"org": "acme", "project": "shop", "environment": "e", "occurred_at": moment}
        await client.world.admin("POST", "/records", {**body, "source": {"commit": moment}})

    async def found(**query: object) -> list[str]:
        return [record["created_at"][:10] for record in (await client.page(**query))["data"]]

    assert await found(since="2026-02-01") == ["2026-03-01", "2026-02-01"]
    assert await found(until="2026-02-01T10:00:00Z") == ["2026-02-01", "2026-01-01"]
    assert await found(until="2026-02-01T10:00:00.000001") == ["2026-02-01", "2026-01-01"]
    assert await found(since="2026-02-01T11:00:00+01:00", until="20260228T000000Z") == [
        "2026-02-01"
    ]
    assert await found(since="2026-03-02", until="2026-01-01") == []
    assert await found(until="9999-12-31T23:59:59.999Z", since="2026-03-01") == ["2026-03-01"]
    assert await found(since="0001-01-01", until="9999-12-31T23:59:59Z") == [
        *("2026-03-01", "2026-02-01", "2026-01-01")
    ]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ({"page": "0"}, ["page must not be less than 1"]),
        ({"page": "-3"}, ["page must not be less than 1"]),
        ({"page": "x"}, ["page must be an integer number"]),
        ({"page": "1.5"}, ["page must be an integer number"]),
        ({"page": "\u0661"}, ["page must be an integer number"]),
        ({"page": "9" * 5000}, ["page must not be greater than 2147483647"]),
        ({"limit": "101"}, ["limit must not be greater than 100"]),
        ({"limit": "00"}, ["limit must not be less than 1"]),
        ({"status": "success"},
         ["status must be one of the following values: succes, in_progress, fail"]),
        ({"repository_url": "https://git.example"}, ["repository_url must be a URL address"]),
        ({"since": "yesterday"}, ["since must be a valid ISO 8601 date string"]),
        ({"until": "0001-01-01T00:00:00+23:59"}, ["until must be a valid ISO 8601 date string"]),
        ({"until": "x", "limit": "x", "page": "x"},
         ["page must be an integer number", "limit must be an integer number",
          "until must be a valid ISO 8601 date string"]),
    ],
)  # fmt: skip
async def test_a_filter_that_makes_no_sense_is_refused_in_words(
    client: Client, query: dict[str, str], texts: list[str]
) -> None:
    assert await client.refused(**query) == texts


async def test_blank_and_unknown_parameters_are_dropped(client: Client) -> None:
    page = await client.page(page="", limit="", status="", since="", branch="", zz="1")
    assert (page["page"], page["limit"]) == (1, 20)


async def test_the_largest_page_is_empty(client: Client) -> None:
    await client.record()
    page = await client.page(page=2**31 - 1, limit=100)
    assert (page["data"], page["total"]) == ([], 1)


async def test_one_record_reads_as_it_was_posted(client: Client) -> None:
    made = await client.record(deployment_duration=1.5, changelog="more")
    answer = await client.get(f"{PATH}/{made['id']}")
    assert answer.json() == made
    assert answer.headers["deployment-gateway-fidelity"].startswith("loses=project.path")
    loud = await client.get(f"{PATH}/{made['id'].upper()}/")
    assert loud.json() == made


@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000000", "1", "x%2Fy", "%00"])
async def test_what_names_no_record_is_not_found(client: Client, name: str) -> None:
    answer = await client.get(f"{PATH}/{name}")
    expected = {"message": "Deployment not found", "error": "Not Found", "statusCode": 404}
    if name == "%00":
        assert answer.status_code == 400
    else:
        assert answer.json() == expected


async def test_another_orgs_and_another_projects_records_do_not_exist(world: World) -> None:
    made = await Client(world, await world.token()).record()
    elsewhere = Client(world, await world.token(org="umbrella"))
    limited = Client(world, await world.token(projects=["acme/other"], user="bob"))
    for outsider in (elsewhere, limited):
        assert (await outsider.page())["total"] == 0
        assert (await outsider.get(f"{PATH}/{made['id']}")).status_code == 404


async def test_reading_needs_a_credential_and_no_more_than_read(world: World) -> None:
    for path in (PATH, f"{PATH}/1"):
        answer = await world.client.get(f"{path}?page=x")
        assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")
    reader = Client(world, await world.token("read"))
    assert (await reader.page())["total"] == 0


async def test_head_answers_as_get_does(client: Client) -> None:
    answer = await client.world.client.head(PATH, headers=client.headers)
    assert answer.status_code == 200
