"""The administrator speaks for a user, by GitLab's ``sudo``."""

from __future__ import annotations

import httpx

from tests.adapters.gitlab_client import Client, client
from tests.world import World

USER = "/api/v4/user"


async def as_user(world: World, name: str, path: str = USER) -> httpx.Response:
    headers = {"private-token": world.admin_token, "sudo": name}
    return await world.client.get(path, headers=headers)


async def test_the_administrator_speaks_for_a_user_by_name_number_and_parameter(
    world: World,
) -> None:
    ada = await (await client(world)).get("/user")
    for name in ("ADA", str(ada["id"])):
        assert (await as_user(world, name)).json() == ada
    root = Client(world, world.admin_token)
    assert await root.get("/user", sudo="ada") == ada
    assert (await root.get("/user"))["username"] == "root"


async def test_a_number_is_no_username(world: World) -> None:
    ada = await (await client(world)).get("/user")
    await world.token(org="acme", user=str(ada["id"]))
    assert (await as_user(world, str(ada["id"]))).json() == ada
    await world.token(user="4711")
    for name in ("4711", "9" * 40, "9" * 5000):
        answer = await as_user(world, name)
        assert answer.json() == {"message": f"404 User with ID or username '{name}' Not Found"}


async def test_who_is_spoken_for_may_do_no_more_than_their_tokens(world: World) -> None:
    await (await client(world)).create("/projects/acme%2Fshop/deployments")
    await world.token("read", user="rita")
    await world.admin("POST", "/orgs/acme/users", {"username": "idle"})
    await world.token(org="umbrella", user="eve")
    headers = {"private-token": world.admin_token}
    shop = "/api/v4/projects/acme%2Fshop"
    assert (await as_user(world, "rita", shop)).status_code == 200
    for name in ("idle", "eve"):
        assert (await as_user(world, name, shop)).status_code == 404
    refused = await world.client.post(
        f"{shop}/deployments", headers={**headers, "sudo": "rita"}, json={}
    )
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")


async def test_nobody_else_speaks_for_others_and_for_nobody_that_is_not_there(
    world: World,
) -> None:
    maintainer = await client(world, "admin")
    answer = await maintainer.ask("GET", "/user?sudo=root")
    assert answer.json() == {"message": "403 Forbidden - Must be admin to use sudo"}
    answer = await as_user(world, "nobody")
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "404 User with ID or username 'nobody' Not Found"},
    )


async def test_a_write_for_a_user_is_theirs(world: World) -> None:
    await world.token(user="ada")
    headers = {"private-token": world.admin_token, "sudo": "ada"}
    said = {"environment": "e", "sha": "a" * 40, "ref": "r", "tag": False, "status": "success"}
    path = "/api/v4/projects/acme%2Fshop/deployments"
    made = await world.client.post(path, headers=headers, json=said)
    assert (made.status_code, made.json()["user"]["username"]) == (201, "ada")
