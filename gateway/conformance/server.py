"""A server that claims a dialect, as one client sees it, and what that client makes on it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.conformance.broken import Unasked
from gateway.conformance.cases import Refused
from gateway.conformance.exchanges import Exchange, exchanges_of, send
from gateway.conformance.places import put
from gateway.core.commands import EnvironmentParts, RecordDeployment
from gateway.core.model import State
from gateway.core.placing import joined_name
from gateway.dialect import Dialect
from gateway.dialect.credentials import Kind
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import To

EXAMPLE_OWNER = Owner("acme", "acme/shop")
"""Whose records the examples of every adapter are."""

PREFIX = "conformance-"
"""How everything begins that is made here."""

_HEX = re.compile(r"[0-9a-f]{40,128}")
_PLACES = frozenset({"environment.name", "environment.logical"})


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was created: the body sent, what it says, the answer, and the bare record."""

    sent: Wire
    command: RecordDeployment
    answer: httpx.Response
    record: Wire

    def listed_under(self, mark: str) -> str:
        """What a list calls the mark: an environment of several parts is known by all of them."""
        place = self.command.environment
        if isinstance(place, EnvironmentParts):
            return joined_name(place.logical, place.physical, place.cluster)
        return mark


@dataclass(frozen=True)
class Server:
    """One dialect of one server, in one profile. ``made`` is all that was created on it.

    On one that ``is_shared`` nothing of somebody else's may change.
    """

    dialect: Dialect
    profile: str
    client: httpx.AsyncClient
    token: str
    owner: Owner = EXAMPLE_OWNER
    is_shared: bool = False
    made: list[Made] = field(default_factory=list)

    @property
    def options(self) -> Any:
        """The dialect's options in this profile."""
        return self.dialect.options[self.profile]

    def frame(self, method: str = "GET", path: str = "/") -> Frame:
        """What translation knows of a request to this server."""
        base_url = str(self.client.base_url).rstrip("/")
        return Frame(options=self.options, base_url=base_url, method=method, path=path)

    @property
    def creates(self) -> str:
        """Where a new record is posted to."""
        named = self.owner.org or "", self.owner.project or ""
        return self.dialect.capabilities.creates(*named)

    async def ask(
        self, method: str, path: str, *, token: str | None = None, **how: Any
    ) -> httpx.Response:
        """Ask with a credential; another than the own one, or with ``""`` none at all."""
        secret = self.token if token is None else token
        headers = {**self.dialect.client.headers(self.owner), **how.pop("headers", {})}
        if secret:
            headers |= carrying(self.dialect, secret)
        return await self.client.request(method, path, headers=headers, **how)

    def examples(self) -> list[Exchange]:
        """Creates that stand alone and are answered well, the provider's own first.

        Where a record cannot be told apart by its environment it must leave the slot as it is.
        Raises ``Unasked`` when there is none.
        """
        found = [
            example
            for example in exchanges_of(self.dialect, self.profile)
            if example.is_create and isinstance(example.body, dict) and self._is_plain(example)
        ]
        if not found:
            raise Unasked("no example of a create stands alone")
        return sorted(found, key=lambda example: example.said.get("evidence") != "docs")

    def _is_plain(self, example: Exchange) -> bool:
        said = example.said
        is_alone = not said.get("given") and not said.get("settings")
        is_made = said["response"]["status"] == self.dialect.capabilities.created_status
        is_put = said["command"].get("presence") is None
        is_shown = is_made and self.dialect.client.created(said["response"]["body"]) is not None
        is_tame = self._is_tame() or said["command"]["state"] != State.SUCCESS
        return is_alone and is_shown and is_put and is_tame and self._is_marked(example.body)

    def _is_marked(self, body: Wire) -> bool:
        """Whether there is a place for a mark; a body may spell or shape it in another way."""
        marks = places_of_marks(self.dialect)
        said = (
            _said(body, self._spelling(body, n)) for n, p in _carried(self.dialect) if p in marks
        )
        return any(isinstance(value, str) for value in said)

    def _is_tame(self) -> bool:
        """Whether no slot of somebody else can be touched."""
        is_ours = (self.owner.project or "").rpartition("/")[2].startswith(PREFIX)
        return places_of_marks(self.dialect) <= _PLACES or is_ours or not self.is_shared

    async def create(self, example: Exchange, mark: str, number: int = 1) -> Made:
        """Record what an example says, under a mark; each ``number`` is an artifact of its own."""
        return await self.post(example, self.body(example, mark, number))

    async def offer(self, example: Exchange, mark: str) -> httpx.Response:
        """Send a create that may be refused."""
        body = self.body(example, mark)
        how: dict[str, Any] = {"json": body} if "json" in example.request else {"data": body}
        return await self.ask("POST", self.creates, **how)

    async def post(self, example: Exchange, body: Wire) -> Made:
        """Send a create as the example does. Raises ``Refused`` for another answer than its own."""
        kind = "json" if "json" in example.request else "form"
        request = {"method": "POST", "path": self.creates, kind: body}
        named = self.dialect.client.headers(self.owner)
        headers = {**_neutral(example), **named, **carrying(self.dialect, self.token)}
        answer = await send(self.client, {**request, "headers": headers}, self.token)
        if answer.status_code >= 300:
            raise Refused(answer)
        frame = self.frame("POST", self.creates)
        command = self.dialect.parse(body, self.owner, frame)
        record = self.dialect.client.created(answer.json())
        if record is None:
            raise Refused(answer)
        made = Made(body, command, answer, record)
        self.made.append(made)
        return made

    def body(self, example: Exchange, mark: str, number: int = 1) -> Wire:
        """The example's body under a mark, of an artifact of its own."""
        body: Wire = _moved(example.body, self.owner)
        marks = places_of_marks(self.dialect)
        for documented, path in _carried(self.dialect):
            name = self._spelling(body, documented)
            said = _said(body, name)
            if not isinstance(said, str) and path != "artifact.digests":
                continue
            if path == "project.path" and self.is_shared:
                put(body, name, _renamed(said, self._taken(documented, said), self.owner))
            elif path in marks:
                put(body, name, mark)
            elif path in {"artifact.digests", "source.commit"} and said:
                put(body, name, json.loads(_HEX.sub(_another, json.dumps(said))))
            elif (path == "slot.name" and said) or path == "delivery.node_id":
                put(body, name, f"{mark}-{number}")
        return self.dialect.client.addressed(self.owner, body)

    def _taken(self, name: str, said: str) -> str:
        """The project's path in what a field says of it."""
        entry = self.dialect.ledger.request[name]
        return str(entry.take(said)) if isinstance(entry, To) else said

    def _spelling(self, body: Wire, name: str) -> str:
        """A field's name as the body spells it; some dialects read two spellings."""
        spelled = self.dialect.spelled(name, self.options)
        return spelled if _said(body, spelled) is not None else name


def places_of_marks(dialect: Dialect) -> frozenset[str]:
    """The canonical paths that tell what is made here from everything else."""
    return _PLACES & {path for _, path in _carried(dialect)} or frozenset({"source.ref"})


def _carried(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for name, entry in dialect.ledger.request.items():
        if isinstance(entry, To):
            yield name, entry.path


def carrying(dialect: Dialect, token: str) -> Mapping[str, str]:
    """The headers with a credential in the first place that the dialect has for one."""
    for place in dialect.credentials:
        if place.kind is Kind.BEARER:
            return {"authorization": f"Bearer {token}"}
        if place.kind is Kind.HEADER:
            return {place.key.lower(): token}
    raise Unasked("no header of the dialect carries a credential")


def new_mark() -> str:
    """A name that nobody else has and that says where it comes from."""
    return f"{PREFIX}{secrets.token_hex(5)}"


def _neutral(example: Exchange) -> Mapping[str, str]:
    """The example's own headers but for its credential."""
    said = example.request.get("headers", {})
    return {name: value for name, value in said.items() if "<token>" not in value}


def _moved(value: Any, owner: Owner) -> Any:
    """The example's body in another org; a new value even where that is the same."""
    return json.loads(json.dumps(value).replace('"acme"', json.dumps(owner.org or "acme")))


def _renamed(said: str, path: str, owner: Owner) -> str:
    """A field that names a project, with our own in the place of the example's."""
    project = owner.project or ""
    return said.replace(path, project if "/" in path else project.rpartition("/")[2])


def _another(hexes: re.Match[str]) -> str:
    return secrets.token_hex(64)[: len(hexes[0])]


def _said(body: Any, place: str) -> Any:
    for step in place.split("."):
        if not isinstance(body, dict) or step not in body:
            return None
        body = body[step]
    return body
