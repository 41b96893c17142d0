"""Dialects that are right but for one thing each, made of the real ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from starlette.responses import Response

from adapters.canonical import dialect as canonical
from adapters.chainloop import dialect as chainloop
from adapters.chainloop.envelope import credential
from adapters.github import dialect as github
from adapters.gitlab import dialect as gitlab
from adapters.iftrue import dialect as iftrue
from gateway.core.commands import RecordDeployment
from gateway.core.errors import GatewayError, Invalid
from gateway.core.model import Record, State
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Owner, Wire, WireError
from gateway.dialect.http import FIDELITY_HEADER, Call, Endpoint
from gateway.dialect.ledger import To, Words


@dataclass(frozen=True)
class Defect:
    """A dialect with a defect, the law or the case that finds it, and the field it is in."""

    dialect: Dialect
    found_by: str
    field: str


def showing(dialect: Dialect, spoil: Callable[[Wire, Record], Wire]) -> Dialect:
    """The dialect with another render."""

    def render(record: Record, frame: Frame) -> Wire:
        return spoil(dialect.render(record, frame), record)

    return replace(dialect, render=render)


def reading(dialect: Dialect, spoil: Callable[[RecordDeployment], RecordDeployment]) -> Dialect:
    """The dialect with another parse."""

    def parse(body: object, owner: Owner, frame: Frame) -> RecordDeployment:
        return spoil(dialect.parse(body, owner, frame))

    return replace(dialect, parse=parse)


def answering(dialect: Dialect, method: str, spoil: Callable[[Any], Any]) -> Dialect:
    """The dialect with other bodies in its good answers to a method."""

    def dress(call: Call, response: Response) -> Response:
        dressed = dialect.dress(call, response)
        if call.request.method != method or dressed.status_code >= 300:
            return dressed
        headers = {k: v for k, v in dressed.headers.items() if k != "content-length"}
        return Response(json.dumps(spoil(json.loads(dressed.body))), dressed.status_code, headers)

    return replace(dialect, dress=dress)


def without(name: str) -> Callable[[Wire, Record], Wire]:
    """A field is dropped."""
    return lambda body, _record: {key: value for key, value in body.items() if key != name}


def swapped(body: Wire, _record: Record) -> Wire:
    """Two words have changed places."""
    other = {"failed": "canceled", "canceled": "failed"}
    return {**body, "status": other.get(body["status"], body["status"])}


def bare_sha(body: Wire, record: Record) -> Wire:
    """Nothing stands in for a commit that is not there."""
    return {**body, "sha": record.source.commit}


def refused(_command: RecordDeployment) -> RecordDeployment:
    """Nothing is ever recorded."""
    raise Invalid(field="body", reason="unprocessable")


def hours(command: RecordDeployment) -> RecordDeployment:
    """A duration is taken for sixty times what it is."""
    said = command.delivery.duration_seconds
    longer = None if said is None else said * 60
    return replace(command, delivery=replace(command.delivery, duration_seconds=longer))


def refless(command: RecordDeployment) -> RecordDeployment:
    """A field is read and forgotten."""
    return replace(command, source=replace(command.source, ref=None))


def leaking(command: RecordDeployment) -> RecordDeployment:
    """What only one dialect can say is kept under another's name."""
    return replace(command, kept={"github": {"workload": "from elsewhere"}})


def unworded(error: GatewayError, frame: Frame) -> WireError:
    """A refusal without a field that each has."""
    answer = github.render_error(error, frame)
    body = dict(answer.body) if isinstance(answer.body, dict) else {}
    body.pop("documentation_url", None)
    return replace(answer, body=body)


def trusting(body: Any, owner: Owner, frame: Frame) -> RecordDeployment:
    """A parse that takes a field to be there."""
    if isinstance(body, dict) and not body["commit_id"]:
        return iftrue.parse({}, owner, frame)
    return iftrue.parse(body, owner, frame)


def renumbered() -> Callable[[Wire], Wire]:
    """Each answer has an id of its own."""
    numbers = count(1000)
    return lambda body: {**body, "id": next(numbers)}


def wordless() -> Dialect:
    """A word of the core has none on the wire."""
    status = gitlab.ledger.request["status"]
    assert isinstance(status, To)
    table = {state: state.value for state in State if state is not State.BLOCKED}
    return relisted(gitlab, {"status": replace(status, give=Words(table))})


def relisted(dialect: Dialect, entries: Mapping[str, Any]) -> Dialect:
    """The dialect with other entries in its ledger; ``None`` takes one out."""
    request = {**dialect.ledger.request, **entries}
    kept = {name: entry for name, entry in request.items() if entry is not None}
    return replace(dialect, ledger=replace(dialect.ledger, request=kept))


async def nothing(call: Call) -> Response:
    """An answer without a body."""
    return call.reply(None, status=204)


async def wandering(call: Call) -> Response:
    """A list that looks at what lists do not look at."""
    caller = await call.admit(credential(call.header("authorization")))
    return call.reply(await call.services.listings.orgs(caller))


def rerouted(dialect: Dialect, method: str, path: str, **said: Any) -> Dialect:
    """The dialect whose endpoint says something else of itself."""
    endpoints = [
        replace(one, **said) if (one.method, one.path) == (method, path) else one
        for one in dialect.routes()
    ]
    return replace(dialect, routes=lambda: endpoints)


def with_more(dialect: Dialect, endpoint: Endpoint) -> Dialect:
    """The dialect with one endpoint more."""
    return replace(dialect, routes=lambda: [*dialect.routes(), endpoint])


def shortened(body: Any) -> Any:
    """A page begins one too late."""
    return body[1:] if isinstance(body, list) else body


def longer_total(body: Wire) -> Wire:
    """A total counts one too many."""
    return {**body, "total": body["total"] + 1} if "total" in body else body


def skipping(body: Wire) -> Wire:
    """A cursor goes on one record too far."""
    cursor = body.get("next_cursor")
    if cursor is None:
        return body
    number = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_"))
    further = base64.urlsafe_b64encode(str(max(number - 1, 1)).encode()).decode().rstrip("=")
    return {**body, "next_cursor": further}


def counting_pages(body: Wire) -> Wire:
    """A total counts what is on the page."""
    return {**body, "total_count": len(body["deployment_records"])}


def one_page_more(body: Wire) -> Wire:
    """The last page is said to have another behind it."""
    said = body["pagination"]
    name = "total_pages" if "total_pages" in said else "totalPages"
    return {**body, "pagination": {**said, name: said[name] + 1}}


DEFECTS: Mapping[str, Defect] = {
    "a dropped field": Defect(showing(gitlab, without("ref")), "the ledger is true", "ref"),
    "a swapped status word": Defect(showing(gitlab, swapped), "the ledger is true", "status"),
    "a leaked field of another dialect": Defect(
        showing(gitlab, lambda body, _record: {**body, "deployment_name": "shop"}),
        "render is total",
        "deployment_name",
    ),
    "a lost stand-in": Defect(showing(gitlab, bare_sha), "matrix.column", "record.sha"),
    "a time derived from another": Defect(
        showing(iftrue, lambda body, _record: {**body, "created_at": body["updated_at"]}),
        "the ledger is true",
        "created_at",
    ),
    "a render that is not total": Defect(
        showing(canonical, lambda body, record: {**body, "actor": {**body["actor"], "name": None}}),
        "render is total",
        "actor.name",
    ),
    "a wrong unit": Defect(reading(iftrue, hours), "commands", "delivery.duration_seconds"),
    "a field read and forgotten": Defect(
        reading(gitlab, refless), "what you wrote you read", "ref"
    ),
    "a dialect that takes nothing": Defect(
        reading(iftrue, refused), "what you wrote you read", "body"
    ),
    "a leaked extra of another dialect": Defect(
        reading(gitlab, leaking), "nobody else's facts are harmed", "kept.github"
    ),
    "an unworded error": Defect(
        replace(github, render_error=unworded), "every failure is worded", "documentation_url"
    ),
    "a 500 on hostile JSON": Defect(replace(iftrue, parse=trusting), "parse is safe", "commit_id"),
    "a word that is missing": Defect(wordless(), "words are closed", "status"),
    "a field without an account": Defect(
        relisted(gitlab, {"tag": None}), "every field is accounted for", "tag"
    ),
    "an operation without an example": Defect(
        with_more(iftrue, Endpoint("DELETE", "/deployment/{id}", nothing)),
        "operations.examples",
        "DELETE /deployment/{id}",
    ),
    "a loss that no document speaks of": Defect(
        rerouted(iftrue, "GET", "/deployment/{id}", tells_fidelity=False),
        "example.show__one",
        FIDELITY_HEADER,
    ),
    "a loss that is spoken of and not told": Defect(
        rerouted(iftrue, "GET", "/deployment", tells_fidelity=True),
        "operations.fidelity",
        "GET /deployment",
    ),
    "an id that changes on restate": Defect(
        answering(gitlab, "POST", renumbered()), "write.twice", "id"
    ),
    "an off-by-one page": Defect(answering(gitlab, "GET", shortened), "list.pages", "id"),
    "a total that is too large": Defect(
        answering(iftrue, "GET", longer_total), "list.pages", "total"
    ),
    "a cursor that skips one": Defect(answering(canonical, "GET", skipping), "pages add up", "id"),
    "a total of the page alone": Defect(
        answering(github, "GET", counting_pages), "pages add up", "total"
    ),
    "a page too many": Defect(answering(chainloop, "GET", one_page_more), "pages add up", "pages"),
    "a list of what nobody imagined": Defect(
        rerouted(chainloop, "GET", "/deployments", answer=wandering), "pages add up", "orgs"
    ),
    "an answer that forgets a field": Defect(
        answering(iftrue, "POST", lambda body: {k: v for k, v in body.items() if k != "is_fix"}),
        "write.read",
        "is_fix",
    ),
}
