"""Around the records of ``/gateway/v1``: credential, query and page."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from gateway.core import digests
from gateway.core.commands import ProjectPath
from gateway.core.errors import Invalid, NotFound
from gateway.core.model import Presence, Record, State
from gateway.core.search import Bounds, Search, SortKey, View

Word = TypeVar("Word", State, Presence)

DEFAULT_LIMIT = 50
MAX_LIMIT = 500

_FILTERS = frozenset(
    {"org", "project", "environment", "deployment_name", "state", "presence", "digest", "commit"}
    | {"origin", "since", "until", "limit", "cursor"}
)


def credential(header: str | None) -> str | None:
    """The token in ``Authorization: Bearer …``; other schemes hold none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def record_id(text: str) -> UUID:
    """The id in a path. Raises ``NotFound``: what is no id names no record."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("record", text) from None


def single(query: Sequence[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """The query as a map. Raises ``Invalid`` for an unknown or repeated name."""
    found: dict[str, str] = {}
    for name, value in query:
        if name not in known:
            raise Invalid(field=name[:100], reason="unknown")
        if name in found:
            raise Invalid(field=name, reason="repeated")
        found[name] = value
    return found


def search(query: Sequence[tuple[str, str]], view: View) -> tuple[str | None, Search]:
    """The org a query names and the search it asks for. Raises ``Invalid``."""
    said = single(query, _FILTERS)
    project = said.get("project")
    found = Search(
        view=view,
        project=ProjectPath(project) if project is not None else None,
        environment_name=said.get("environment"),
        deployment_name=said.get("deployment_name"),
        states=_words(said, "state", State),
        presences=_words(said, "presence", Presence),
        digest=_digest(said.get("digest")),
        commit=said.get("commit"),
        origin=said.get("origin"),
        created=Bounds(after=moment(said, "since"), before=moment(said, "until")),
        sort=SortKey.NUMBER,
        is_descending=True,
        limit=limit(said.get("limit")),
        below_number=_from_cursor(said.get("cursor")),
    )
    return said.get("org"), found


def next_cursor(records: Sequence[Record], limit: int | None) -> str | None:
    """Where the next page begins, when this one is full."""
    if limit is None or len(records) < limit:
        return None
    return base64.urlsafe_b64encode(str(records[-1].number).encode()).decode().rstrip("=")


def _from_cursor(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number = int(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_"))
    except (binascii.Error, ValueError):
        raise Invalid(field="cursor", reason="format") from None
    if not 0 < number < 2**63:
        raise Invalid(field="cursor", reason="format")
    return number


def limit(text: str | None) -> int:
    """How many a page holds. Raises ``Invalid``."""
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > MAX_LIMIT:
        raise Invalid(field="limit", reason="range", detail=f"must be 1 to {MAX_LIMIT}")
    return int(text)


def moment(said: dict[str, str], name: str) -> datetime | None:
    """A moment of the query. Raises ``Invalid``."""
    text = said.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field=name, reason="format", detail="must be an RFC 3339 time") from None
    if found.tzinfo is None:
        raise Invalid(field=name, reason="format", detail="must have a zone")
    return found


def _words(said: dict[str, str], name: str, words: type[Word]) -> frozenset[Word] | None:
    text = said.get(name)
    if text is None:
        return None
    try:
        return frozenset({words(text)})
    except ValueError:
        allowed = ", ".join(words)
        raise Invalid(field=name, reason="word", detail=f"must be one of {allowed}") from None


def _digest(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    algorithm, _, value = text.partition(":")
    is_commit = algorithm == digests.GIT_COMMIT and digests.is_git_commit(value)
    if not is_commit and not digests.is_digest(algorithm, value):
        raise Invalid(field="digest", reason="format", detail="must be algorithm:hex")
    return algorithm, value
