"""Two gateways that are asked the same, and what tells their answers apart.

One holds more than the other. Who may not see that is answered alike by both but for ids, numbers
and times: what stands for something in the one always stands for the same in the other.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import httpx

from tests.isolation.tenants import told
from tests.world import World

Pair = tuple[str, str]
"""What one thing is called by the first gateway and by the second."""

_APART = 1_000_000
_NOBODYS = _APART // 2
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME = re.compile(rf'{_UUID}|\b[1-9][05]\d{{5}}\b|\b\d{{13,15}}\b|(?<="next_cursor":")[\w-]+')
"""An id, one of a gateway's numbers, that of a merge request, or where a page ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` and ``body`` may hold pairs; each gateway is asked with its own."""

    who: str
    method: str
    path: Sequence[str | Pair]
    body: Any = None


@dataclass(slots=True)
class Twins:
    """The gateways, the credentials of callers by name, and what is called how by both.

    ``found`` has the pairs by where they stood in an answer, its last two keys, and by what they
    are of what is hidden.
    """

    worlds: tuple[World, World]
    tokens: dict[str, Pair] = field(default_factory=dict)
    found: dict[str, list[Pair]] = field(default_factory=dict)
    _second: dict[str, str] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)

    async def differ(self, request: Request) -> str | None:
        """Ask both; in what their answers differ."""
        answers = [await self._asked(side, request) for side in (0, 1)]
        texts = [_text(answer) for answer in answers]
        if _NAME.sub("", texts[0]) != _NAME.sub("", texts[1]):
            return "\n".join(texts)
        for one, other in zip(_NAME.findall(texts[0]), _NAME.findall(texts[1]), strict=True):
            called = self._second.setdefault(one, other), self._first.setdefault(other, one)
            if called != (other, one):
                return f"{one} is {called[0]} and {other} is {called[1]} by now\n{texts[0]}"
        if "json" in answers[0].headers.get("content-type", ""):
            self._keep("", *(answer.json() for answer in answers))
        return None

    def hide(self, names: Mapping[str, str]) -> None:
        """What the first one calls things of these kinds, of which the other has nothing."""
        for kind, name in names.items():
            if _NAME.fullmatch(name):
                other = uuid5(UUID(name), "") if "-" in name else int(name) + _NOBODYS
                self.found.setdefault(f"hidden {kind}", []).append((name, str(other)))

    async def _asked(self, side: int, request: Request) -> httpx.Response:
        world, token = self.worlds[side], self.tokens[request.who][side]
        answer = await world.client.request(
            request.method,
            "".join(_of(side, request.path)),
            json=_of(side, request.body),
            headers={"authorization": f"Bearer {token}"},
        )
        if answer.status_code == 202:
            await worked_off(world)
        return answer

    def _keep(self, place: str, one: Any, other: Any) -> None:
        match one:
            case dict():
                for key, value in one.items():
                    self._keep(f"{place.rpartition('.')[2]}.{key}", value, other[key])
            case list():
                for value, others in zip(one, other, strict=True):
                    self._keep(place, value, others)
            case str() | int() if not isinstance(one, bool) and _NAME.fullmatch(str(one)):
                pairs = self.found.setdefault(place, [])
                if (pair := (str(one), str(other))) not in pairs:
                    pairs.append(pair)


def set_apart(world: World) -> None:
    """Let no two kinds of things have a number alike. Of a world on SQLite, before it has any."""
    with closing(sqlite3.connect(world.database_url.removeprefix("sqlite:///"))) as database:
        kinds = [name for (name,) in database.execute("SELECT DISTINCT name FROM counters")]
        for place, kind in enumerate(sorted({*kinds} - {"org"}), start=1):
            update = "UPDATE counters SET last = last % 4294967296 + ? WHERE name = ?"
            database.execute(update, (place * _APART, kind))
        database.commit()


async def worked_off(world: World) -> None:
    """Return once no job is left to be done."""
    for _ in range(1000):
        async with world.gateway.store.reading() as reading:
            if not await reading.unfinished_count():
                return
        await asyncio.sleep(0.005)
    raise AssertionError("a job is not worked off")


def _of(side: int, said: Any) -> Any:
    """What is said, with the names of one gateway."""
    match said:
        case tuple():
            return said[side]
        case dict():
            return {key: _of(side, value) for key, value in said.items()}
        case list():
            return [_of(side, value) for value in said]
    return said


def _text(answer: httpx.Response) -> str:
    status, headers, body = told(answer)
    lines = [f"{name}: {value}" for name, value in headers if name != "content-length"]
    return _TIME.sub("<time>", "\n".join([str(status), *lines, body.decode()]))
