"""Questions asked at the same time share an answer that is as new as one of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from gateway.store.sharing import Shared


class Asked:
    """What was asked, and the state of the world that answers."""

    def __init__(self) -> None:
        self.keys: list[list[str]] = []
        self.world = {"a": 1, "b": 1}
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.keys.append(sorted(keys))
        self.is_asked.set()
        seen = {key: self.world[key] for key in keys if key in self.world}
        await self.may_answer.wait()
        return seen


async def test_what_is_asked_at_the_same_time_is_asked_once() -> None:
    asked = Asked()
    asked.may_answer.set()
    shared = Shared(asked)
    found = await asyncio.gather(*(shared.find(key) for key in "abacb"))
    assert found == [1, 1, 1, None, 1]
    assert asked.keys == [["a", "b", "c"]]


async def test_who_asks_while_an_answer_is_under_way_gets_a_newer_one() -> None:
    asked = Asked()
    shared = Shared(asked)
    first = asyncio.create_task(shared.find("a"))
    await asked.is_asked.wait()
    asked.world["a"] = 2
    second = asyncio.create_task(shared.find("a"))
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert (await first, await second) == (1, 2)


async def test_a_failure_reaches_all_who_asked_and_nobody_after() -> None:
    fails = True

    async def ask(keys: Sequence[str]) -> Mapping[str, int]:
        if fails:
            raise OSError("gone")
        return dict.fromkeys(keys, 1)

    shared = Shared(ask)
    found = await asyncio.gather(*(shared.find("a") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [OSError] * 3
    fails = False
    assert await shared.find("a") == 1


async def test_one_who_goes_away_takes_nobody_along() -> None:
    asked = Asked()
    shared = Shared(asked)
    gone, other = (asyncio.create_task(shared.find("a")) for _ in range(2))
    await asked.is_asked.wait()
    gone.cancel()
    asked.may_answer.set()
    assert await other == 1
    with pytest.raises(asyncio.CancelledError):
        await gone
