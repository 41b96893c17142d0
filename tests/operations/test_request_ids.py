"""An answer's id is that of its line in the log and of its lines in the audit, in any dialect."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import httpx
import pytest

from adapters.github.headers import github_request_id
from adapters.gitlab.headers import ulid
from gateway.conformance.strategies import golden_bodies
from gateway.dialect import Dialect
from gateway.dialect.http import REQUEST_HEADER
from gateway.registry import installed
from tests.world import MakeWorld, World

OWN: dict[str, Callable[[httpx.Response], tuple[str, str]]] = {
    "gitlab": lambda answer: (answer.headers["x-request-id"], ulid(answer.headers[REQUEST_HEADER])),
    "github": lambda answer: (
        answer.headers["x-github-request-id"].rpartition(":")[0],
        github_request_id(answer.headers[REQUEST_HEADER], 0).rpartition(":")[0],
    ),
}
"""A dialect's own form of the id as answered, and as it follows from the gateway's."""


def paths(dialect: Dialect) -> Iterator[str]:
    """Where a record is made: below each base of the dialect, and under an alias of the org."""
    for org in ("acme", "acme-inc"):
        path = dialect.capabilities.creates(org, f"{org}/shop")
        below = path.removeprefix(max((b for b in dialect.bases if path.startswith(b)), key=len))
        yield from (base + below for base in dialect.bases)


@pytest.mark.parametrize("dialect", installed().values(), ids=installed())
async def test_one_id_names_a_request_wherever_it_left_a_trace(
    dialect: Dialect, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"authorization": f"Bearer {await world.token()}", "host": "deployments.example.org"}
    caplog.set_level(logging.INFO, "gateway.request")
    body = golden_bodies(dialect)[0]
    for path in paths(dialect):
        answer = await world.client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        shown = answer.headers[REQUEST_HEADER]
        assert vars(caplog.records[-1])["request_id"] == shown
        acts = (await world.admin("GET", "/audit?org=acme&limit=1")).json()["acts"]
        assert (acts[0]["request_id"], acts[0]["dialect"]) == (shown, dialect.name)
        if dialect.name in OWN:
            own, meant = OWN[dialect.name](answer)
            assert own == meant


@pytest.mark.parametrize("dialect", installed().values(), ids=installed())
async def test_a_refusal_has_its_id_too(
    dialect: Dialect, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.request")
    for base in dialect.bases:
        answer = await world.client.get(f"{base or '/orgs/acme'}/nowhere-at-all")
        assert answer.status_code in {401, 404}
        assert vars(caplog.records[-1])["request_id"] == answer.headers[REQUEST_HEADER]


async def test_what_a_job_writes_has_the_id_of_who_asked_for_it(make_world: MakeWorld) -> None:
    world = await make_world(is_working=False)
    headers = {"authorization": f"Bearer {await world.token()}"}
    one = {"name": "image", "digest": f"sha256:{'a' * 64}", "deployment_name": "slot"}
    body = {"logical_environment": "prod", "deployments": [{**one, "status": "deployed"}]}
    path = "/orgs/acme/artifacts/metadata/deployment-record/cluster/moda/jobs"
    answer = await world.client.post(path, json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    assert await world.gateway.worker.work_one()
    acts = (await world.admin("GET", "/audit?org=acme&action=record.recorded")).json()["acts"]
    assert [act["request_id"] for act in acts] == [answer.headers[REQUEST_HEADER]]
