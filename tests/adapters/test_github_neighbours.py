"""Around GitHub's records: limits, validators, preflight, pages, storage and neighbours."""

from __future__ import annotations

import asyncio
import re
import time
from hashlib import sha256
from typing import Any

import httpx
import pytest

from adapters.github import dialect
from tests.adapters.test_github_http import A, B, Client, refused
from tests.schemas import misfits
from tests.world import MakeWorld, World

ARTIFACTS = "/orgs/acme/artifacts"
LIST = f"{ARTIFACTS}/{A}/metadata/deployment-records"
STORAGE = f"{ARTIFACTS}/metadata/storage-record"
KEPT = {"name": "libfoo", "digest": A, "registry_url": "https://reg.example.com/artifactory/"}


@pytest.fixture
async def client(world: World) -> Client:
    return Client(world, await world.token())


async def test_the_primary_limit_is_told_as_github_tells_it(make_world: MakeWorld) -> None:
    world = await make_world(rate_limit=3)
    client = Client(world, await world.token())
    left = [int((await client.get(A)).headers["x-ratelimit-remaining"]) for _ in range(3)]
    assert left == [2, 1, 0]
    free = await world.client.get("/rate_limit", headers=client.headers)
    core = free.json()["resources"]["core"]
    assert core["used"] == free.json()["rate"]["used"] == 3
    assert core == {name: int(free.headers[f"x-ratelimit-{name}"]) for name in core}
    answer = await client.get(A)
    assert answer.status_code == 403
    assert misfits(dialect, "error", answer.json()) == []
    assert answer.json()["message"].startswith("API rate limit exceeded")
    headers = answer.headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("3", "0")
    assert time.time() - 1 < int(headers["x-ratelimit-reset"]) <= time.time() + 61
    assert "retry-after" not in headers
    other = Client(world, await world.token())
    assert (await other.get(A)).status_code == 200, "each token has its own"


async def test_the_secondary_limit_is_told_as_github_tells_it(make_world: MakeWorld) -> None:
    world = await make_world(rate_limit=80)
    client = Client(world, await world.token())
    answers = await asyncio.gather(*(client.get(A) for _ in range(50)))
    refusals = [answer for answer in answers if answer.status_code != 200]
    assert refusals
    for answer in refusals:
        assert answer.status_code == 429
        assert misfits(dialect, "error", answer.json()) == []
        assert "secondary rate limit" in answer.json()["message"]
        assert answer.json()["documentation_url"].endswith("secondary-rate-limits")
        assert int(answer.headers["retry-after"]) >= 1
        assert int(answer.headers["x-ratelimit-remaining"]) > 0


@pytest.mark.parametrize(
    "path",
    ["/api/v4/projects", "/v1/deployments", "/v1/organization/deployment", "/gateway/v1/records"],
)
async def test_every_dialect_words_the_limit(make_world: MakeWorld, path: str) -> None:
    world = await make_world(rate_limit=1)
    headers = {"authorization": f"Bearer {await world.token()}"}
    answers = [await world.client.get(path, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429], answers[1].text
    assert int(answers[1].headers["retry-after"]) >= 1


async def test_an_answer_known_by_its_etag_is_not_sent_again(client: Client) -> None:
    made = await client.post()
    assert made.headers["etag"] == f'"{sha256(made.content).hexdigest()}"'
    first = await client.get(A)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        headers = {**client.headers, "if-none-match": known}
        again = await client.world.client.get(LIST, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["x-github-request-id"]
    await client.post(deployment_name="other")
    headers = {**client.headers, "if-none-match": tag}
    changed = await client.world.client.get(LIST, headers=headers)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


@pytest.mark.parametrize("base", ["", "/api/v3"])
async def test_a_browser_may_ask_first(world: World, base: str) -> None:
    answer = await world.client.options(f"{base}{LIST}", headers={"origin": "https://a.example"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-allow-headers"]


async def test_the_whole_org_is_listed_in_pages(client: Client) -> None:
    made = [(await client.record(deployment_name=f"d{n}"))["id"] for n in range(5)]
    await client.record(deployment_name="d0", digest=B)
    path, found, pages = f"{ARTIFACTS}/metadata/deployment-records?per_page=2", [], 0
    while path:
        answer = await client.world.client.get(path, headers=client.headers)
        assert misfits(dialect, "list", answer.json()) == []
        assert answer.json()["total_count"] == 5
        found += [record["id"] for record in answer.json()["deployment_records"]]
        links = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
        by_rel = {rel: url for url, rel in links}
        path, pages = by_rel.get("next", ""), pages + 1
    assert (found, pages) == (made, 3)
    assert by_rel.keys() == {"prev", "first"}
    assert by_rel["prev"].endswith("metadata/deployment-records?per_page=2&page=2")
    whole = await client.world.client.get(
        f"{ARTIFACTS}/metadata/deployment-records?page=x&per_page=0", headers=client.headers
    )
    assert ("link" in whole.headers, whole.json()["total_count"]) == (False, 5)


async def test_storage_records_are_made_updated_and_listed(client: Client) -> None:
    async def post(**said: Any) -> dict[str, Any]:
        answer = await client.world.client.post(
            STORAGE, json={**KEPT, **said}, headers=client.headers
        )
        assert answer.status_code == 200, answer.text
        assert misfits(dialect, "storage_list", answer.json()) == []
        (record,) = answer.json()["storage_records"]
        return dict(record)

    made = await post(version="1.2.3", path="com/x")
    assert (made["status"], made["repository"], made["artifact_url"]) == ("active", None, None)
    again = await post(status="eol", artifact_url="https://reg.example.com/x")
    assert (again["id"], again["status"]) == (made["id"], "eol")
    assert again["created_at"] == made["created_at"]
    other = await post(repository="bar")
    assert other["id"] != made["id"]
    path = f"{ARTIFACTS}/{A}/metadata/storage-records"
    listed = await client.world.client.get(path, headers=client.headers)
    assert misfits(dialect, "storage_list", listed.json()) == []
    assert listed.json() == {"total_count": 2, "storage_records": [again, other]}
    short = await client.world.client.post(
        STORAGE, json={**KEPT, "return_records": False}, headers=client.headers
    )
    assert short.json() == {"total_count": 1}
    none = await client.world.client.get(path.replace(A, B), headers=client.headers)
    assert none.json() == {"total_count": 0, "storage_records": []}
    hidden = Client(client.world, await client.world.token("read", projects=["acme/other"]))
    unseen = await client.world.client.get(path, headers=hidden.headers)
    assert unseen.json()["total_count"] == 0


async def test_a_storage_record_of_a_project_out_of_reach_is_forbidden(any_world: World) -> None:
    whole = Client(any_world, await any_world.token())
    limited = Client(any_world, await any_world.token(projects=["acme/aside"]))

    async def post(client: Client, **said: Any) -> httpx.Response:
        return await any_world.client.post(STORAGE, json={**KEPT, **said}, headers=client.headers)

    async def listed(client: Client) -> Any:
        path = f"{ARTIFACTS}/{A}/metadata/storage-records"
        return (await any_world.client.get(path, headers=client.headers)).json()

    assert (await post(whole, github_repository="shop", path="com/x")).status_code == 200
    before = await listed(whole)
    for said in ({}, {"github_repository": "aside"}):
        assert (await post(limited, status="deleted", **said)).status_code == 403
    assert await listed(whole) == before
    assert (await listed(limited))["total_count"] == 0
    assert (await post(limited, repository="own")).status_code == 200
    assert (await post(limited, repository="own", status="eol")).status_code == 200
    assert [one["status"] for one in (await listed(limited))["storage_records"]] == ["eol"]


async def test_what_is_not_said_of_a_storage_record_stays(any_world: World) -> None:
    whole = Client(any_world, await any_world.token())
    shop = Client(any_world, await any_world.token("read", projects=["acme/shop"]))
    bank = Client(any_world, await any_world.token("read", projects=["acme/bank"]))

    async def post(**said: Any) -> None:
        answer = await any_world.client.post(STORAGE, json=KEPT | said, headers=whole.headers)
        assert answer.status_code == 200, answer.text

    async def listed(client: Client) -> list[Any]:
        path = f"{ARTIFACTS}/{A}/metadata/storage-records"
        answer = await any_world.client.get(path, headers=client.headers)
        return [one["artifact_url"] for one in answer.json()["storage_records"]]

    place = "https://reg.example.com/x"
    await post(github_repository="shop", artifact_url=place)
    body = {"name": "libfoo", "digest": A, "status": "deployed", "deployment_name": "d"}
    body |= {"logical_environment": "prod", "github_repository": "bank"}
    path = f"{ARTIFACTS}/metadata/deployment-record"
    deployed = await any_world.client.post(path, json=body, headers=whole.headers)
    assert deployed.status_code == 200, deployed.text
    await post(status="eol")
    assert (await listed(shop), await listed(bank)) == ([place], [])
    await post(github_repository="bank")
    assert (await listed(shop), await listed(bank)) == ([], [place])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"registry_url": "http://x"}, "http://x does not match /^https:\\/\\//."),
        ({"status": "inactive"}, 'inactive is not a member of ["active", "eol", "deleted"].'),
        ({"path": None}, "For 'properties/path', nil is not a string."),
    ],
)
async def test_a_storage_record_is_judged_by_its_schema(
    client: Client, said: dict[str, Any], sentence: str
) -> None:
    answer = await client.world.client.post(STORAGE, json={**KEPT, **said}, headers=client.headers)
    refused(
        answer,
        422,
        f"Invalid request.\n\n{sentence}",
        "create-artifact-metadata-storage-record",
    )


async def test_neighbours_answer(client: Client) -> None:
    await client.record(github_repository="shop")

    async def ask(path: str, **headers: str) -> Any:
        return await client.world.client.get(path, headers={**client.headers, **headers})

    assert (await ask("/versions")).json() == ["2022-11-28", "2026-03-10"]
    newer = await ask("/rate_limit", **{"x-github-api-version": "2026-03-10"})
    assert newer.json().keys() == {"resources"}
    zen = await client.world.client.get("/zen")
    assert (zen.headers["content-type"], len(zen.text) > 0) == ("text/plain; charset=utf-8", True)
    assert (await client.world.client.get("/meta")).status_code == 200
    org = (await ask("/api/v3/orgs/ACME")).json()
    assert (org["login"], org["type"]) == ("acme", "Organization")
    repository = (await ask("/repos/acme/shop")).json()
    assert (repository["full_name"], repository["owner"]["type"]) == ("acme/shop", "Organization")
    for path in ("/orgs/umbrella", "/repos/umbrella/shop", "/repos/acme/nothing"):
        refused(await ask(path), 404, "Not Found")
    assert (await client.world.client.get("/orgs/acme")).status_code == 401


@pytest.mark.parametrize("base", ["", "/api/v3", "//api/v3"])
async def test_addresses_stay_below_the_base_that_was_asked(client: Client, base: str) -> None:
    """A client of an Enterprise Server takes no address that is not below its own base."""
    await client.record(github_repository="shop")
    below = f"http://gateway.test{base.replace('//', '/')}"

    async def ask(path: str) -> Any:
        url = f"http://gateway.test{base}{path}"
        return (await client.world.client.get(url, headers=client.headers)).json()

    repository = await ask("/repos/acme/shop")
    assert repository["url"] == f"{below}/repos/acme/shop"
    assert repository["owner"]["url"] == f"{below}/orgs/acme"
    assert repository["html_url"] == "http://gateway.test/acme/shop"
    await client.world.admin("POST", "/orgs/acme/projects", {"path": "acme/web/a b"})
    below_it = await ask("/repos/acme/web%2Fa%20b")
    assert below_it["url"] == f"{below}/repos/acme/web%2Fa%20b"
    assert below_it["html_url"] == "http://gateway.test/acme/web/a%20b"
    org = await ask("/orgs/acme")
    assert (org["url"], org["repos_url"]) == (f"{below}/orgs/acme", f"{below}/orgs/acme/repos")


async def test_thirty_identical_posts_at_once_leave_one_record(any_world: World) -> None:
    client = Client(any_world, await any_world.token())
    answers = await asyncio.gather(*(client.post() for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["deployment_records"][0]["id"] for answer in answers}) == 1
    (record,) = await any_world.held()
    assert record.project_number == 1
