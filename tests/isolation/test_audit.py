"""The audit: one line for each act and write, by whom and through what, and never changed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.core.audit import Action
from gateway.dialect.http import REQUEST_HEADER
from gateway.store.engine import open_writer
from tests.isolation.tenants import asked, settled
from tests.service.test_placement import inside
from tests.world import World

AUDIT = "/gateway/v1/audit"
ORG = "/gateway/v1/orgs/acme"
PROJECT = "/api/v4/projects/acme%2Fshop"
RECORD = {
    **{"project": "acme/shop", "environment": "production", "deployment_name": "shop"},
    "artifact": {"digests": {"sha256": "a" * 64}},
}
IN_STAGING = {**RECORD, "environment": "staging"}
ENVIRONMENT = f"{PROJECT}/environments/<number>"
READS = {"user": "bob", "permission": "read"}
OPEN = {"deploy_access_levels": [{"access_level": 30}]}
GUARDED = f"{PROJECT}/protected_environments"
GUARD = {"name": "staging", "deploy_access_levels": [{"access_level": 40}]}


async def acts(world: World, token: str, query: str = "limit=500") -> list[dict[str, Any]]:
    answer = await asked(world, token, "GET", f"{AUDIT}?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["acts"]
    return found


async def done(world: World, token: str, method: str, path: str, body: object) -> None:
    answer = await asked(world, token, method, path, body)
    assert answer.status_code < 300, answer.text


async def test_every_act_leaves_one_line_with_who_and_through_what(any_world: World) -> None:
    token = await any_world.token("admin", user="grace")
    (own,) = await acts(any_world, token, "action=token.created")
    steps = [
        ("POST", f"{ORG}/users", {"username": "bob"}, "user.created", "canonical"),
        ("POST", f"{ORG}/groups", {"name": "ops"}, "group.created", "canonical"),
        ("POST", f"{ORG}/projects", {"path": "acme/shop"}, "project.created", "canonical"),
        ("POST", f"{ORG}/tokens", READS, "token.created", "canonical"),
        ("DELETE", f"{ORG}/tokens/<subject>", None, "token.revoked", "canonical"),
        ("POST", f"{PROJECT}/environments", {"name": "staging"}, "environment.created", "gitlab"),
        ("PUT", ENVIRONMENT, {"tier": "other"}, "environment.changed", "gitlab"),
        ("POST", f"{ENVIRONMENT}/stop", None, "environment.stopped", "gitlab"),
        ("DELETE", ENVIRONMENT, None, "environment.removed", "gitlab"),
        ("POST", f"{PROJECT}/environments", {"name": "staging"}, "environment.created", "gitlab"),
        ("POST", GUARDED, GUARD, "protection.created", "gitlab"),
        ("POST", "/gateway/v1/records", IN_STAGING, "record.recorded", "canonical"),
        ("PUT", f"{GUARDED}/staging", OPEN, "protection.changed", "gitlab"),
        ("DELETE", f"{GUARDED}/staging", None, "protection.removed", "gitlab"),
    ]
    for method, path, body, action, dialect in steps:
        before = await acts(any_world, token)
        where = path.replace("<subject>", before[0]["subject"])
        if "<number>" in path:
            (shown,) = (await asked(any_world, token, "GET", f"{PROJECT}/environments")).json()
            where = path.replace("<number>", str(shown["id"]))
        await done(any_world, token, method, where, body)
        line, *rest = await acts(any_world, token)
        assert rest == before
        assert (line["action"], line["dialect"]) == (action, dialect)
        assert (line["actor"]["username"], line["token_id"]) == ("grace", own["subject"])
        assert line["request_id"] not in {act["request_id"] for act in before}


MADE = {"project.created", "environment.created", "user.created"}
"""What a write does beside what it is asked for."""


async def made(world: World, token: str) -> list[tuple[str, str, str, str]]:
    """What was made so far: act, subject, and the dialect and request that made it."""
    return [
        (act["action"], act["subject"], act["dialect"], act["request_id"])
        for act in await acts(world, token)
        if act["action"] in MADE
    ]


async def test_what_is_made_in_passing_is_told_once_however_many_share_it(any_world: World) -> None:
    token = await any_world.token("admin", user="grace")
    before = await made(any_world, token)
    said = {**RECORD, "actor": {"username": "linus"}}
    together = [{**said, "deployment_name": f"slot-{n}"} for n in range(8)]
    headers = {"authorization": f"Bearer {token}"}
    answers = await asyncio.gather(
        *(any_world.client.post("/gateway/v1/records", json=b, headers=headers) for b in together)
    )
    assert {answer.status_code for answer in answers} == {201}
    found = [line for line in await made(any_world, token) if line not in before]
    assert sorted(line[:3] for line in found) == [
        ("environment.created", "production", "canonical"),
        ("project.created", "acme/shop", "canonical"),
        ("user.created", "linus", "canonical"),
    ]
    assert {line[3] for line in found} <= {answer.headers[REQUEST_HEADER] for answer in answers}


ITEM = {"digest": f"sha256:{'b' * 64}", "status": "deployed", "github_repository": "web"}
IN_PASSING: dict[str, tuple[str, dict[str, Any], set[tuple[str, str]]]] = {
    "gitlab": (
        "/api/v4/projects/acme%2Fapi/deployments",
        {**{"environment": "east", "ref": "main"}, "sha": "c" * 40, "tag": False}
        | {"status": "success"},
        {("project.created", "acme/api"), ("environment.created", "east")},
    ),
    "github": (
        "/orgs/acme/artifacts/metadata/deployment-record/cluster/moda",
        {"logical_environment": "east"}
        | {"deployments": [{**ITEM, "name": "web", "deployment_name": f"d-{n}"} for n in (1, 2)]},
        {("project.created", "acme/web"), ("environment.created", "east/moda")},
    ),
    "chainloop": (
        "/v1/deployments",
        {"environment_name": "east", "deployment_name": "worker"}
        | {"artifact_digest": f"sha256:{'c' * 64}"},
        {("project.created", "acme/worker"), ("environment.created", "east")},
    ),
    "iftrue": (
        "/v1/organization/deployment",
        {"repository_url": "acme/cli", "member_id": "m-7", "title": "t", "branch": "main"}
        | {"commit_id": "c" * 40, "status": "succes", "pull_request_number": 7},
        {("project.created", "acme/cli"), ("environment.created", "production")}
        | {("user.created", "m-7")},
    ),
    "canonical": (
        "/gateway/v1/orgs/acme/tokens",
        {"user": "hal", "permission": "read", "projects": ["acme/pod"]},
        {("project.created", "acme/pod"), ("user.created", "hal")},
    ),
}
"""A write of each dialect to places and by people that are new, and what it makes."""


@pytest.mark.parametrize("dialect", IN_PASSING)
async def test_what_any_dialect_makes_in_passing_is_told(world: World, dialect: str) -> None:
    token = await world.token("admin", user="grace")
    before = await made(world, token)
    path, body, expected = IN_PASSING[dialect]
    for _ in range(2):
        await done(world, token, "POST", path, body)
    found = [line for line in await made(world, token) if line not in before]
    assert {line[:2] for line in found} == expected
    assert (len(found), {line[2] for line in found}) == (len(expected), {dialect})


async def test_every_kind_of_act_is_told(world: World) -> None:
    await settled(world, "acme", "shop", user="ada", marks="ours")
    token = await world.token("admin")
    there = {act["action"] for act in await acts(world, token)}
    told = {"org.created", "token.created", "protection.created", "storage.recorded"}
    assert told | {"job.submitted", "record.recorded", "record.superseded"} <= there
    assert there <= {*Action} | {act for act in there if act.startswith("record.")}


async def test_what_the_command_line_alone_does_is_told_as_well(world: World) -> None:
    token, ctx = await world.token("admin"), await inside(world)
    directory = world.gateway.services.directory
    await directory.add_alias(ctx.caller, ctx.org, "acme-too")
    await directory.make_group(ctx, "ops", [])
    await directory.add_to_group(ctx, "ops", "ada")
    joined, _, aliased, *_ = await acts(world, token)
    assert (joined["action"], joined["subject"]) == ("group.joined", "ops ada")
    assert (aliased["action"], aliased["subject"]) == ("org.aliased", "acme-too")


async def test_what_was_refused_leaves_no_line(world: World) -> None:
    token = await world.token("admin")
    before = await acts(world, token)
    for path, body in ((f"{ORG}/users", {"username": "ada"}), (f"{ORG}/groups", {"name": "/"})):
        assert (await asked(world, token, "POST", path, body)).status_code in {409, 422}
    assert await acts(world, token) == before


async def test_pages_and_lines_add_up_and_filters_choose(world: World) -> None:
    await settled(world, "acme", "shop", user="ada", marks="ours")
    token = await world.token("admin", user="grace")
    whole, paged, cursor = await acts(world, token), [], ""
    while True:
        page = (await asked(world, token, "GET", f"{AUDIT}?limit=3{cursor}")).json()
        paged += page["acts"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == whole
    assert [act["id"] for act in whole] == sorted((a["id"] for a in whole), reverse=True)
    headers = {"authorization": f"Bearer {token}", "accept": "application/x-ndjson"}
    lines = (await world.client.get(AUDIT, headers=headers)).text.splitlines()
    assert [json.loads(line) for line in lines] == whole
    middle = whole[len(whole) // 2]["at"]
    for query, is_chosen in {
        "actor=ADA": lambda act: act["actor"]["username"] == "ada",
        "action=storage.recorded": lambda act: act["action"] == "storage.recorded",
        f"since={middle}": lambda act: act["at"] >= middle,
        f"until={middle}": lambda act: act["at"] <= middle,
    }.items():
        assert await acts(world, token, f"limit=500&{query}") == list(filter(is_chosen, whole))


ENDS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
BEYOND = ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"]


@pytest.mark.parametrize("moment", ENDS + BEYOND)
async def test_the_ends_of_time_bound_all_that_was_done(any_world: World, moment: str) -> None:
    token = await any_world.token("admin")
    await done(any_world, token, "POST", "/gateway/v1/records", RECORD)
    whole = await acts(any_world, token)
    is_first = moment.startswith("0001")
    for name, expected in (("since", is_first), ("until", not is_first)):
        found = await acts(any_world, token, f"limit=500&{name}={moment}")
        assert found == (whole if expected else [])


async def test_the_audit_is_for_whoever_administers_the_whole_org(world: World) -> None:
    for permission, projects in (("read", None), ("write", None), ("admin", ["acme/shop"])):
        token = await world.token(permission, projects)
        assert (await asked(world, token, "GET", AUDIT)).status_code == 403
    assert (await world.admin("GET", "/audit?org=acme")).status_code == 200
    other = await world.token("admin", org="umbrella")
    assert (await asked(world, other, "GET", f"{AUDIT}?org=acme")).status_code == 404
    subjects = {act["subject"] for act in await acts(world, other)}
    assert "acme" not in subjects
    assert "umbrella" in subjects


@pytest.mark.parametrize("table", ["acts", "events"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET dialect = 'nobodys'"])
async def test_the_database_refuses_to_change_what_was_done(
    any_world: World, table: str, change: str
) -> None:
    await any_world.admin("POST", "/records", {"org": "acme", **RECORD})
    engine = open_writer(any_world.database_url)
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with engine.begin() as connection:
            await connection.execute(text(change.format(table)))
    await engine.dispose()
