"""A view of ``/gateway/v1`` is, byte by byte, the record in the dialect's own answer."""

from __future__ import annotations

import pytest

from gateway.conformance.exchanges import exchanges_of, replay
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.registry import installed
from tests.world import MakeWorld, World

PROFILED = ("chainloop", "github", "gitlab", "iftrue")


@pytest.mark.parametrize("profile", ["documented", "observed"])
async def test_a_view_is_what_the_dialect_answers(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(**{f"{name}_profile": profile for name in PROFILED})
    token, reader = await world.token("admin"), await world.token("read", user="reader")
    for dialect in installed().values():
        for example in exchanges_of(dialect, "documented"):
            if example.is_create and not example.said.get("given"):
                await replay(world.client, example, token)
    compared = dict.fromkeys(installed(), 0)
    for record in await world.held():
        for dialect, _ in world.gateway.services.dialects.values():
            compared[dialect.name] += await same(world, dialect, record, reader)
    assert all(compared.values()), compared


async def same(world: World, dialect: Dialect, record: Record, token: str) -> bool:
    """Whether there was something to compare; fails where the view is something else."""
    headers = {"authorization": f"Bearer {token}"}
    path = f"/gateway/v1/records/{record.id}/views/{dialect.name}"
    view = await world.client.get(path, headers=headers)
    assert view.status_code == (200 if dialect.shows(record) else 404), view.text
    there = dialect.lookup.path(record)
    if there is None or not dialect.shows(record):
        return False
    answer = await world.client.get(there, headers=headers)
    assert dialect.lookup.pick(answer.json(), record) == view.json(), there
    if view.json() == answer.json():
        assert view.content == answer.content, there
    assert view.content in answer.content, there
    return True
