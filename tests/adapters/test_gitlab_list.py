"""GitLab's list of deployments: pages, orders, filters and the rules that combine them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, Client, client
from tests.adapters.test_gitlab_deployments import record
from tests.world import BASE_URL, MakeWorld, World

COUNTERS = ("X-Page", "X-Per-Page", "X-Next-Page", "X-Prev-Page", "X-Total", "X-Total-Pages")
URL = f"{BASE_URL}/api/v4{DEPLOYMENTS}"


async def filled(world: World, count: int) -> Client:
    """A project with this many attempts."""
    gitlab = await client(world)
    for index in range(count):
        await gitlab.create(status="failed", ref=f"r{index}")
    return gitlab


def links(header: str) -> dict[str, str]:
    """Relation to the query of its link, in order."""
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', header)
    assert all(url.startswith(f"{URL}?") for url, _ in found)
    return {rel: url.partition("?")[2] for url, rel in found}


PAGES = {
    1: (["1", "2", "2", "", "5", "3"], ["next", "first", "last"], 2),
    2: (["2", "2", "3", "1", "5", "3"], ["prev", "next", "first", "last"], 2),
    3: (["3", "2", "", "2", "5", "3"], ["prev", "first", "last"], 1),
    4: (["4", "2", "", "", "5", "3"], ["first", "last"], 0),
    50: (["50", "2", "", "", "5", "3"], ["first", "last"], 0),
}


async def test_every_page_has_its_counters_and_links(world: World) -> None:
    gitlab = await filled(world, 5)
    for page, (counters, relations, count) in PAGES.items():
        answer = await gitlab.ask("GET", DEPLOYMENTS, params={"page": page, "per_page": 2})
        assert [answer.headers[name] for name in COUNTERS] == counters
        assert list(links(answer.headers["Link"])) == relations
        assert len(answer.json()) == count


async def test_pages_add_up_to_the_whole(world: World) -> None:
    gitlab = await filled(world, 5)
    whole = await gitlab.listed()
    for size in (1, 2, 3, 5):
        pages = [await gitlab.listed(page=page, per_page=size) for page in range(1, 7)]
        assert [number for page in pages for number in page] == whole == sorted(whole)


async def test_an_empty_list_has_one_page(world: World) -> None:
    gitlab = await filled(world, 1)
    answer = await gitlab.ask("GET", DEPLOYMENTS, params={"environment": "nowhere"})
    assert answer.json() == []
    assert [answer.headers[name] for name in COUNTERS] == ["1", "20", "", "", "0", "1"]
    both = "environment=nowhere&id=acme%2Fshop&order_by=id&page=1&per_page=20&sort=asc"
    assert links(answer.headers["Link"]) == {"first": both, "last": both}


async def test_links_repeat_every_parameter_sorted_and_escaped(world: World) -> None:
    gitlab = await filled(world, 2)
    query = {
        "zeta": "a b/c:d&é",
        "private_token": gitlab.token,
        "updated_after": "2019-03-15 08:00",
        "order_by": "updated_at",
        "per_page": "1",
        "pagination": "keyset",
        "scope[]": "x",
    }
    answer = await gitlab.ask("GET", DEPLOYMENTS, params=query)
    assert links(answer.headers["Link"])["next"] == (
        "id=acme%2Fshop&order_by=updated_at&page=2&pagination=keyset&per_page=1"
        f"&private_token={gitlab.token}&scope%5B%5D=x&sort=asc"
        "&updated_after=2019-03-15T08%3A00%3A00%2B00%3A00&zeta=a+b%2Fc%3Ad%26%C3%A9"
    )


async def test_a_project_by_number_is_linked_by_number(world: World) -> None:
    gitlab = await filled(world, 1)
    number = (await gitlab.get(SHOP))["id"]
    answer = await gitlab.ask("GET", f"/projects/{number}/deployments?per_page=500")
    assert answer.headers["Link"].startswith(
        f"<{BASE_URL}/api/v4/projects/{number}/deployments"
        f'?id={number}&order_by=id&page=1&per_page=100&sort=asc>; rel="first"'
    )


async def test_links_name_the_public_address(make_world: MakeWorld) -> None:
    gitlab = await filled(await make_world(public_url="https://deploys.example/"), 1)
    answer = await gitlab.ask("GET", DEPLOYMENTS)
    assert answer.headers["Link"].startswith("<https://deploys.example/api/v4/projects/acme%2F")
    assert answer.json()[0]["user"]["web_url"] == "https://deploys.example/ada"


ODD_PAGES = {
    "page=0": ("1", "20"),
    "page=-3": ("1", "20"),
    "page=": ("1", "20"),
    "per_page=": ("1", "20"),
    "per_page=-5": ("1", "20"),
    "per_page=500": ("1", "100"),
    "page=02": ("2", "20"),
    "page=%2B2": ("2", "20"),
    "page=1&page=2": ("2", "20"),
    "page=99999999999999999999": ("99999999999999999999", "20"),
}


@pytest.mark.parametrize(("query", "effective"), ODD_PAGES.items())
async def test_an_odd_page_is_mended(world: World, query: str, effective: tuple[str, str]) -> None:
    gitlab = await filled(world, 1)
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?{query}")
    assert answer.status_code == 200
    assert (answer.headers["X-Page"], answer.headers["X-Per-Page"]) == effective


async def test_a_page_of_thousands_of_digits_is_empty(world: World) -> None:
    gitlab = await filled(world, 1)
    assert await gitlab.listed(page="9" * 5000) == []


REFUSED = {
    "page=abc": "page is invalid",
    "page=1.5": "page is invalid",
    "page[]=1": "page is invalid",
    "per_page=0": "per_page has a value not allowed",
    "per_page=abc": "per_page is invalid",
    "order_by=name": "order_by does not have a valid value",
    "order_by=": "order_by does not have a valid value",
    "sort=DESC": "sort does not have a valid value",
    "status=": "status does not have a valid value",
    "status=Success": "status does not have a valid value",
    "status[]=success": "status is invalid",
    "environment[a]=b": "environment is invalid",
    "updated_after=garbage": "updated_after is invalid",
    "finished_before=2019": "finished_before is invalid",
    "status=x&sort=x&page=x&per_page=0&order_by=x&finished_after=x&updated_before=now": (
        "page is invalid, per_page has a value not allowed, order_by does not have a valid value, "
        "sort does not have a valid value, updated_before is invalid, finished_after is invalid, "
        "status does not have a valid value"
    ),
}


@pytest.mark.parametrize(("query", "text"), REFUSED.items())
async def test_a_wrong_filter_is_refused_before_the_project_is_looked_up(
    world: World, query: str, text: str
) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": text})


BOTH = "Both `updated_at` filter and `finished_at` filter can not be specified"
UPDATED = "`updated_at` filter requires `updated_at` sort"
SORT = "`finished_at` filter requires `finished_at` sort."
FINISHED = (
    "`finished_at` sort requires `finished_at` filter or a filter with at least one of the "
    "finished statuses."
)
STATUS = "`finished_at` filter must be combined with `success` status filter."
RULES = [
    ("updated_after=2019-01-01&finished_after=2019-01-01", BOTH, BOTH),
    ("updated_after=2019-01-01&finished_before=2019-01-01&order_by=finished_at", BOTH, BOTH),
    ("updated_before=2019-01-01", None, UPDATED),
    ("updated_before=2019-01-01&order_by=finished_at", FINISHED, UPDATED),
    ("updated_before=2019-01-01&order_by=updated_at", None, None),
    ("updated_before=&finished_after=", None, None),
    ("finished_after=2019-01-01", SORT, SORT),
    ("finished_after=2019-01-01&status=success&order_by=id", SORT, SORT),
    ("order_by=finished_at", FINISHED, FINISHED),
    ("order_by=finished_at&status=running", FINISHED, FINISHED),
    ("order_by=finished_at&status=failed", None, None),
    ("order_by=finished_at&finished_after=2019-01-01", STATUS, STATUS),
    ("order_by=finished_at&finished_after=2019-01-01&status=failed", STATUS, STATUS),
    ("order_by=finished_at&finished_after=2019-01-01&status=success", None, None),
    ("order_by=updated_at", None, None),
]


@pytest.mark.parametrize("profile", ["documented", "observed"])
async def test_filters_combine_as_the_profile_lets_them(
    make_world: MakeWorld, profile: str
) -> None:
    gitlab = await filled(await make_world(gitlab_profile=profile), 1)
    for query, documented, observed in RULES:
        answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?{query}")
        text = documented if profile == "documented" else observed
        if text is None:
            assert answer.status_code == 200, query
        else:
            assert answer.json() == {"message": f"400 Bad request - {text}"}, query
            assert answer.status_code == 400


async def test_a_missing_project_comes_before_a_broken_rule(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?order_by=finished_at")
    assert answer.json() == {"message": "404 Project Not Found"}


async def test_ref_is_an_order_in_the_documented_profile_alone(make_world: MakeWorld) -> None:
    for profile, status in (("documented", 200), ("observed", 400)):
        gitlab = await filled(await make_world(gitlab_profile=profile), 2)
        answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?order_by=ref")
        assert answer.status_code == status


async def test_rows_come_in_the_order_asked_for(world: World) -> None:
    gitlab = await client(world)
    made = [await gitlab.create(status="running", ref=ref) for ref in ("b", "c", "a")]
    one, two, three = (body["id"] for body in made)
    for number in (two, one):
        await gitlab.put(number, "failed")
    orders = {
        "id": [one, two, three],
        "iid": [one, two, three],
        "created_at": [one, two, three],
        "updated_at": [three, two, one],
        "ref": [three, one, two],
    }
    assert await gitlab.listed() == orders["id"]
    for order, numbers in orders.items():
        assert await gitlab.listed(order_by=order) == numbers
        assert await gitlab.listed(order_by=order, sort="desc") == numbers[::-1]
    assert await gitlab.listed(order_by="finished_at", status="failed") == [two, one]


async def test_every_status_is_listed_and_can_be_asked_for(world: World) -> None:
    states = ("created", "blocked", "running", "success", "failed", "canceled", "skipped")
    numbers = {state: await record(world, state=state) for state in states}
    gitlab = await client(world)
    assert await gitlab.listed() == list(numbers.values())
    for state, number in numbers.items():
        assert await gitlab.listed(status=state) == [number]


async def test_an_environment_is_asked_for_by_its_exact_name(world: World) -> None:
    gitlab = await client(world)
    here = (await gitlab.create(environment="review/a b"))["id"]
    other = (await gitlab.create(environment="Review/a b"))["id"]
    assert await gitlab.listed(environment="review/a b") == [here]
    assert await gitlab.listed(environment="") == [here, other]
    assert await gitlab.listed(environment="review") == []


@pytest.fixture
async def timed(world: World) -> tuple[Client, dict[str, Any]]:
    """A project with one success at a known moment."""
    gitlab = await client(world)
    moment = "2019-03-15T08:00:00.500000Z"
    number = await record(world, occurred_at=moment)
    return gitlab, {"number": number}


BOUNDS = [
    ("updated_after", "2019-03-15T08:00:00.5Z", True),
    ("updated_after", "2019-03-15T08:00:00.500001Z", False),
    ("updated_before", "2019-03-15T08:00:00.5Z", True),
    ("updated_before", "2019-03-15T08:00:00.499999Z", False),
    ("updated_after", "0001-01-01", True),
    ("updated_before", "9999-12-31T23:59:59Z", True),
    ("finished_before", "0001-01-01T00:00:00Z", False),
    ("updated_after", "2019-03-15T10:00:00+02:00", True),
    ("updated_after", "2019-03-15T10:00:01+02:00", False),
    ("finished_after", "2019-03-15T08:00:00.5Z", True),
    ("finished_after", "2019-03-15T08:00:00.500001Z", False),
    ("finished_before", "2019-03-15T08:00:00.5Z", False),
    ("finished_before", "2019-03-15T08:00:00.500001Z", True),
]


@pytest.mark.parametrize(("name", "moment", "is_in"), BOUNDS)
async def test_a_bound_is_closed_but_for_the_end_of_finished(
    timed: tuple[Client, dict[str, Any]], name: str, moment: str, is_in: bool
) -> None:
    gitlab, known = timed
    order = {"order_by": name.rpartition("_")[0] + "_at", "status": "success"}
    found = await gitlab.listed(**{name: moment}, **order)
    assert found == ([known["number"]] if is_in else [])


async def test_a_span_that_ends_before_it_begins_is_empty(
    timed: tuple[Client, dict[str, Any]],
) -> None:
    gitlab, _ = timed
    query = {"updated_after": "2019-03-16", "updated_before": "2019-03-15"}
    assert await gitlab.listed(**query, order_by="updated_at") == []


@pytest.mark.parametrize("sort", ["asc", "desc"])
@pytest.mark.parametrize(
    ("bound", "expected"), [("updated_after", [2, 3, 4]), ("updated_before", [0, 1, 2])]
)
async def test_links_keep_the_fraction_of_a_second_of_a_bound(
    world: World, sort: str, bound: str, expected: list[int]
) -> None:
    gitlab = await client(world)
    moments = [f"2019-03-15T08:00:00.{index + 1}00000Z" for index in range(5)]
    made = [
        await record(world, state="failed", occurred_at=moment, deployment_name=str(index))
        for index, moment in enumerate(moments)
    ]
    query = {bound: moments[2], "order_by": "updated_at", "sort": sort, "per_page": 1}
    answer = await gitlab.ask("GET", DEPLOYMENTS, params=query)
    found = [item["id"] for item in answer.json()]
    while following := links(answer.headers["Link"]).get("next"):
        answer = await gitlab.ask("GET", f"{DEPLOYMENTS}?{following}")
        found += [item["id"] for item in answer.json()]
    assert found == sorted((made[index] for index in expected), reverse=sort == "desc")


async def test_a_raw_plus_loses_the_offset_as_it_does_in_gitlab(
    timed: tuple[Client, dict[str, Any]],
) -> None:
    gitlab, known = timed
    path = f"{DEPLOYMENTS}?order_by=updated_at&updated_after="
    lost = await gitlab.ask("GET", f"{path}2019-03-15T10:00:00+02:00")
    kept = await gitlab.ask("GET", f"{path}2019-03-15T10:00:00%2B02:00")
    assert lost.json() == []
    assert [item["id"] for item in kept.json()] == [known["number"]]
