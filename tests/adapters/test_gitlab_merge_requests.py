"""The merge requests of a deployment: the pull requests that records of its commit carry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.gitlab_client import DEPLOYMENTS, SHA, Client, client
from tests.world import World

OTHER = "99d03678b90d914dbb1b109132516d71a4a03ea8"


async def carry(world: World, number: int | None, **more: Any) -> None:
    """A record of the commit that carries a pull request."""
    body = {
        "org": "acme",
        "project": "acme/shop",
        "environment": "production",
        "source": {"commit": SHA, "ref": f"feature-{number}"},
        "state": "failed",
        "delivery": {
            **{"pull_request_number": number, "title": f"Change {number}"},
            "changelog": f"Mends {number}" if number != 9 else None,
        },
        **more,
    }
    answer = await world.admin("POST", "/records", body)
    assert answer.status_code == 201, answer.text


async def delivered(world: World) -> tuple[Client, str]:
    """A deployment of a commit that carries 7, 3 and 9, among others that do not count."""
    gitlab = await client(world)
    made = await gitlab.create()
    for number in (7, 3, None, 9, 7):
        await carry(world, number)
    await carry(world, 11, project="acme/api")
    await carry(world, 12, source={"commit": OTHER})
    return gitlab, f"{DEPLOYMENTS}/{made['id']}/merge_requests"


async def test_they_are_merged_ones_with_stable_ids(any_world: World) -> None:
    gitlab, path = await delivered(any_world)
    found = await gitlab.get(path)
    assert [item["iid"] for item in found] == [9, 3, 7]
    newest = found[0]
    assert (newest["state"], newest["title"], newest["source_branch"]) == (
        "merged",
        "Change 9",
        "feature-9",
    )
    assert (newest["sha"], newest["author"]["username"]) == (SHA, "root")
    assert newest["references"]["full"] == "acme/shop!9"
    assert len({item["id"] for item in found}) == 3
    await carry(any_world, 9)
    assert await gitlab.get(path) == found
    staging = await gitlab.create(environment="staging")
    assert await gitlab.get(f"{DEPLOYMENTS}/{staging['id']}/merge_requests") == found


QUERIES: list[tuple[str, list[int]]] = [
    ("sort=asc", [7, 3, 9]),
    ("order_by=title&sort=asc", [3, 7, 9]),
    ("order_by=merged_at", [9, 3, 7]),
    ("state=merged", [9, 3, 7]),
    ("state=opened", []),
    ("state=closed", []),
    ("scope=all", [9, 3, 7]),
    ("scope=created_by_me", []),
    ("scope=assigned-to-me", []),
    ("source_branch=feature-3", [3]),
    ("target_branch=main", []),
    ("search=change 7", [7]),
    ("search=mends", [3, 7]),
    ("search=nothing", []),
    ("search=None", []),
    ("author_username=root", [9, 3, 7]),
    ("author_id=1", [9, 3, 7]),
    ("author_id=4711", []),
    ("labels=bug", []),
    ("labels=None", [9, 3, 7]),
    ("milestone=v1", []),
    ("assignee_id=None", [9, 3, 7]),
    ("reviewer_username=ada", []),
    ("my_reaction_emoji=star", []),
    ("wip=yes", []),
    ("wip=no&view=simple&with_labels_details=true", [9, 3, 7]),
    ("iids[]=3&iids[]=9", [9, 3]),
    ("not[source_branch]=feature-3", [9, 7]),
    ("not[labels]=bug", [9, 3, 7]),
    ("created_after=2020-01-01", [9, 3, 7]),
    ("updated_before=2020-01-01", []),
    ("per_page=2", [9, 3]),
    ("per_page=2&page=2", [7]),
    ("unknown=1", [9, 3, 7]),
]


async def test_every_filter_of_the_list_is_taken(world: World) -> None:
    gitlab, path = await delivered(world)
    for query, expected in QUERIES:
        answer = await gitlab.ask("GET", f"{path}?{query}")
        assert answer.status_code == 200, query
        assert [item["iid"] for item in answer.json()] == expected, query
        assert 'rel="first"' in answer.headers["link"]


WRONG = {
    "state=open": "state does not have a valid value",
    "order_by=id": "order_by does not have a valid value",
    "sort=up&scope=me": "sort does not have a valid value, scope does not have a valid value",
    "view=full": "view does not have a valid value",
    "created_after=now": "created_after is invalid",
    "page=x": "page is invalid",
}


@pytest.mark.parametrize("query", WRONG)
async def test_a_wrong_filter_is_refused(world: World, query: str) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}/1/merge_requests?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": WRONG[query]})


async def test_links_repeat_both_numbers_of_the_path(world: World) -> None:
    gitlab = await client(world)
    number = (await gitlab.create())["id"]
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}/{number}/merge_requests")
    assert f"?deployment_id={number}&id=acme%2Fshop&order_by=" in answer.headers["link"]


async def test_an_unknown_deployment_has_delivered_nothing(world: World) -> None:
    gitlab, path = await delivered(world)
    for number in (0, 4711, "9" * 40):
        answer = await gitlab.ask("GET", f"{DEPLOYMENTS}/{number}/merge_requests")
        assert (answer.status_code, answer.json()) == (200, [])
    answer = await gitlab.ask("GET", f"{DEPLOYMENTS}/x/merge_requests")
    assert answer.json() == {"error": "deployment_id is invalid"}
    answer = await gitlab.ask("GET", path.replace("acme%2Fshop", "acme%2Fnothing"))
    assert answer.json() == {"message": "404 Project Not Found"}
