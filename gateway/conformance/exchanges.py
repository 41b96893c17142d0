"""Golden exchanges: one recorded request with its command and its answer, replayed and compared.

Volatile values are references in angle brackets: ``<number:1>`` is the same value wherever it
stands in one file, ``<time>`` any time, ``<uuid>`` any UUID, ``<any>`` anything. What depends on
the moment, such as a job that has to be done first, is asked ``asks`` times at most.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from gateway.dialect import Dialect
from gateway.dialect.resources import load_examples

_BREATH_SECONDS = 0.005
_REFERENCE = re.compile(r"<([a-z-]+)(?::([A-Za-z0-9_-]+))?>")
_NUMBER = re.compile(r"<(?:project-)?number(?::[A-Za-z0-9_-]+)?>")
_SHAPES = {
    "number": re.compile(r"[0-9]+"),
    "project-number": re.compile(r"[0-9]+"),
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"),
    "any": re.compile(r".*", re.DOTALL),
}


@dataclass(frozen=True)
class Exchange:
    """One example file of a dialect, in one profile."""

    dialect: Dialect
    profile: str
    name: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.dialect.name}-{self.profile}-{self.name}"

    @property
    def request(self) -> Mapping[str, Any]:
        """What the client sends."""
        said: Mapping[str, Any] = self.said["request"]
        return said

    @property
    def body(self) -> Any:
        """The body as translation gets it: JSON, or a form as an object."""
        return self.request.get("json", self.request.get("form"))

    @property
    def surroundings(self) -> Mapping[str, Any]:
        """The gateway it was asked of: its settings, and whether its jobs were waiting."""
        is_working = not self.said.get("are_jobs_waiting", False)
        return {**self.said.get("settings", {}), "is_working": is_working}

    @property
    def is_create(self) -> bool:
        """Whether the request records a deployment, by a command that the example names."""
        return "command" in self.said


@dataclass
class References:
    """What the references of one file have turned out to be."""

    known: dict[str, object] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """``value`` with every known reference in its texts replaced."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        for reference, found in self.known.items():
            value = value.replace(reference, str(found))
        return value

    def differences(self, golden: Any, seen: Any, place: str = "body") -> Iterator[str]:
        """Where an answer is not what the example says, one line each."""
        if isinstance(golden, dict) and isinstance(seen, dict):
            for key in [*golden, *(key for key in seen if key not in golden)]:
                if key not in seen or key not in golden:
                    where = "example" if key not in golden else "answer"
                    yield f"{place}.{key}: not in the {where}"
                else:
                    yield from self.differences(golden[key], seen[key], f"{place}.{key}")
        elif isinstance(golden, list) and isinstance(seen, list):
            if len(golden) != len(seen):
                yield f"{place}: {len(golden)} items in the example, {len(seen)} in the answer"
            for index, (one, other) in enumerate(zip(golden, seen, strict=False)):
                yield from self.differences(one, other, f"{place}[{index}]")
        elif not self._agrees(golden, seen):
            yield f"{place}: {golden!r} in the example, {seen!r} in the answer"

    def _agrees(self, golden: Any, seen: Any) -> bool:
        if not isinstance(golden, str):
            return type(golden) is type(seen) and bool(golden == seen)
        pattern, labels = "", []
        position = 0
        for match in _REFERENCE.finditer(golden):
            if match[1] not in _SHAPES:
                continue
            pattern += re.escape(golden[position : match.start()])
            pattern += f"({_SHAPES[match[1]].pattern})"
            labels.append((match[0], match[2], _SHAPES[match[1]].groups))
            position = match.end()
        if not labels:
            return bool(golden == seen)
        if _NUMBER.fullmatch(golden) and type(seen) is not int:
            return False
        found = re.fullmatch(pattern + re.escape(golden[position:]), str(seen), re.DOTALL)
        return found is not None and self._bound(found, labels)

    def _bound(self, found: re.Match[str], labels: list[tuple[str, str | None, int]]) -> bool:
        group = 1
        for reference, label, inner in labels:
            value = found[group]
            group += 1 + inner
            if label is not None and self.known.setdefault(reference, value) != value:
                return False
        return True


def exchanges_of(dialect: Dialect, profile: str | None = None) -> list[Exchange]:
    """The examples of a dialect in every profile that they name, or in one of them.

    Raises ``BadFile`` for one that leaves out what every example says.
    """
    return [
        Exchange(dialect, named, name, said)
        for name, said in load_examples(dialect.examples)
        for named in said["profiles"]
        if profile in {None, named}
    ]


async def send(client: httpx.AsyncClient, request: Mapping[str, Any], token: str) -> httpx.Response:
    """Send an example's request; ``<token>`` in a header is a real one."""
    headers = {
        name: value.replace("<token>", token) for name, value in request.get("headers", {}).items()
    }
    query = request.get("query")
    path = request["path"] + (f"?{urlencode(query)}" if query else "")
    body: dict[str, Any] = {}
    if "json" in request:
        body["json"] = request["json"]
    elif "form" in request:
        body["content"] = urlencode(request["form"])
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    elif "text" in request:
        body["content"] = request["text"]
    return await client.request(request["method"], path, headers=headers, **body)


async def replay(
    client: httpx.AsyncClient, exchange: Exchange, token: str
) -> tuple[httpx.Response, list[str]]:
    """Send what is given and then the request; answer with the differences from the example."""
    references = References()
    for given in exchange.said.get("given", ()):
        answer = await send(client, references.fill(given), token)
        if answer.status_code >= 300:
            return answer, [f"given {given['path']}: {answer.status_code} {answer.text}"]
        for reference, place in given.get("bind", {}).items():
            references.known[reference] = str(_dig(answer.json(), place))
    request, golden = references.fill(exchange.request), exchange.said["response"]
    for _ in range(request.get("asks", 1)):
        answer = await send(client, request, token)
        found = list(_differences(golden, answer, References(dict(references.known))))
        if not found:
            break
        await asyncio.sleep(_BREATH_SECONDS)  # else whoever does the job has no turn
    return answer, found


def _differences(
    golden: Mapping[str, Any], answer: httpx.Response, references: References
) -> Iterator[str]:
    if answer.status_code != golden["status"]:
        yield f"status: {golden['status']} in the example, {answer.status_code} answered"
    for name, value in golden.get("headers", {}).items():
        yield from references.differences(value, answer.headers.get(name, ""), f"header {name}")
    yield from references.differences(golden.get("body"), body_of(answer))


def body_of(answer: httpx.Response) -> Any:
    """The body of an answer as examples spell it: JSON, else its text; ``None`` for none."""
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    return answer.json() if is_json else answer.text or None


def _dig(body: Any, place: str) -> Any:
    for step in place.split("."):
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body
