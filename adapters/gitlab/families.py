"""The families of bodies in which GitLab refuses, one for each of its layers.

Its parameter layer answers ``{"error": …}``, its endpoints ``{"message": …}``, its models a map of
attributes or a list of sentences, its tokens what OAuth says, and what comes before all of them
plain text. None of these may be kept by a cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.dialect.frame import WireError

NO_CACHE = {"Cache-Control": "no-cache"}


def error(status: int, text: str) -> WireError:
    """``{"error": text}``, of the parameter layer."""
    return WireError(status, {"error": text}, NO_CACHE)


def message(status: int, text: str, headers: Mapping[str, str] | None = None) -> WireError:
    """``{"message": text}``, of an endpoint."""
    return WireError(status, {"message": text}, {**NO_CACHE, **(headers or {})})


def sentences(status: int, texts: Iterable[str]) -> WireError:
    """``{"message": [text, …]}``, of a model whose problems are told as sentences."""
    return WireError(status, {"message": list(texts)}, NO_CACHE)


def attributes(**problems: Any) -> WireError:
    """``{"message": {attribute: [text, …]}}`` with 400, of a model."""
    return WireError(400, {"message": problems}, NO_CACHE)


def oauth(status: int, error: str, description: str, **more: str) -> WireError:
    """``{"error": …, "error_description": …}``, of a token."""
    body = {"error": error, "error_description": description, **more}
    return WireError(status, body, NO_CACHE)


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> WireError:
    """Text, of what stands before the API."""
    return WireError(status, text, {**NO_CACHE, **(headers or {})}, "text/plain")
