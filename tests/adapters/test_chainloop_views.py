"""Both profiles show the same of any record, whoever wrote it; only the spelling differs."""

from __future__ import annotations

from adapters.chainloop import dialect
from gateway.conformance.agreement import read
from gateway.conformance.exchanges import exchanges_of, replay
from gateway.dialect.frame import Frame
from gateway.registry import installed
from tests.adapters.chainloop_client import plain
from tests.world import MakeWorld

DOCUMENTED, OBSERVED = (Frame(options=dialect.options[p]) for p in ("documented", "observed"))


async def test_what_any_dialect_wrote_is_shown_alike_in_both_profiles(
    make_world: MakeWorld,
) -> None:
    world = await make_world(chainloop_profile="observed", iftrue_profile="observed")
    token = await world.token("admin")
    for other in installed().values():
        for example in exchanges_of(other, "documented"):
            if example.is_create:
                await replay(world.client, example, token)
    reader = await world.token("read", user="reader")
    for record in await world.held():
        seen, untrue = await read(world, dialect, record, reader)
        assert (seen, untrue) == (dialect.render(record, OBSERVED), [])
        assert seen is not None
        assert plain(seen) == dialect.render(record, DOCUMENTED)
