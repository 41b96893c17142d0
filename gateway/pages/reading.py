"""OpenAPI documents as the page at ``/docs`` shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from markupsafe import Markup

from gateway.dialect import Dialect
from gateway.dialect.credentials import CredentialPlace, Kind
from gateway.dialect.support import Support, support
from gateway.openapi.components import ROOT, is_part
from gateway.pages.fields import Field, field, kind_of, rows
from gateway.pages.messages import request_of, response_of

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back with one status; ``schema`` is the name of its component."""

    status: str
    phrase: str
    media_types: Sequence[str]
    schema: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """One exchange, whole."""

    title: str
    status: int
    source: str
    evidence: str
    request: Markup
    response: Markup

    @property
    def is_success(self) -> bool:
        """Whether the request was answered and not refused."""
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def is_linked(self) -> bool:
        """Whether the source is an address."""
        return self.source.startswith("https://")


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path. ``sends`` are the fields of its body."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    is_public: bool
    parameters: Sequence[tuple[str, Field]]
    body_types: Sequence[str]
    sends: Sequence[Field]
    answers: Sequence[Answer]
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Schema:
    """A component: where it is from, and its fields."""

    name: str
    anchor: str
    title: str
    comment: str
    kind: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A dialect. ``preflights`` are the paths that answer OPTIONS as well."""

    dialect: Dialect
    profile: str
    credentials: Sequence[str]
    operations: Sequence[Operation]
    preflights: Sequence[str]
    schemas: Sequence[Schema]

    @property
    def support(self) -> Mapping[str, Support]:
        """What the dialect shows of each canonical fact."""
        return support(self.dialect.ledger)


def chapter(dialect: Dialect, document: Document) -> Chapter:
    """What the page shows of a dialect."""
    operations = list(_operations(dialect, document))
    return Chapter(
        dialect=dialect,
        profile=document["info"]["x-profile"],
        credentials=[_place(place) for place in dialect.credentials],
        operations=[operation for operation in operations if operation.method != "OPTIONS"],
        preflights=[operation.path for operation in operations if operation.method == "OPTIONS"],
        schemas=[
            Schema(
                name=name,
                anchor=schema_anchor(dialect, name),
                title=schema.get("title", ""),
                comment=schema.get("$comment", ""),
                kind=kind_of(schema, document),
                fields=rows(schema, document),
            )
            for name, schema in document["components"]["schemas"].items()
            if not is_part(name)
        ],
    )


def schema_anchor(dialect: Dialect, name: str) -> str:
    """Where a schema of a dialect stands on the page."""
    return f"{dialect.name}-schema-{name}"


def _operations(dialect: Dialect, document: Document) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            body = said.get("requestBody", {}).get("content", {})
            yield Operation(
                anchor=f"{dialect.name}-{said['operationId']}",
                method=method.upper(),
                path=f"{dialect.bases[0]}{path}",
                summary=said["summary"],
                description=said.get("description", ""),
                is_public=not said["security"],
                parameters=[_parameter(one, document) for one in said["parameters"]],
                body_types=list(body),
                sends=_sent(body, document),
                answers=[_answer(*answer) for answer in said["responses"].items()],
                examples=[_example(one) for one in sorted(said["x-exchanges"], key=_telling)],
            )


def _parameter(said: Mapping[str, Any], document: Document) -> tuple[str, Field]:
    shown = field(said["name"], said["schema"], document, is_required=said["required"])
    return said["in"], replace(shown, note=said.get("description", ""))


def _sent(content: Mapping[str, Any], document: Document) -> list[Field]:
    one = next(iter(content.values()), None)
    return rows(one["schema"], document) if one is not None else []


def _answer(status: str, said: Mapping[str, Any]) -> Answer:
    content = said.get("content", {})
    targets = [one.get("schema", {}).get("$ref") for one in content.values()]
    names = [target.removeprefix(f"{ROOT}/") for target in targets if target is not None]
    return Answer(status, said["description"], list(content), names[0] if names else None)


def _example(exchange: Mapping[str, Any]) -> Example:
    return Example(
        title=exchange["title"],
        status=exchange["response"]["status"],
        source=exchange["source"],
        evidence=f"{exchange['evidence']}, checked {exchange['checked']}",
        request=request_of(exchange),
        response=response_of(exchange),
    )


def _telling(exchange: Mapping[str, Any]) -> tuple[int, bool]:
    """Successes first, and first of all what the provider's documentation itself shows."""
    return exchange["response"]["status"], exchange["evidence"] != "docs"


def _place(place: CredentialPlace) -> str:
    words = {
        Kind.BEARER: "Authorization: Bearer …",
        Kind.BASIC: "Authorization: Basic …",
        Kind.HEADER: f"{place.key}: …",
        Kind.QUERY: f"?{place.key}=…",
    }
    return words[place.kind]
