"""Whether a dialect shows what the core holds, computed from the dialect's own ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gateway.core.model import Record
from gateway.dialect import Dialect, Options
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.ledger import fact
from tests.schemas import misfits
from tests.world import BASE_URL, World

__all__ = ["dig", "disagreements", "fact", "plain", "read"]


def dig(wire: Wire, place: str) -> Any:
    """The value at a dotted place of a rendered record; a missing one is a ``KeyError``."""
    value: Any = wire
    for step in place.split("."):
        value = value[step]
    return value


def plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(json.dumps(value))


async def read(world: World, dialect: Dialect, record: Record, token: str) -> Wire | None:
    """The record as a client of the dialect gets it over HTTP, if there is one to get."""
    path = dialect.lookup.path(record)
    if path is None:
        return None
    answer = await world.client.get(path, headers={"authorization": f"Bearer {token}"})
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return dialect.lookup.pick(answer.json(), record)


async def disagreements(
    world: World, dialect: Dialect, options: Options, record: Record, token: str
) -> list[str]:
    """Where the dialect's answer is not what the core holds, one line each."""
    frame = Frame(options=options, base_url=BASE_URL)
    seen = await read(world, dialect, record, token)
    if not dialect.shows(record):
        others = [other for other in await world.held() if other.slot.id == record.slot.id]
        shown = [None, *(plain(dialect.render(o, frame)) for o in others if dialect.shows(o))]
        return [] if seen in shown else [f"{dialect.name}: shows a record it should not"]
    if dialect.lookup.path(record) is None:
        return []
    if seen is None:
        return [f"{dialect.name}: does not show the record"]
    found = [f"{dialect.name}: {line}" for line in _from_ledger(dialect, record, seen)]
    if plain(dialect.render(record, frame)) != seen:
        found.append(f"{dialect.name}: the answer is not what render gives")
    return found + [f"{dialect.name} {line}" for line in misfits(dialect, "record", seen)]


def _from_ledger(dialect: Dialect, record: Record, seen: Wire) -> Iterator[str]:
    for place, (path, give, stand_in) in dialect.ledger.givers().items():
        held = fact(record, path)
        try:
            shown = dig(seen, place)
        except KeyError:
            yield f"{place} is missing"
            continue
        if stand_in is not None and held in (None, {}, ()):
            continue
        if shown != plain(give(held)):
            yield f"{place} is {shown!r}, and {path} is {held!r}"
