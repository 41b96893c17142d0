"""Places in a decoded body, dotted as ledgers name them."""

from __future__ import annotations

import json
from typing import Any


def dig(wire: object, place: str) -> object:
    """The value at a dotted place. Raises ``LookupError`` for one that is not there."""
    for step in place.split("."):
        if not isinstance(wire, dict):
            raise LookupError(place)
        wire = wire[step]
    return wire


def put(body: Any, place: str, value: object) -> None:
    """Set the value at a dotted place, whose holders are there."""
    *steps, last = place.split(".")
    for step in steps:
        body = body[step]
    body[last] = value


def plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(json.dumps(value))
