"""A dialect's OpenAPI document, made of its endpoints, schemas and examples."""

from __future__ import annotations

from typing import Any

from gateway.dialect import Dialect, Options
from gateway.openapi.described import Described
from gateway.openapi.operations import operation, tag_of
from gateway.openapi.parameters import path_of
from gateway.openapi.security import schemes

VERSION = "3.1.0"


def document(dialect: Dialect, options: Options) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a dialect in one profile, but for its servers."""
    described = Described.of(dialect, options)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in described.endpoints:
        methods = paths.setdefault(path_of(endpoint), {})
        methods[endpoint.method.lower()] = operation(endpoint, described)
    return {
        "openapi": VERSION,
        "info": {
            "title": f"Deployment Gateway: {dialect.title}",
            "version": dialect.version,
            "x-profile": options.profile,
            "x-maturity": dialect.maturity,
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(map(tag_of, described.endpoints))],
        "paths": paths,
        "components": {
            "schemas": described.components,
            "securitySchemes": schemes(dialect),
        },
    }


def served(document: dict[str, Any], dialect: Dialect, base_url: str) -> dict[str, Any]:
    """The document with its servers: the gateway as a client reaches it, at each base."""
    servers = [{"url": f"{base_url}{base}" or "/"} for base in dialect.bases]
    head = {key: document[key] for key in ("openapi", "info")}
    return {**head, "servers": servers, **document}
