"""Every filter of Chainloop's list with every other, against a few lines of plain Python."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gateway.core.model import Presence, Record
from tests.adapters.chainloop_client import PROFILES, Client
from tests.databases import copied
from tests.world import opened_world

STATUS = {
    Presence.LIVE: "DEPLOYED",
    Presence.SUPERSEDED: "SUPERSEDED",
    Presence.DECOMMISSIONED: "DECOMMISSIONED",
}
FILTERS: dict[str, tuple[str | None, ...]] = {
    "environment_name": (None, "production", "nowhere"),
    "deployment_name": (None, "shop"),
    "status": (None, "DEPLOYED", "SUPERSEDED", "DECOMMISSIONED"),
    "artifact_kind": (None, "CONTAINER_IMAGE", "HELM_CHART"),
    "full_history": (None, "true"),
}
PROJECTS: tuple[tuple[str | None, str | None], ...] = (
    (None, None),
    ("shop", None),
    ("acme/acme/shop", None),
    ("acme-inc/Shop", "1"),
    ("shop", "main"),
)
"""``project_name`` and ``project_version_name``, which needs the other."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What there is, and a client to ask for it; ``current`` is what each slot shows."""

    client: Client
    records: tuple[Record, ...]

    def expected(self, query: dict[str, str]) -> list[str]:
        """What a query shows: slots are chosen first, then rows of what they show."""
        chosen = [r for r in self.records if all(_chooses(r, query))]
        if "full_history" not in query:
            chosen = [r for r in chosen if r.id == r.slot.current]
        kept = [r for r in chosen if all(_keeps(r, query))]
        kept.sort(key=lambda r: (r.created_at, r.number), reverse=True)
        return [str(record.id) for record in kept]


def _chooses(record: Record, query: dict[str, str]) -> Iterator[bool]:
    yield query.get("environment_name") in {None, record.environment.name}
    yield query.get("deployment_name") in {None, record.slot.name}
    if "project_name" in query:
        path = query["project_name"].casefold().split("/")
        below = path[1:] if len(path) > 1 and path[0] in {"acme", "acme-inc"} else path
        yield record.project.path.casefold() == "/".join(["acme", *below])


def _keeps(record: Record, query: dict[str, str]) -> Iterator[bool]:
    yield query.get("status") in {None, STATUS.get(record.presence)}
    yield query.get("artifact_kind") in {None, record.artifact.kind}
    version = record.artifact.version or record.source.ref
    yield query.get("project_version_name") in {None, version}


@pytest.fixture(scope="module", params=PROFILES)
async def crowd(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
) -> AsyncIterator[Crowd]:
    url = copied(sqlite_template, tmp_path_factory.mktemp("crowd") / "gateway.db")
    async with opened_world(url, chainloop_profile=request.param) as world:
        client = Client(world, await world.token())
        await _fill(client)
        yield Crowd(client, await world.held())


async def _fill(client: Client) -> None:
    """Records of every status, kind, project and version in slots of two environments."""
    kinds = (None, "CONTAINER_IMAGE", "HELM_CHART")
    number = 0
    for environment, slot in product(("production", "staging"), ("api", "shop", "")):
        for version, kind in (("1", kinds[1]), ("2", kinds[2]), ("1", kinds[0]), ("3", kinds[1])):
            number += 1
            said: dict[str, Any] = {"environment_name": environment, "deployment_name": slot}
            said |= {"artifact_digest": f"sha256:{number:064x}", "artifact_version": version}
            said |= {"artifact_name": "ghcr.io/acme/shop", "kind": kind}
            await client.record(**said)
            if version == "2" or (version == "3" and slot == "shop"):
                await client.record(**said, status="DECOMMISSIONED")
    for environment, state in product(("production", "staging"), ("running", "failed", "success")):
        await client.elsewhere("shop", environment=environment, state=state)
        await client.elsewhere(
            "acme/acme/shop", environment=environment, state=state, deployment_name="nested"
        )


@pytest.mark.parametrize("project", PROJECTS, ids=str)
async def test_every_filter_combines_with_every_other(
    crowd: Crowd, project: tuple[str | None, str | None]
) -> None:
    names = (*FILTERS, "project_name", "project_version_name")
    found: set[tuple[str, ...]] = set()
    wrong = []
    for values in product(*FILTERS.values()):
        said = zip(names, (*values, *project), strict=True)
        query = {name: value for name, value in said if value is not None}
        listed = await crowd.client.list(**query)
        shown = [record["id"] for record in listed["deployment_records"]]
        found.add(tuple(shown))
        expected = crowd.expected(query)
        if (shown, listed["pagination"]["total_count"]) != (expected, len(expected)):
            wrong.append(query)
    assert wrong == []
    assert len(found) > 3, "the crowd tells the filters apart"


async def test_the_crowd_holds_every_sort_of_record(crowd: Crowd) -> None:
    assert {record.presence for record in crowd.records} == set(Presence)
    assert len({record.project.path for record in crowd.records}) == 2
    assert len({record.artifact.kind for record in crowd.records}) == 3
