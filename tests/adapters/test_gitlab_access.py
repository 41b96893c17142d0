"""Who may ask GitLab's API what, and in which form the credential comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from adapters.gitlab.envelope import CREDENTIALS
from gateway.access import digest
from gateway.core.context import Permission
from gateway.core.members import Token
from gateway.dialect.credentials import Kind
from tests.adapters.gitlab_client import DEPLOYMENTS, SHOP, Client, client, misfit, said
from tests.world import World

UNAUTHORIZED = (401, {"message": "401 Unauthorized"})
NO_PROJECT = (404, {"message": "404 Project Not Found"})

FORMS = {
    "PRIVATE-TOKEN": {"headers": {"PRIVATE-TOKEN": "<token>"}},
    "JOB-TOKEN": {"headers": {"JOB-TOKEN": "<token>"}},
    "bearer": {"headers": {"Authorization": "Bearer <token>"}},
    "bearer in any case": {"headers": {"authorization": "bEARER  <token>"}},
    "private_token": {"params": {"private_token": "<token>"}},
    "access_token": {"params": {"access_token": "<token>"}},
    "bearer_token": {"params": {"bearer_token": "<token>"}},
    "job_token": {"params": {"job_token": "<token>"}},
    "token": {"params": {"token": "<token>"}},
}
NOT_FORMS = {
    "none": {},
    "basic": {"headers": {"Authorization": "Basic YTpi"}},
    "token scheme": {"headers": {"Authorization": "token <token>"}},
    "unknown": {"headers": {"PRIVATE-TOKEN": "dgw_nobody"}},
    "no token at all": {"headers": {"PRIVATE-TOKEN": ""}},
    "not ascii": {"headers": [(b"PRIVATE-TOKEN", "dgw_é".encode())]},
    "a personal token that does not hold beside a job token that does": {
        "headers": {"PRIVATE-TOKEN": "dgw_nobody", "JOB-TOKEN": "<token>"}
    },
}


def test_the_documents_name_every_parameter_that_holds_a_credential() -> None:
    taken = {name for form in FORMS.values() for name in form.get("params", ())}
    assert {place.key for place in CREDENTIALS if place.kind is Kind.QUERY} == taken


def filled(form: dict[str, Any], token: str) -> dict[str, Any]:
    """A form with a real token in it."""
    return {
        part: {name: value.replace("<token>", token) for name, value in said.items()}
        if isinstance(said, dict)
        else said
        for part, said in form.items()
    }


@pytest.mark.parametrize("form", FORMS)
async def test_a_credential_comes_in_any_of_gitlabs_forms(world: World, form: str) -> None:
    token = await world.token("read", user="grace")
    answer = await world.client.get("/api/v4/user", **filled(FORMS[form], token))
    assert (answer.status_code, answer.json()["username"]) == (200, "grace")


@pytest.mark.parametrize("form", NOT_FORMS)
async def test_no_other_form_opens_anything(world: World, form: str) -> None:
    token = await world.token()
    answer = await world.client.get("/api/v4/user", **filled(NOT_FORMS[form], token))
    assert (answer.status_code, answer.json()) == UNAUTHORIZED
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("name", ["private_token", "access_token", "job_token"])
@pytest.mark.parametrize("carrier", ["data", "json"])
async def test_a_credential_may_come_in_the_body(world: World, name: str, carrier: str) -> None:
    body = said(**{name: await world.token()})
    answer = await world.client.post(f"/api/v4{DEPLOYMENTS}", **{carrier: body})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("value", [5, None, [], {}, True])
async def test_a_credential_that_is_no_text_is_none(world: World, value: object) -> None:
    answer = await world.client.post(f"/api/v4{DEPLOYMENTS}", json=said(private_token=value))
    assert (answer.status_code, answer.json()) == UNAUTHORIZED


async def test_the_jwt_form_of_a_token_is_the_same_credential(world: World) -> None:
    body = {"user": "grace", "permission": "read"}
    jwt = (await world.admin("POST", "/orgs/acme/tokens", body)).json()["jwt"]
    for headers in ({"PRIVATE-TOKEN": jwt}, {"Authorization": f"Bearer {jwt}"}):
        answer = await world.client.get("/api/v4/user", headers=headers)
        assert answer.json()["username"] == "grace"


async def test_a_bearer_that_holds_wins_and_one_that_does_not_gives_way(world: World) -> None:
    good = await world.token()
    for bearer, private in ((good, "dgw_nobody"), ("dgw_nobody", good)):
        headers = {"Authorization": f"Bearer {bearer}", "PRIVATE-TOKEN": private}
        assert (await world.client.get("/api/v4/user", headers=headers)).status_code == 200


async def test_a_value_with_the_job_prefix_is_no_personal_token(world: World) -> None:
    headers = {"PRIVATE-TOKEN": "glcbt-1", "JOB-TOKEN": await world.token()}
    assert (await world.client.get("/api/v4/user", headers=headers)).status_code == 200


async def test_two_bearer_places_are_one_too_many(world: World) -> None:
    token = await world.token()
    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.client.get(f"/api/v4/user?access_token={token}", headers=headers)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "invalid_request",
            "error_description": "Both Authorization header and payload includes access token.",
        },
    )


async def test_a_revoked_token_is_told_so(world: World) -> None:
    body = {"user": "ada", "permission": "write"}
    made = (await world.admin("POST", "/orgs/acme/tokens", body)).json()
    await world.admin("DELETE", f"/orgs/acme/tokens/{made['id']}")
    headers = {"PRIVATE-TOKEN": made["token"]}
    answer = await world.client.get("/api/v4/user", headers=headers)
    text = "Token was revoked. You have to re-authorize from the user."
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_token", "error_description": text}
    assert answer.headers["www-authenticate"].endswith(f'error_description="{text}"')
    assert misfit(answer) == []


WRITES = [("POST", DEPLOYMENTS), ("PUT", f"{DEPLOYMENTS}/1"), ("DELETE", f"{DEPLOYMENTS}/1")]


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_read_token_never_writes_and_hears_it_before_anything_else(
    world: World, method: str, path: str
) -> None:
    gitlab = await client(world, "read")
    answer = await gitlab.ask(method, path, params={"status": "nonsense"})
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert answer.json()["scope"] == "api read_api"


async def test_a_read_token_reads_everything(world: World) -> None:
    writer, reader = await client(world), await client(world, "read")
    made = await writer.create()
    assert await reader.listed() == [made["id"]]
    for method in ("GET", "HEAD", "OPTIONS"):
        assert (await reader.ask(method, DEPLOYMENTS)).is_success


ORDER = [
    ("POST", DEPLOYMENTS, {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ("POST", DEPLOYMENTS, {"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
    ("POST", f"{DEPLOYMENTS}?format=xml", {}, 406),
    ("POST", DEPLOYMENTS, {}, 401),
    ("GET", f"{DEPLOYMENTS}?page=x", {}, 401),
    ("PATCH", DEPLOYMENTS, {}, 404),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), ORDER)
async def test_some_answers_come_before_the_credential_is_looked_at(
    world: World, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    answer = await world.client.request(method, f"/api/v4{path}", **body)
    assert answer.status_code == status
    assert misfit(answer) == []


async def test_wrong_parameters_of_an_invisible_project_are_400(world: World) -> None:
    gitlab = await client(world, "admin")
    stranger = "/projects/umbrella%2Fshop/deployments"
    assert (await gitlab.ask("GET", f"{stranger}?page=x")).status_code == 400
    assert (await gitlab.ask("POST", stranger)).status_code == 400
    assert (await gitlab.ask("DELETE", f"{stranger}/x")).status_code == 400
    assert (await gitlab.ask("PUT", f"{stranger}/x")).status_code == 400


def everything(path: str, number: object) -> list[tuple[str, str, dict[str, Any]]]:
    """Every call about one project."""
    deployment, status = f"{path}/deployments/{number}", {"data": {"status": "failed"}}
    return [
        ("GET", path, {}),
        ("GET", f"{path}/deployments", {}),
        ("POST", f"{path}/deployments", {"data": said()}),
        ("GET", deployment, {}),
        ("PUT", deployment, status),
        ("DELETE", deployment, {}),
        ("GET", f"{path}/environments", {}),
        ("GET", f"{path}/environments/1", {}),
    ]


async def test_a_project_of_another_org_does_not_exist(world: World) -> None:
    stranger = await client(world, "admin", org="umbrella")
    made = await stranger.create("/projects/umbrella%2Fshop/deployments")
    number = (await stranger.get("/projects/umbrella%2Fshop"))["id"]
    gitlab = await client(world, "admin")
    for path in ("/projects/umbrella%2Fshop", f"/projects/{number}", "/projects/nobody%2Fshop"):
        for method, call, body in everything(path, made["id"]):
            answer = await gitlab.ask(method, call, **body)
            assert (answer.status_code, answer.json()) == NO_PROJECT, (method, call)


async def test_a_deployment_of_another_project_is_not_found(world: World) -> None:
    gitlab = await client(world, "admin")
    await gitlab.create()
    other = await gitlab.create("/projects/acme%2Fapi/deployments")
    for method, call, body in everything(SHOP, other["id"])[3:6]:
        answer = await gitlab.ask(method, call, **body)
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"})


async def test_a_project_outside_the_token_does_not_exist(world: World) -> None:
    made = await (await client(world)).create()
    limited = await client(world, "admin", projects=["acme/api"])
    for method, call, body in everything(SHOP, made["id"]):
        answer = await limited.ask(method, call, **body)
        assert (answer.status_code, answer.json()) == NO_PROJECT, (method, call)
    assert (await limited.create("/projects/acme%2Fapi/deployments"))["iid"] == 1


async def test_a_limited_token_makes_no_project(world: World) -> None:
    limited = await client(world, "write", projects=["acme/api"])
    answer = await limited.ask("POST", "/projects/acme%2Fnew/deployments", data=said())
    assert (answer.status_code, answer.json()) == NO_PROJECT


async def test_a_slot_held_by_a_project_out_of_reach_is_forbidden(world: World) -> None:
    body = {
        "org": "acme",
        "project": "acme/api",
        "environment": "production",
        "deployment_name": "shop",
        "artifact": {"digests": {"sha256": "b" * 64}},
    }
    assert (await world.admin("POST", "/records", body)).status_code == 201
    limited = await client(world, "write", projects=["acme/shop"])
    answer = await limited.ask("POST", DEPLOYMENTS, data=said())
    assert (answer.status_code, answer.json()) == (403, {"message": "403 Forbidden"})


async def test_the_instance_administrator_enters_the_org_of_the_project(world: World) -> None:
    root = Client(world, world.admin_token)
    for org in ("acme", "umbrella"):
        path = f"/projects/{org}%2Fshop"
        made = await root.create(f"{path}/deployments")
        assert (made["user"]["username"], made["user"]["id"]) == ("root", 1)
        number = (await root.get(path))["id"]
        assert await root.get(f"/projects/{number}/deployments/{made['id']}") == made
        answer = await root.ask("PUT", f"/projects/{number}/deployments/{made['id']}")
        assert answer.json()["error"].startswith("status is missing")
    for path in ("/projects/nobody%2Fshop", "/projects/4711", f"/projects/{'9' * 40}"):
        answer = await root.ask("GET", path)
        assert (answer.status_code, answer.json()) == NO_PROJECT


@pytest.mark.parametrize(
    "path", ["shop", "acme%252Fshop", "acme%2F", "%2Fshop", "acme%2F%2Fshop", "acme", "-1", "0"]
)
async def test_what_names_no_project_is_not_found(world: World, path: str) -> None:
    gitlab = await client(world, "admin")
    await gitlab.create()
    for method, call, body in everything(f"/projects/{path}", 1):
        answer = await gitlab.ask(method, call, **body)
        assert (answer.status_code, answer.json()) == NO_PROJECT


async def test_an_unencoded_slash_is_no_route(world: World) -> None:
    gitlab = await client(world)
    answer = await gitlab.ask("GET", "/projects/acme/shop/deployments")
    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


async def test_dots_belong_to_a_projects_name(world: World) -> None:
    gitlab = await client(world)
    await gitlab.create("/projects/acme%2Fmy.group%2Fmy.proj/deployments")
    shown = await gitlab.get("/projects/acme%2Fmy.group%2Fmy.proj")
    assert shown["path_with_namespace"] == "acme/my.group/my.proj"
    assert shown["name_with_namespace"] == "acme / my.group / my.proj"
    assert shown["namespace"]["full_path"] == "acme/my.group"


LEVELS = {Permission.READ: 20, Permission.WRITE: 30, Permission.ADMIN: 40}


async def test_a_token_shows_as_reporter_developer_or_maintainer(world: World) -> None:
    await (await client(world)).create()
    for permission, level in LEVELS.items():
        gitlab = await client(world, permission.word)
        access = (await gitlab.get(SHOP))["permissions"]["project_access"]
        assert access["access_level"] == level


async def expired_token(world: World) -> str:
    """The secret of a token that held until a second ago."""
    now, token_id = datetime.now(UTC), uuid4()
    past = now - timedelta(seconds=1)
    access, store = world.gateway.access, world.gateway.store
    org = await access.org(await access.authenticate(world.admin_token), "acme")
    secret = await access.mint(org, token_id, "ada", past)
    async with store.writing() as tx:
        token = Token(
            id=token_id,
            org_id=org.id,
            name="old",
            user=await tx.user_named(org.id, "ada", now=now),
            permission=Permission.WRITE,
            projects=None,
            secret_hash=digest(secret.token),
            jwt_hash=digest(secret.jwt),
            created_at=now,
            expires_at=past,
            revoked_at=None,
        )
        await tx.make_token(token)
    return secret.token


async def test_an_expired_token_is_told_so(world: World) -> None:
    answer = await Client(world, await expired_token(world)).ask("GET", "/user")
    text = "Token is expired. You can either do re-authorization or token refresh."
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_token", "error_description": text}
    assert answer.headers["www-authenticate"].startswith('Bearer realm="Protected by OAuth 2.0"')
