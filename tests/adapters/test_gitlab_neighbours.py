"""Projects, environments, the user and the version, as clients of GitLab ask for them."""

from __future__ import annotations

import pytest

from adapters.gitlab.paging import Listing, headers
from gateway.dialect.paging import Page
from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, Client, client
from tests.world import MakeWorld, World

OTHER = "99d03678b90d914dbb1b109132516d71a4a03ea8"
ENVIRONMENTS = f"{SHOP}/environments"


async def with_environments(world: World, *names: str) -> Client:
    """A project with a success in each."""
    gitlab = await client(world)
    for name in names:
        await gitlab.create(environment=name)
    return gitlab


async def names(gitlab: Client, **query: object) -> list[str]:
    return [item["name"] for item in await gitlab.get(ENVIRONMENTS, **query)]


async def test_environments_come_by_number_with_their_project(world: World) -> None:
    gitlab = await with_environments(world, "production", "Staging", "review/fix-foo")
    found = await gitlab.get(ENVIRONMENTS)
    shown = [(e["name"], e["slug"], e["tier"], e["state"]) for e in found]
    assert shown == [
        ("production", "production", "production", "available"),
        ("Staging", "staging-" + found[1]["slug"][-6:], "staging", "available"),
        ("review/fix-foo", "review-fix-foo-v25cyx", "development", "available"),
    ]
    assert [e["id"] for e in found] == sorted(e["id"] for e in found)
    assert {e["project"]["path_with_namespace"] for e in found} == {"acme/shop"}
    assert "last_deployment" not in found[0]


async def test_environments_are_paged(world: World) -> None:
    gitlab = await with_environments(world, "a", "b", "c")
    answer = await gitlab.ask("GET", ENVIRONMENTS, params={"per_page": 2, "page": 2})
    assert [item["name"] for item in answer.json()] == ["c"]
    assert (answer.headers["X-Total"], answer.headers["X-Prev-Page"]) == ("3", "1")
    query = "?id=acme%2Fshop&page=1&per_page=2"
    assert answer.headers["Link"].startswith(f"<http://gateway.test/api/v4{ENVIRONMENTS}{query}>")
    assert await names(gitlab, page="9" * 30) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://gitlab.example:8443/folder", "gitlab.example"),
        ("https://gitlab.example/", "gitlab.example"),
        ("http://[::1]:8080", "[::1]"),
    ],
)
async def test_a_repository_is_cloned_from_the_host_alone(
    make_world: MakeWorld, url: str, host: str
) -> None:
    gitlab = await with_environments(await make_world(public_url=url), "production")
    shown = await gitlab.get(SHOP)
    assert shown["ssh_url_to_repo"] == f"git@{host}:acme/shop.git"
    assert shown["http_url_to_repo"] == f"{url.rstrip('/')}/acme/shop.git"


async def test_addresses_of_a_project_that_another_dialect_named_are_encoded(world: World) -> None:
    made = await world.admin("POST", "/orgs/acme/projects", {"path": "acme/ein Büro/100%?"})
    assert made.status_code == 201, made.text
    shown = await (await client(world)).get(f"/projects/{made.json()['number']}")
    page = "http://gateway.test/acme/ein%20B%C3%BCro/100%25%3F"
    assert (shown["web_url"], shown["http_url_to_repo"]) == (page, f"{page}.git")
    assert shown["namespace"]["web_url"] == "http://gateway.test/groups/acme/ein%20B%C3%BCro"


NAMES = ("production", "review/fix-foo", "review/Production", "pro")
FILTERS = [
    ({"name": "production"}, ["production"]),
    ({"name": "Production"}, []),
    ({"name": ""}, [*NAMES]),
    ({"search": "PROD"}, ["production", "review/Production"]),
    ({"search": "review/f"}, ["review/fix-foo"]),
    ({"search": "foo"}, []),
    ({"search": ""}, [*NAMES]),
    ({"states": "available"}, [*NAMES]),
    ({"states": "stopped"}, []),
    ({"states": "stopping"}, []),
]


async def test_environments_are_filtered(world: World) -> None:
    gitlab = await with_environments(world, *NAMES)
    for query, expected in FILTERS:
        assert await names(gitlab, **query) == expected, query


async def test_a_stopped_environment_says_so_and_a_success_starts_it(world: World) -> None:
    gitlab = await with_environments(world, "production")
    (live,) = await world.held()
    body = {
        "org": "acme",
        "project": "acme/shop",
        "environment": "production",
        "source": {"commit": live.source.commit, "ref": live.source.ref},
        "presence": "decommissioned",
    }
    answer = await world.admin("POST", "/records", body)
    assert answer.status_code == 200, answer.text
    assert await names(gitlab, states="stopped") == ["production"]
    again = await gitlab.create()
    assert again["iid"] == 2
    assert await names(gitlab, states="available") == ["production"]


WRONG = {
    "name=a&search=abc": {"error": "name, search cannot be used together"},
    "states=open": {"error": "states does not have a valid value"},
    "states[]=stopped": {"error": "states is invalid"},
    "search[]=abc": {"error": "search is invalid"},
    "per_page=0": {"error": "per_page has a value not allowed"},
}


@pytest.mark.parametrize(("query", "body"), WRONG.items())
async def test_a_wrong_environment_filter_is_refused(
    world: World, query: str, body: object
) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", f"{ENVIRONMENTS}?{query}")
    assert (answer.status_code, answer.json()) == (400, body)


async def test_a_search_of_two_characters_is_too_short(world: World) -> None:
    gitlab = await with_environments(world, "production")
    answer = await gitlab.ask("GET", f"{ENVIRONMENTS}?search=pr")
    text = "400 Bad request - Search query is less than 3 characters"
    assert (answer.status_code, answer.json()) == (400, {"message": text})
    answer = await gitlab.ask("GET", "/projects/4711/environments?search=pr")
    assert answer.json() == {"message": "404 Project Not Found"}


async def test_one_environment_shows_the_success_that_finished_last(world: World) -> None:
    gitlab = await client(world)
    first = await gitlab.create(status="running")
    second = await gitlab.create(sha=OTHER)
    path = f"{ENVIRONMENTS}/{first['environment']['id']}"
    assert (await gitlab.get(path))["last_deployment"]["id"] == second["id"]
    await gitlab.put(first["id"], "success")
    shown = await gitlab.get(path)
    assert shown["last_deployment"]["id"] == first["id"]
    assert "project" not in shown
    await gitlab.put(first["id"], "failed")
    assert (await gitlab.get(path))["last_deployment"]["id"] == second["id"]


async def test_an_environment_without_a_success_has_no_last_deployment(world: World) -> None:
    gitlab = await client(world)
    made = await gitlab.create(status="failed")
    shown = await gitlab.get(f"{ENVIRONMENTS}/{made['environment']['id']}")
    assert shown["last_deployment"] is None


async def test_an_environment_is_found_by_its_number_in_the_project_alone(world: World) -> None:
    gitlab = await with_environments(world, "production")
    other = await gitlab.create("/projects/acme%2Fapi/deployments")
    for number in (0, -1, "9" * 40, other["environment"]["id"]):
        answer = await gitlab.ask("GET", f"{ENVIRONMENTS}/{number}")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})
    answer = await gitlab.ask("GET", f"{ENVIRONMENTS}/production")
    assert (answer.status_code, answer.json()) == (400, {"error": "environment_id is invalid"})


async def test_the_environment_of_three_parts_is_shown_as_a_folder(world: World) -> None:
    gitlab = await client(world)
    parts = {"logical": "production", "physical": "eu", "cluster": "c1"}
    source = {"commit": OTHER, "ref": "main"}
    body = {"org": "acme", "project": "acme/shop", "environment": parts, "source": source}
    assert (await world.admin("POST", "/records", body)).status_code == 201
    assert await names(gitlab) == ["production/eu/c1"]


async def test_a_project_is_the_same_by_number_and_by_path(world: World) -> None:
    gitlab = await with_environments(world, "production")
    shown = await gitlab.get(SHOP)
    assert (shown["path_with_namespace"], shown["name"]) == ("acme/shop", "shop")
    assert await gitlab.get(f"/projects/{shown['id']}") == shown
    assert shown["_links"]["self"] == f"http://gateway.test/api/v4/projects/{shown['id']}"


async def test_the_user_is_the_one_of_the_token(world: World) -> None:
    ada = await (await client(world, user="ada")).get("/user")
    assert (ada["username"], "is_admin" in ada) == ("ada", False)
    made = await (await client(world, user="ada")).create()
    assert made["user"] == {name: ada[name] for name in made["user"]}
    root = await Client(world, world.admin_token).get("/user")
    assert (root["username"], root["id"], root["is_admin"]) == ("root", 1, True)


async def test_version_and_metadata_are_one(world: World) -> None:
    gitlab = await client(world, "read")
    shown = await gitlab.get("/version")
    assert (shown["version"], shown["enterprise"]) == ("18.9.0", True)
    assert await gitlab.get("/metadata") == shown


def dress(total: int | None, *, page: int, count: int, has_next: bool) -> dict[str, str]:
    listing = Listing(Page(page, 20), count, has_next, total)
    return headers(listing, url=DEPLOYMENTS, parameters={"per_page": "20"})


def test_ten_thousand_rows_still_have_a_total() -> None:
    shown = dress(10_000, page=500, count=20, has_next=False)
    assert (shown["X-Total"], shown["X-Total-Pages"]) == ("10000", "500")
    assert 'page=500&per_page=20>; rel="last"' in shown["Link"]


def test_beyond_ten_thousand_rows_the_total_and_the_last_link_are_left_out() -> None:
    shown = dress(None, page=2, count=20, has_next=True)
    assert {"X-Total", "X-Total-Pages"} & set(shown) == set()
    assert (shown["X-Next-Page"], shown["X-Prev-Page"]) == ("3", "1")
    relations = [link.rpartition("rel=")[2] for link in shown["Link"].split(", ")]
    assert relations == ['"prev"', '"next"', '"first"']
