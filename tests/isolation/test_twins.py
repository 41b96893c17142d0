"""Whatever a limited token asks for and writes is answered as if there were no more.

Two gateways are asked the same, at random. In one of them the org has other projects and another
org is at work; in the other there never was anything of that. Left out is what is the org's:
environments by their names, and slots that others occupy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random

import pytest

from gateway.core.model import Record
from tests.isolation.streams import Stream
from tests.isolation.tenants import settled
from tests.isolation.twins import Twins, set_apart
from tests.world import World, Worlds

REQUESTS = 700
LIMITS = {
    "reader": ("read", ["acme/shop"]),
    "writer": ("write", ["acme/shop"]),
    "administrator": ("admin", ["acme/shop"]),
    "writer of two": ("write", ["acme/shop", "acme/api"]),
    "administrator of two": ("admin", ["acme/shop", "acme/api"]),
}
HIDDEN = {"acme/hidden", "acme/bank"}


@pytest.fixture
async def twins(worlds: Worlds) -> AsyncIterator[Twins]:
    async with AsyncExitStack() as stack:
        rich, bare = [
            await stack.enter_async_context(worlds.lent(iftrue_profile="documented"))
            for _ in range(2)
        ]
        both = Twins((rich, bare))
        set_apart(rich)
        set_apart(bare)
        await others(both, "hidden", marks="theirs")
        for world in (rich, bare):
            await settled(world, "acme", "shop", user="ada", marks="ours")
        for who, (permission, projects) in LIMITS.items():
            secrets = [
                await world.token(permission, projects, user=who[0]) for world in both.worlds
            ]
            both.tokens[who] = secrets[0], secrets[1]
        await others(both, "bank", marks="banks", beside="ours-production")
        await settled(rich, "umbrella", "shop", user="ada", marks="ours")
        yield both


async def others(twins: Twins, repo: str, *, marks: str, beside: str = "") -> None:
    """What the second gateway never hears of."""
    rich = twins.worlds[0]
    kept = await settled(rich, "acme", repo, user="mallory", marks=marks, beside=beside)
    await rich.token("admin", [f"acme/{repo}"], user="ada")
    team = {"name": f"{repo}-team", "members": ["mallory"]}
    assert (await rich.admin("POST", "/orgs/acme/groups", team)).status_code == 201
    twins.hide(kept.names)


async def hidden(world: World) -> list[Record]:
    return [record for record in await world.held() if record.project.path in HIDDEN]


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_limited_token_is_answered_as_if_there_were_no_more(
    twins: Twins, seed: int
) -> None:
    before = await hidden(twins.worlds[0])
    assert before
    for request in Stream(Random(seed), twins, tuple(LIMITS))(REQUESTS):
        assert await twins.differ(request) is None, request
    assert await hidden(twins.worlds[0]) == before
