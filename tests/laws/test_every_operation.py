"""No operation of any dialect crashes, whatever it is asked or sent: it answers in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from gateway.conformance.schemas import misfits, schemas_by_name
from gateway.dialect import Dialect
from gateway.dialect.http import Endpoint
from gateway.registry import installed
from tests.world import World

DIALECTS = installed()
NAMED = {
    "org": "acme",
    "repo": "shop",
    "cluster": "moda",
    "job_id": "1",
    "subject_digest": "sha256:" + "a" * 64,
    "name": "production",
    "dialect": "gitlab",
    "deployment_id": "1",
    "environment_id": "1",
}
"""What stands in a path; ``id`` is another thing in every dialect."""

IDS = {"gitlab": "acme%2Fshop"}
ANY_ID = "0190163d-8694-739b-aea5-966c26f8ad90"
TEXTS = ("", "-1", "99999999999999999999", "é\u202e", "a[b][]")
RAW = (b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"a": NaN}', b'{"a": "\\u0000"}')
VALUES = (None, True, 10**30, 1.5, "", "\u202e\U0001f600", [[]], {"a": {"b": []}})


def path_of(dialect: Dialect, endpoint: Endpoint) -> str:
    """A path that the endpoint answers."""
    names = {**NAMED, "id": IDS.get(dialect.name, ANY_ID)}
    return dialect.bases[0] + re.sub(r"{(\w+)}", lambda found: names[found[1]], endpoint.path)


def asked(dialect: Dialect, endpoint: Endpoint) -> Iterator[str]:
    """Queries in which one parameter holds what it should not."""
    if endpoint.query is not None:
        for name in schemas_by_name(dialect)[endpoint.query]["properties"]:
            yield from (f"{quote(name)}={quote(text)}" for text in TEXTS)
            yield f"{quote(name)}[]=1&{quote(name)}[x]=2&{quote(name)}"


def sent(dialect: Dialect, endpoint: Endpoint) -> Iterator[bytes]:
    """Bodies that are no JSON, no object, or of which one member is what it should not be."""
    if endpoint.body is not None:
        yield from RAW
        for name in schemas_by_name(dialect)[endpoint.body]["properties"]:
            yield from (json.dumps({name: value}).encode() for value in VALUES)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
async def test_every_operation_answers_whatever_it_gets(world: World, dialect: Dialect) -> None:
    headers = {"authorization": f"Bearer {await world.token('admin')}"}
    await world.admin("POST", "/orgs/acme/projects", {"path": "acme/shop"})
    faults = []
    known = {(e.query, e.body): e for e in dialect.routes() if e.query or e.body}
    for endpoint in known.values():
        path = path_of(dialect, endpoint)
        for query in asked(dialect, endpoint):
            answer = await world.client.request(endpoint.method, f"{path}?{query}", headers=headers)
            faults += faults_of(dialect, answer, f"{endpoint.method} {path}?{query[:60]}")
        for body in sent(dialect, endpoint):
            answer = await world.client.request(
                endpoint.method,
                path,
                content=body,
                headers={**headers, "content-type": "application/json"},
            )
            faults += faults_of(dialect, answer, f"{endpoint.method} {path} {body[:60]!r}")
    assert faults == []


def faults_of(dialect: Dialect, answer: Any, what: str) -> list[str]:
    """What is wrong with an answer: a crash, or a refusal that does not fit."""
    if answer.status_code >= 500:
        return [f"{what}: {answer.status_code}"]
    if answer.status_code < 400 or "json" not in answer.headers.get("content-type", ""):
        return []
    return [f"{what}: {misfit}" for misfit in misfits(dialect, "error", answer.json())]
