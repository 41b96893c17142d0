"""What translation gets beside a body or a record, and what it answers with. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.model import Record
from gateway.dialect.limits import Allowance

Wire = dict[str, Any]
"""A record, or a part of one, as the provider spells it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """What a request names besides its body: the org and the project, as the wire spells them."""

    org: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What translation may know of a request.

    ``options`` is the dialect's profile, ``base_url`` scheme, host and port as the client reaches
    the gateway; ``path`` and ``query`` are still encoded. ``headers`` are the request's, by
    lower-case name. ``allowance`` is what the token may still ask, once the request was counted;
    ``None`` where nothing is counted.
    """

    options: Any
    base_url: str = "http://127.0.0.1:8080"
    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class WireError:
    """A refusal in the dialect's own status and words.

    ``body`` is a JSON value, as bytes one that is encoded already; with a ``text/…`` media type it
    is the text itself; ``None`` is none.
    """

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a client of the dialect gets one record: where to ask, and which of the answer it is.

    ``path`` is ``None`` for a record that no client of the dialect can ask for.
    """

    path: Callable[[Record], str | None]
    pick: Callable[[Any, Record], Wire | None]
