"""``/gateway/v1/orgs…``, and what a credential opens."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from adapters.canonical import dialect
from tests.schemas import misfits
from tests.world import MakeWorld, World

READER = {"user": "ada", "permission": "read"}
SOON = (datetime.now(UTC) + timedelta(days=1)).isoformat()


async def ask(world: World, secret: str, path: str = "/records") -> int:
    """The status that a credential gets."""
    headers = {"authorization": f"Bearer {secret}"}
    return (await world.client.get(f"/gateway/v1{path}", headers=headers)).status_code


def _token(header: object) -> str:
    """A JWT with this header and nothing else of worth."""
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{encoded}.e30.aaaa"


async def issued(world: World, **said: Any) -> dict[str, Any]:
    """A token of acme."""
    body = {"user": "ada", "permission": "write", **said}
    answer = await world.admin("POST", "/orgs/acme/tokens", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_both_forms_of_a_token_hold_until_it_is_revoked(any_world: World) -> None:
    token = await issued(any_world)
    for form in (token["token"], token["jwt"]):
        assert await ask(any_world, form) == 200
    claims = jwt.decode(token["jwt"], options={"verify_signature": False})
    assert (claims["org"], claims["jti"], claims["sub"]) == ("acme", token["id"], "ada")
    revoked = await any_world.admin("DELETE", f"/orgs/acme/tokens/{token['id']}")
    assert revoked.status_code == 204
    for form in (token["token"], token["jwt"]):
        assert await ask(any_world, form) == 401


async def test_a_token_that_is_revoked_takes_no_other_along(any_world: World) -> None:
    revoked, kept = await issued(any_world), await issued(any_world)
    elsewhere = await any_world.token(org="umbrella")
    await any_world.admin("DELETE", f"/orgs/acme/tokens/{revoked['id']}")
    others = (kept["token"], kept["jwt"], elsewhere, await any_world.token(user="ben"))
    assert [await ask(any_world, secret) for secret in (revoked["token"], *others)] == [
        401,
        *[200] * len(others),
    ]


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        ("", {"name": "a/b"}, "must be 1 to 100 letters"),
        ("/acme/users", {"username": "a b"}, "must be 1 to 100 letters"),
        ("/acme/projects", {"path": ".."}, "is no path of a project"),
        ("/acme/tokens", {**READER, "projects": []}, "must name"),
        ("/acme/tokens", {**READER, "projects": ["acme/a"] * 10_001}, "must name 1 to 10000"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_with_the_rule(
    world: World, path: str, said: object, told: str
) -> None:
    answer = await world.admin("POST", f"/orgs{path}", said)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert told in error["detail"]


async def test_what_a_credential_does_not_allow_says_what_it_takes(world: World) -> None:
    limited = {"projects": ["acme/shop", "acme/api"], "permission": "admin"}
    headers = {"authorization": f"Bearer {(await issued(world, **limited))['token']}"}
    said = {"environment": "e", "deployment_name": "d", "source": {"commit": "c" * 40}}
    for method, path, takes in (
        ("POST", "/orgs", "the instance administrator's"),
        ("GET", "/orgs/acme/tokens", "one that is not limited to projects"),
        ("POST", "/records", "a project named that it opens"),
    ):
        body = {"name": "x"} if path == "/orgs" else said
        answer = await world.client.request(
            method, f"/gateway/v1{path}", headers=headers, json=None if method == "GET" else body
        )
        assert answer.status_code == 403
        assert answer.json()["detail"].endswith(f"; it takes {takes}")


async def test_a_token_expires(world: World) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    token = await issued(world, expires_at=soon.isoformat())
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))
    for form in (token["token"], token["jwt"]):
        assert await ask(world, form) == 401


async def test_forged_credentials_do_not_hold(world: World) -> None:
    token = await issued(world, expires_at=SOON)
    claims = jwt.decode(token["jwt"], options={"verify_signature": False})
    blob = base64.urlsafe_b64decode(token["token"].removeprefix("dgw_") + "==")
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, "x" * 64, algorithm="HS512"),
        token["jwt"][:-2],
        token["jwt"].replace(".", "..", 1),
        "dgw_" + base64.urlsafe_b64encode(blob[:-1] + bytes([blob[-1] ^ 1])).decode().rstrip("="),
        "dgw_" + base64.urlsafe_b64encode(b"\0" * 64).decode().rstrip("="),
        "dgw_",
        "dgw_!",
        *(_token({"alg": odd}) for odd in ([], {}, None, 1, "RS256")),
        "x",
        world.admin_token[:-1],
    ]
    for secret in forged:
        assert await ask(world, secret) == 401, secret
    assert await ask(world, token["token"]) == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Token x"])
async def test_no_credential_is_asked_for_one(world: World, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = await world.client.get("/gateway/v1/records", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert misfits(dialect, "error", answer.json()) == []


async def test_a_permission_opens_what_it_says(world: World) -> None:
    body = {"project": "p", "environment": "e", "source": {"commit": "c"}}
    allowed = {"read": (200, 403, 403), "write": (200, 201, 403), "admin": (200, 200, 200)}
    for permission, expected in allowed.items():
        headers = {"authorization": f"Bearer {await world.token(permission)}"}
        seen = (
            await world.client.get("/gateway/v1/records", headers=headers),
            await world.client.post("/gateway/v1/records", json=body, headers=headers),
            await world.client.get("/gateway/v1/orgs/acme/tokens", headers=headers),
        )
        assert tuple(answer.status_code for answer in seen) == expected, permission


async def test_another_org_does_not_exist(world: World) -> None:
    secret = await world.token("admin", org="umbrella")
    assert await ask(world, secret, "/orgs/acme") == 404
    assert await ask(world, secret, "/orgs/nobody") == 404
    assert await ask(world, secret, "/orgs/umbrella") == 200
    assert await ask(world, secret, "/records?org=acme") == 404
    headers = {"authorization": f"Bearer {secret}"}
    seen = (await world.client.get("/gateway/v1/orgs", headers=headers)).json()
    assert [org["name"] for org in seen["orgs"]] == ["umbrella"]


async def test_an_alias_names_its_org_in_any_case(world: World) -> None:
    secret = await world.token("read")
    assert await ask(world, secret, "/orgs/ACME-Inc") == 200
    assert await ask(world, secret, "/records?org=Acme-INC") == 200


async def test_a_token_limited_to_projects_sees_only_those(any_world: World) -> None:
    world = any_world
    whole = {"authorization": f"Bearer {await world.token()}"}
    for project in ("shop", "bank"):
        body = {"project": project, "environment": "production", "source": {"commit": "c"}}
        await world.client.post("/gateway/v1/records", json=body, headers=whole)
    limited = {"authorization": f"Bearer {await world.token(projects=['acme/shop'])}"}
    seen = (await world.client.get("/gateway/v1/records", headers=limited)).json()["records"]
    assert [record["project"]["path"] for record in seen] == ["acme/shop"]
    hidden = next(r for r in await world.held() if r.project.path == "acme/bank")
    for path in ("", "/events", "/fidelity", "/views/gitlab"):
        answer = await world.client.get(f"/gateway/v1/records/{hidden.id}{path}", headers=limited)
        assert answer.status_code == 404
    named = {"project": "bank", "environment": "production", "source": {"commit": "d"}}
    answer = await world.client.post("/gateway/v1/records", json=named, headers=limited)
    assert answer.status_code == 404, "a project named outside the token does not exist"
    slot = {"deployment_name": "bank", "environment": "production", "source": {"commit": "d"}}
    answer = await world.client.post("/gateway/v1/records", json=slot, headers=limited)
    assert answer.status_code == 403, "a slot held by a project outside the token is out of reach"
    free = {"deployment_name": "web", "environment": "production", "source": {"commit": "d"}}
    answer = await world.client.post("/gateway/v1/records", json=free, headers=limited)
    assert (answer.status_code, answer.json()["project"]["rule"]) == (201, "token")


async def test_an_admin_of_some_projects_hands_out_no_tokens(world: World) -> None:
    secret = await world.token("admin", projects=["acme/shop"])
    headers = {"authorization": f"Bearer {secret}"}
    body = {"user": "eve", "permission": "admin"}
    answer = await world.client.post("/gateway/v1/orgs/acme/tokens", json=body, headers=headers)
    assert answer.status_code == 403
    for path in ("tokens", "users", "groups"):
        assert await ask(world, secret, f"/orgs/acme/{path}") == 403


async def test_secrets_are_shown_once_and_stored_nowhere(world: World) -> None:
    path = world.database_url.removeprefix("sqlite:///")
    token = await issued(world)
    listed = await world.admin("GET", "/orgs/acme/tokens")
    assert token["token"] not in listed.text
    assert token["jwt"] not in listed.text
    stored = b"".join(_bytes(path + ending) for ending in ("", "-wal"))
    for form in (token["token"], token["jwt"]):
        assert form.encode() not in stored
        assert form[-40:].encode() not in stored


def _bytes(path: str) -> bytes:
    # Read by a process of its own: a process that closes a file gives up every lock on it, those
    # of the SQLite that has it open too.
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout


async def test_orgs_users_groups_and_projects_are_made_once(any_world: World) -> None:
    made = {
        "/orgs": {"name": "initech", "aliases": ["initech-eu"]},
        "/orgs/acme/users": {"username": "kim", "name": "Kim", "external_id": "u-1"},
        "/orgs/acme/groups": {"name": "approvers", "members": ["kim"]},
    }
    for path, body in made.items():
        assert (await any_world.admin("POST", path, body)).status_code == 201, path
        again = await any_world.admin("POST", path, body)
        assert again.status_code == 409, path
    for expected in (201, 200):
        answer = await any_world.admin("POST", "/orgs/acme/projects", {"path": "acme/new"})
        assert (answer.status_code, answer.json()["path"]) == (expected, "acme/new")
    users = (await any_world.admin("GET", "/orgs/acme/users")).json()["users"]
    assert (users[0]["number"], users[0]["username"]) == (1, "root")
    groups = (await any_world.admin("GET", "/orgs/acme/groups")).json()["groups"]
    assert groups[0]["members"] == ["kim"]
    projects = (await any_world.admin("GET", "/orgs/acme/projects")).json()["projects"]
    assert [project["path"] for project in projects] == ["acme/new", "acme/unassigned"]


BAD = [
    ("/orgs", {"name": "a b"}),
    ("/orgs", {"name": ""}),
    ("/orgs", {}),
    ("/orgs", []),
    ("/orgs/acme/users", {"username": "../x"}),
    ("/orgs/acme/tokens", {"user": "ada", "permission": "owner"}),
    ("/orgs/acme/tokens", {"user": "ada", "permission": "read", "projects": []}),
    ("/orgs/acme/tokens", {"user": "ada", "permission": "read", "expires_at": "2001-01-01T00:00Z"}),
    ("/orgs/acme/tokens", {"user": "a", "permission": "read", "expires_at": "4000000000"}),
    (
        "/orgs/acme/tokens",
        {"user": "a", "permission": "read", "expires_at": "9999-12-31T23:59:59-14:00"},
    ),
    ("/orgs/acme/tokens", {"user": "a", "permission": "read", "name": "n" * 513}),
    ("/orgs/acme/tokens", {"user": "root", "permission": "read"}),
    ("/orgs/acme/tokens", {"user": "ROOT", "permission": "admin"}),
    ("/orgs/acme/users", {"username": "kim", "external_id": "x" * 3000}),
    ("/orgs/acme/projects", {"path": "acme/../x"}),
    ("/orgs/acme/groups", {"name": "g", "members": "kim"}),
]


@pytest.mark.parametrize(("path", "body"), BAD)
async def test_what_does_not_fit_is_refused(world: World, path: str, body: object) -> None:
    answer = await world.admin("POST", path, body)
    assert answer.status_code == 422
    assert misfits(dialect, "error", answer.json()) == []


async def test_an_unknown_member_of_a_group_is_named(world: World) -> None:
    body = {"name": "g", "members": ["nobody"]}
    answer = await world.admin("POST", "/orgs/acme/groups", body)
    assert answer.status_code == 404


async def test_without_auto_create_a_write_makes_no_project(make_world: MakeWorld) -> None:
    world = await make_world(auto_create=False)
    headers = {"authorization": f"Bearer {await world.token()}"}
    body = {"project": "shop", "environment": "production", "source": {"commit": "c"}}
    refused = await world.client.post("/gateway/v1/records", json=body, headers=headers)
    assert refused.status_code == 404
    assert await world.records() == []
    unnamed = {"deployment_name": "web", "environment": "e", "source": {"commit": "c"}}
    answer = await world.client.post("/gateway/v1/records", json=unnamed, headers=headers)
    assert answer.json()["project"]["path"] == "acme/unassigned"
