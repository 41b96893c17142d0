"""Users, projects and groups, as clients of GitLab look for them."""

from __future__ import annotations

import pytest

from tests.adapters.gitlab_client import Client, client
from tests.world import World


async def paths(asker: Client, **query: object) -> list[str]:
    return [item["path_with_namespace"] for item in await asker.get("/projects", **query)]


async def test_a_user_is_found_by_name_in_any_case_and_others_are_not(world: World) -> None:
    ada = await client(world, "read")
    (found,) = await ada.get("/users", username="ADA")
    assert found == {name: (await ada.get("/user"))[name] for name in found}
    assert await ada.get("/users", username="nobody") == []
    await world.token(user="eve", org="umbrella")
    assert await ada.get("/users", username="eve") == []
    root = Client(world, world.admin_token)
    assert [item["username"] for item in await root.get("/users", username="eve")] == ["eve"]


async def names(asker: Client, **query: object) -> list[str]:
    return [item["username"] for item in await asker.get("/users", **query)]


async def test_users_are_searched_by_a_part_of_username_or_name(world: World) -> None:
    await world.admin("POST", "/orgs/acme/users", {"username": "b.jones", "name": "Björn Jones"})
    await world.token(user="eve", org="umbrella")
    ada, root = await client(world, "read"), Client(world, world.admin_token)
    for text in ("JONES", "@b.j", "BJÖRN"):
        assert await names(ada, search=text) == ["b.jones"]
    assert (await names(ada, search="eve"), await names(root, search="eve")) == ([], ["eve"])
    assert await names(ada, search="") == await names(ada)
    answer = await root.ask("GET", "/users?search=adm")
    assert ([item["id"] for item in answer.json()], answer.headers["X-Total"]) == ([1], "1")
    answer = await root.ask("GET", "/users?search=e&per_page=1")
    assert ([item["username"] for item in answer.json()], answer.headers["X-Total"]) == (
        ["b.jones"],
        "2",
    )
    limited = await client(world, projects=["acme/shop"])
    assert await names(limited, search="a") == ["ada", "root"]
    assert (await names(ada, blocked=True), await names(ada, external=True)) == ([], [])


async def test_users_are_paged_the_newest_first(world: World) -> None:
    for name in ("a", "b", "c"):
        await world.token(user=name)
    answer = await (await client(world, user="a")).ask("GET", "/users?per_page=2")
    assert [item["username"] for item in answer.json()] == ["c", "b"]
    assert (answer.headers["X-Total"], answer.headers["X-Next-Page"]) == ("4", "2")
    assert "id=" not in answer.headers["Link"]


async def test_the_administrator_pages_through_the_users_of_all_orgs_and_is_there_once(
    world: World,
) -> None:
    for org, name in (("acme", "a"), ("umbrella", "b"), ("umbrella", "c")):
        await world.token(user=name, org=org)
    root = Client(world, world.admin_token)
    answer = await root.ask("GET", "/users")
    assert [item["username"] for item in answer.json()] == ["a", "c", "b", "root"]
    assert answer.headers["X-Total"] == "4"
    for size in (1, 2, 3):
        pages = [await root.get("/users", per_page=size, page=page) for page in range(1, 6)]
        assert [item for page in pages for item in page] == answer.json()
    answer = await root.ask("GET", "/users?username=ROOT")
    assert ([item["id"] for item in answer.json()], answer.headers["X-Total"]) == ([1], "1")


async def with_projects(world: World) -> Client:
    gitlab = await client(world)
    for path in ("shop", "web/shop-front", "api"):
        await gitlab.create(f"/projects/acme%2F{path.replace('/', '%2F')}/deployments")
    return gitlab


QUERIES = [
    ({}, ["acme/api", "acme/web/shop-front", "acme/shop", "acme/unassigned"]),
    ({"order_by": "id", "sort": "asc", "per_page": 2}, ["acme/unassigned", "acme/shop"]),
    (
        {"order_by": "path", "sort": "asc"},
        ["acme/api", "acme/shop", "acme/unassigned", "acme/web/shop-front"],
    ),
    (
        {"order_by": "name", "sort": "asc"},
        ["acme/api", "acme/shop", "acme/web/shop-front", "acme/unassigned"],
    ),
    ({"search": "SHOP"}, ["acme/web/shop-front", "acme/shop"]),
    ({"search": "web"}, []),
    ({"search": "web", "search_namespaces": "true"}, ["acme/web/shop-front"]),
    ({"search": "%"}, []),
    ({"search": "shop", "page": 2, "per_page": 1}, ["acme/shop"]),
    ({"membership": "true", "simple": "true", "search": "api"}, ["acme/api"]),
    ({"starred": "true"}, []),
    ({"archived": "true"}, []),
    ({"visibility": "public"}, []),
    ({"min_access_level": 30, "search": "api"}, ["acme/api"]),
    ({"min_access_level": 40}, []),
    ({"id_after": "", "search": "api"}, ["acme/api"]),
    ({"id_after": 10**30}, []),
    ({"id_before": -1}, []),
]


async def test_projects_are_listed_searched_and_ordered(any_world: World) -> None:
    gitlab = await with_projects(any_world)
    for query, expected in QUERIES:
        assert await paths(gitlab, **query) == expected, query
    listed = await gitlab.get("/projects", order_by="id", sort="asc")
    first, second, third, fourth = [item["id"] for item in listed]
    found = await gitlab.get("/projects", id_after=first, id_before=fourth, sort="asc")
    assert [item["id"] for item in found] == [second, third]


async def test_a_project_outside_the_token_is_not_listed(world: World) -> None:
    await with_projects(world)
    limited = await client(world, projects=["acme/shop"])
    assert await paths(limited) == ["acme/shop"]
    stranger = await client(world, org="umbrella")
    assert await paths(stranger, search="shop") == []
    answer = await limited.ask("GET", "/projects")
    assert answer.headers["X-Total"] == "1"


async def test_the_administrator_pages_through_the_projects_of_all_orgs(world: World) -> None:
    await with_projects(world)
    root = Client(world, world.admin_token)
    everything = await paths(root)
    assert everything[-1] == "umbrella/unassigned"
    pages = [path for page in (1, 2, 3) for path in await paths(root, per_page=2, page=page)]
    assert pages == everything


WRONG = {
    "order_by=size": "order_by does not have a valid value",
    "sort=up": "sort does not have a valid value",
    "archived=maybe": "archived is invalid",
    "visibility=secret": "visibility does not have a valid value",
    "search[]=a": "search is invalid",
    "id_after=x": "id_after is invalid",
    "min_access_level=x": "min_access_level is invalid",
    "min_access_level=60": "min_access_level does not have a valid value",
}


@pytest.mark.parametrize("query", WRONG)
async def test_a_wrong_project_filter_is_refused(world: World, query: str) -> None:
    answer = await (await client(world)).ask("GET", f"/projects?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": WRONG[query]})


async def test_an_org_is_a_group_and_so_is_a_group_of_users(world: World) -> None:
    gitlab = await with_projects(world)
    org = await gitlab.get("/groups/acme")
    assert (org["full_path"], org["parent_id"]) == ("acme", None)
    project = await gitlab.get("/projects/acme%2Fshop")
    assert project["namespace"]["id"] == org["id"]
    assert await gitlab.get(f"/groups/{org['id']}") == org
    assert await gitlab.get("/groups/ACME-inc") == org
    made = (await world.admin("POST", "/orgs/acme/groups", {"name": "Sre", "members": []})).json()
    group = await gitlab.get(f"/groups/{made['number']}")
    assert (group["id"], group["full_path"], group["parent_id"]) == (
        made["number"],
        "acme/Sre",
        org["id"],
    )
    for path in ("acme%2Fsre", "Sre", "SRE"):
        assert await gitlab.get(f"/groups/{path}") == group


async def test_a_group_with_a_dot_in_its_name_is_no_other(world: World) -> None:
    gitlab = await client(world)
    for name in ("sre", "sre.eu"):
        await world.admin("POST", "/orgs/acme/groups", {"name": name, "members": []})
        for path in (name, f"acme%2F{name}"):
            assert (await gitlab.get(f"/groups/{path}"))["name"] == name
    answer = await gitlab.ask("GET", "/groups/acme.io")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Group Not Found"})


async def test_no_group_is_taken_for_another_org(any_world: World) -> None:
    acme = (await any_world.admin("GET", "/orgs/acme")).json()
    umbrella = (await any_world.admin("GET", "/orgs/umbrella")).json()
    for name in ("umbrella", str(umbrella["number"]), "4711"):
        body = {"name": name, "members": []}
        assert (await any_world.admin("POST", "/orgs/acme/groups", body)).status_code == 201
    root, gitlab = Client(any_world, any_world.admin_token), await client(any_world)
    for said in ("umbrella", str(umbrella["number"])):
        assert (await root.get(f"/groups/{said}"))["id"] == umbrella["number"]
    assert (await gitlab.get("/groups/umbrella"))["parent_id"] == acme["number"]
    for said in (str(umbrella["number"]), "4711"):
        assert (await gitlab.ask("GET", f"/groups/{said}")).status_code == 404
        assert (await gitlab.get(f"/groups/acme%2F{said}"))["name"] == said


async def test_a_group_of_another_org_does_not_exist(world: World) -> None:
    gitlab = await client(world)
    made = await world.admin("POST", "/orgs/umbrella/groups", {"name": "sre", "members": []})
    for path in ("umbrella", "sre", made.json()["number"], "umbrella%2Fsre", "4711"):
        answer = await gitlab.ask("GET", f"/groups/{path}")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Group Not Found"})
