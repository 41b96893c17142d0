"""What is another's is never visible, countable or guessable: every route of every dialect."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import product

import httpx
import pytest

from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint
from tests.isolation.tenants import (
    COMMIT,
    DIGEST,
    NOBODYS,
    Tenant,
    asked,
    bodies,
    endpoints,
    filled,
    placeholders,
    settled,
    told,
)
from tests.world import World, Worlds

QUERIES = {
    ("canonical", "/records"): [f"digest=sha256:{DIGEST}", f"commit={COMMIT}", "limit=1"],
    ("canonical", "/now"): ["limit=1"],
    ("chainloop", "/deployments"): [
        *("full_history=true", "pagination.page_size=1", f"artifact_digest=sha256:{DIGEST}"),
        *("environment_name=theirs-production", "full_history=true&pagination.page_size=1"),
    ],
    ("chainloop", "/environments"): ["pagination.page_size=1", "query=theirs"],
    ("gitlab", "/projects/{id}/deployments"): ["per_page=1", "environment=theirs-production"],
    ("gitlab", "/projects/{id}/environments"): ["per_page=1", "search=theirs"],
    ("gitlab", "/projects"): ["per_page=1", "search=theirs"],
    ("gitlab", "/users"): ["per_page=1", "username=theirs-deployer", "search=theirs"],
    ("github", "/orgs/{org}/artifacts/metadata/deployment-records"): ["per_page=1"],
    ("iftrue", "/deployment"): ["limit=1", "branch=main", "page=2&limit=1"],
}


Answers = dict[str, tuple[object, ...]]
"""What was told, by path."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One gateway with ours, and what could be read of it before there was theirs and after."""

    world: World
    ours: Tenant
    theirs: dict[str, Tenant]
    callers: dict[str, str]
    before: dict[str, Answers]
    after: dict[str, Answers]


OTHER, HIDDEN = "another org", "a project outside the token"
CALLERS = {
    OTHER: {"permission": "admin"},
    HIDDEN: {"permission": "write", "projects": ["acme/shop"]},
}
"""What is theirs, and how the one is limited who must not see it."""


@pytest.fixture(scope="module")
async def neighbours(worlds: Worlds) -> AsyncIterator[Neighbours]:
    async with worlds.lent(iftrue_profile="documented") as world:
        ours = await settled(world, "acme", "shop", user="ada", marks="ours")
        callers = {name: await world.token(user="ada", **said) for name, said in CALLERS.items()}
        before = {who: await read(world, token, ours) for who, token in callers.items()}
        theirs = {OTHER: await settled(world, "umbrella", "shop", user="ada", marks="ours")}
        after = {OTHER: await read(world, callers[OTHER], ours)}
        theirs[HIDDEN] = await settled(
            world, "acme", "hidden", user="mallory", marks="theirs", beside="ours-production"
        )
        after[HIDDEN] = await read(world, callers[HIDDEN], ours)
        yield Neighbours(world, ours, theirs, callers, before, after)


async def read(world: World, token: str, tenant: Tenant) -> Answers:
    """All that can be read of a tenant."""
    paths = readable(tenant)
    return {path: told(await asked(world, token, "GET", path), etag=True) for path in paths}


def readable(tenant: Tenant) -> list[str]:
    """Every path that can be read of a tenant, plainly and with the queries that choose."""
    found = []
    for dialect, endpoint in endpoints():
        if endpoint.method == "GET":
            kinds = placeholders(dialect, endpoint)
            path = filled(dialect, endpoint, [tenant.names[kind] for kind in kinds])
            queries = QUERIES.get((dialect.name, endpoint.path), [])
            found += [path, *(f"{path}?{query}" for query in queries)]
    return found


@pytest.mark.parametrize("who", CALLERS)
async def test_what_others_write_changes_no_answer(neighbours: Neighbours, who: str) -> None:
    for path, answer in neighbours.before[who].items():
        assert neighbours.after[who][path] == answer, path


REACHING = [
    pytest.param(dialect, endpoint, id=f"{dialect.name} {endpoint.method} {endpoint.path}")
    for dialect, endpoint in endpoints()
    if placeholders(dialect, endpoint)
]


@pytest.mark.parametrize(("dialect", "endpoint"), REACHING)
async def test_what_is_theirs_answers_as_what_nobody_has(
    neighbours: Neighbours, dialect: Dialect, endpoint: Endpoint
) -> None:
    for who, theirs in neighbours.theirs.items():
        kinds = placeholders(dialect, endpoint)
        for foreign in _choices(kinds, theirs, neighbours.ours):
            answers = []
            for names in (theirs.names, NOBODYS):
                values = [
                    (names if is_foreign else neighbours.ours.names)[kind]
                    for kind, is_foreign in zip(kinds, foreign, strict=True)
                ]
                answer = await asked(
                    neighbours.world,
                    neighbours.callers[who],
                    endpoint.method,
                    filled(dialect, endpoint, values),
                    bodies(dialect, endpoint),
                )
                answers.append(_anonymous(answer, values))
            assert answers[0] == answers[1], (who, foreign)


SHARED = {"dialect", "digest", "cluster", "environment"}
"""What is named by its content or freely, and is anybody's."""


def _choices(kinds: list[str], theirs: Tenant, ours: Tenant) -> list[tuple[bool, ...]]:
    """Which placeholders name what is theirs: each alone and all combinations."""
    is_own = [kind in SHARED or theirs.names[kind] == ours.names[kind] for kind in kinds]
    able = [(False,) if own else (False, True) for own in is_own]
    return [choice for choice in product(*able) if any(choice)]


def _anonymous(answer: httpx.Response, values: list[str]) -> tuple[object, ...]:
    """The answer without the names that were asked for, which it may repeat."""
    asked_for = re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in values))
    status, headers, body = told(answer)
    plain = [f"{name}: {value}" for name, value in headers if name != "content-length"]
    return status, [asked_for.sub("<asked>", text) for text in (*plain, body.decode())]
