"""Both profiles show the same of any record, whoever wrote it; only the spelling differs."""

from __future__ import annotations

import pytest

from adapters.chainloop import dialect
from gateway.dialect.frame import Frame
from tests.adapters.chainloop_client import plain
from tests.exchanges import Exchange, replay
from tests.matrix.agreement import disagreements, read
from tests.matrix.test_matrix import CREATES
from tests.schemas import misfits
from tests.world import MakeWorld

DOCUMENTED, OBSERVED = (Frame(options=dialect.options[p]) for p in ("documented", "observed"))


@pytest.mark.parametrize("exchange", CREATES, ids=str)
async def test_what_any_dialect_wrote_is_shown_alike_in_the_observed_profiles(
    make_world: MakeWorld, exchange: Exchange
) -> None:
    world = await make_world(chainloop_profile="observed", iftrue_profile="observed")
    await replay(world, exchange, await world.token("admin"))
    reader = await world.token("read", user="reader")
    for record in await world.held():
        seen = await read(world, dialect, record, reader)
        assert seen == dialect.render(record, OBSERVED)
        assert plain(seen) == dialect.render(record, DOCUMENTED)
        assert misfits(dialect, "record", seen) == []
        iftrue, options = world.gateway.services.dialects["iftrue"]
        assert await disagreements(world, iftrue, options, record, reader) == []
