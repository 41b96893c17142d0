"""Two tenants that look alike, and every path at which one may ask for what is the other's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from gateway.dialect import Dialect
from gateway.dialect.http import REQUEST_HEADER, Endpoint
from gateway.registry import installed
from tests.world import World

DIGEST, COMMIT = "a" * 64, "c" * 40

KINDS = {
    "canonical": {
        "records/{id}": "record",
        "views/{dialect}": "dialect",
        "orgs/{org}": "org",
        "tokens/{id}": "token",
    },
    "chainloop": {"environments/{id}": "environment_id"},
    "github": {
        "orgs/{org}": "org",
        "repos/{org}": "org",
        "{org}/{repo}": "repo",
        "cluster/{cluster}": "cluster",
        "jobs/{job_id}": "job",
        "artifacts/{subject_digest}": "digest",
    },
    "gitlab": {
        "projects/{id}": "project",
        "groups/{id}": "group",
        "users/{id}": "user",
        "deployments/{deployment_id}": "number",
        "environments/{environment_id}": "place",
        "protected_environments/{name}": "environment",
    },
    "iftrue": {"deployment/{id}": "record"},
}
"""Per dialect, what a placeholder names; a new route's has to be added."""

NOBODYS = {
    "record": "019aa000-0000-7000-8000-000000000000",
    "token": "019aa000-0000-7000-8000-000000000001",
    "environment_id": "019aa000-0000-7000-8000-000000000002",
    "dialect": "esperanto",
    "org": "nowhere",
    "repo": "nothing",
    "cluster": "nocluster",
    "job": "8123456789012345",
    "digest": "sha256:" + "0" * 64,
    "project": "8123456789012345",
    "group": "8123456789012345",
    "user": "8123456789012345",
    "number": "8123456789012345",
    "place": "8123456789012345",
    "environment": "noenvironment",
}
"""What nothing has ever been called."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A project with one of everything, and the name of each thing in a path."""

    names: Mapping[str, str]


async def settled(
    world: World, org: str, repo: str, *, user: str, marks: str, beside: str = ""
) -> Tenant:
    """A project of an org with one of everything. ``marks`` begins all its own names.

    ``beside`` is an environment in which it has a record too.
    """
    limits = [f"{org}/{repo}"]
    ask = _Asker(world, await world.token("admin", limits, org=org, user=user))
    path = f"{org}/{repo}"
    first = await ask("POST", "/gateway/v1/records", _record(org, path, marks, DIGEST))
    record = await ask("POST", "/gateway/v1/records", _record(org, path, marks, "b" * 64))
    await ask("POST", "/gateway/v1/records", _record(org, path, marks, DIGEST, state="running"))
    project = f"/api/v4/projects/{record['project']['number']}"
    (place,) = await ask("GET", f"{project}/environments")
    grant = {"deploy_access_levels": [{"access_level": 40}]}
    rules = {"approval_rules": [{"access_level": 40, "required_approvals": 1}]}
    guarded = f"{marks}-guarded"
    await ask("POST", f"{project}/protected_environments", {"name": guarded, **grant, **rules})
    blocked = _record(org, path, marks, "d" * 64, state="blocked", environment=guarded)
    await ask("POST", "/gateway/v1/records", blocked)
    if beside:
        there = _record(org, path, marks, DIGEST, environment=beside)
        await ask("POST", "/gateway/v1/records", there)
    github = f"/orgs/{org}/artifacts"
    stored = {"name": f"{marks}-lib", "digest": f"sha256:{DIGEST}", "github_repository": repo}
    registry = {"registry_url": f"https://{marks}.example.com/"}
    await ask("POST", f"{github}/metadata/storage-record", {**stored, **registry})
    cluster = "moda"
    jobs = f"{github}/metadata/deployment-record/cluster/{cluster}/jobs"
    job = _job_number(await ask("POST", jobs, _cluster(repo, marks)))
    for _ in range(500):  # the worker has it; this takes a few turns
        if (await ask("GET", f"{jobs}/{job}"))["status"] == "completed":
            break
        await asyncio.sleep(0.01)
    tokens = await world.admin("GET", f"/orgs/{org}/tokens")
    users = (await world.admin("GET", f"/orgs/{org}/users")).json()["users"]
    numbers = {known["username"]: known["number"] for known in users}
    return Tenant(
        {
            "record": first["id"],
            "token": tokens.json()["tokens"][-1]["id"],
            "environment_id": record["environment"]["id"],
            "dialect": "canonical",
            "org": org,
            "repo": repo,
            "cluster": cluster,
            "job": str(job),
            "digest": f"sha256:{DIGEST}",
            "project": str(record["project"]["number"]),
            "group": org,
            "user": str(numbers[user]),
            "number": str(record["number"]),
            "place": str(place["id"]),
            "environment": guarded,
        }
    )


def _job_number(answer: Mapping[str, Any]) -> int:
    return int(next(value for name, value in answer.items() if name in {"id", "job_id"}))


def _record(
    org: str, path: str, marks: str, digest: str, *, state: str = "success", environment: str = ""
) -> dict[str, object]:
    return {
        "org": org,
        "project": path,
        "environment": environment or f"{marks}-production",
        "deployment_name": f"{marks}-slot",
        "state": state,
        "artifact": {"name": f"{marks}-image", "version": "1", "digests": {"sha256": digest}},
        "source": {"commit": COMMIT, "ref": "main"},
        "delivery": {"title": f"{marks}-title", "pull_request_number": 7},
        "actor": {"username": f"{marks}-deployer"},
    }


def _cluster(repo: str, marks: str) -> dict[str, object]:
    one = {
        "name": f"{marks}-image",
        "digest": f"sha256:{'e' * 64}",
        "status": "deployed",
        "deployment_name": f"{marks}-in-cluster",
        "github_repository": repo,
    }
    return {"logical_environment": f"{marks}-production", "deployments": [one]}


class _Asker:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def __call__(self, method: str, path: str, body: object = None) -> Any:
        answer = await asked(self._world, self._token, method, path, body)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()


async def asked(
    world: World, token: str, method: str, path: str, body: object = None
) -> httpx.Response:
    """Ask any dialect; all of them take this form of a credential."""
    headers = {"authorization": f"Bearer {token}"}
    return await world.client.request(method, path, json=body, headers=headers)


def endpoints() -> Iterator[tuple[Dialect, Endpoint]]:
    """Every route of every dialect but the preflights, which nobody's credential opens."""
    for dialect in installed().values():
        for endpoint in dialect.routes():
            if endpoint.method != "OPTIONS":
                yield dialect, endpoint


def placeholders(dialect: Dialect, endpoint: Endpoint) -> list[str]:
    """The kind of each placeholder of a path, in order."""
    known = KINDS[dialect.name]
    return [known[found] for found in re.findall(r"(?<=/)(?=([^/]+/\{\w+\}))", endpoint.path)]


def filled(dialect: Dialect, endpoint: Endpoint, values: list[str]) -> str:
    """The path with these values in its placeholders."""
    rest = iter(values)
    path = re.sub(r"\{\w+\}", lambda _: quote(next(rest), safe=""), endpoint.path)
    return dialect.bases[0] + path


def bodies(dialect: Dialect, endpoint: Endpoint) -> object:
    """A body that the dialect takes, where one is needed for it to look further."""
    if endpoint.method in {"GET", "DELETE"}:
        return None
    return _BODIES.get((dialect.name, endpoint.path.rpartition("/")[2]), {})


_GUARD = {"name": "production", "deploy_access_levels": [{"access_level": 40}]}
_DEPLOYMENT = {
    "name": "image",
    "digest": f"sha256:{'f' * 64}",
    "status": "deployed",
    "logical_environment": "production",
    "deployment_name": "slot",
}
_BODIES: Mapping[tuple[str, str], object] = {
    ("canonical", "users"): {"username": "visitor"},
    ("canonical", "tokens"): {"user": "visitor", "permission": "read"},
    ("canonical", "groups"): {"name": "visitors"},
    ("canonical", "projects"): {"path": "visited"},
    ("gitlab", "deployments"): {
        **{"environment": "production", "sha": COMMIT, "ref": "main"},
        **{"tag": False, "status": "success"},
    },
    ("gitlab", "{deployment_id}"): {"status": "failed"},
    ("gitlab", "approval"): {"status": "approved"},
    ("gitlab", "environments"): {"name": "visited"},
    ("gitlab", "stop_stale"): {"before": "2026-11-01T00:00:00Z"},
    ("gitlab", "{environment_id}"): {"description": "visited"},
    ("gitlab", "protected_environments"): _GUARD,
    ("gitlab", "{name}"): {"deploy_access_levels": [{"access_level": 40}]},
    ("github", "deployment-record"): _DEPLOYMENT,
    ("github", "{cluster}"): _cluster("nothing", "visit"),
    ("github", "jobs"): _cluster("nothing", "visit"),
    ("github", "storage-record"): {
        **{"name": "lib", "digest": f"sha256:{DIGEST}"},
        **{"registry_url": "https://registry.example.com/"},
    },
}

_PASSING = {
    *("date", "etag", "x-request-id", "x-github-request-id", "x-runtime", "x-gitlab-meta"),
    *("last-modified", "server-timing", "x-ratelimit-reset", REQUEST_HEADER.lower()),
}


def told(
    answer: httpx.Response, *, etag: bool = False
) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """All that an answer tells, but for when it was given."""
    headers = sorted(
        (name, value)
        for name, value in answer.headers.items()
        if name not in _PASSING or (etag and name == "etag")
    )
    return answer.status_code, tuple(headers), re.sub(rb'"reset":\d+', b"", answer.content)
