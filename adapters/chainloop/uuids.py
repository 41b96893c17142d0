"""Ids as Go's usual library reads them, in its words."""

from __future__ import annotations

import json
import re
from uuid import UUID

from gateway.core.errors import Invalid

REASON = "uuid"
"""The reason of an ``Invalid`` whose detail is what the library says of a text that is no id."""

_HYPHENED = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PLAIN = re.compile(r"[0-9A-Fa-f]{32}")
_PREFIX = "urn:uuid:"


def parsed(text: str, *, field: str) -> UUID:
    """Hyphened, plain, in braces or as a URN. Raises ``Invalid``.

    https://github.com/google/uuid, checked 2026-11-20.
    """
    size = len(text.encode())
    if size == 36 + len(_PREFIX):
        if text[: len(_PREFIX)].lower() != _PREFIX:
            raise _refused(field, f"invalid urn prefix: {json.dumps(text[: len(_PREFIX)])}")
        text = text[len(_PREFIX) :]
    elif size == 38:
        if not (text.startswith("{") and text.endswith("}")):
            raise _refused(field, "invalid bracketed UUID format")
        text = text[1:-1]
    elif size not in {32, 36}:
        raise _refused(field, f"invalid UUID length: {size}")
    if not (_PLAIN if size == 32 else _HYPHENED).fullmatch(text):
        raise _refused(field, "invalid UUID format")
    return UUID(text)


def _refused(field: str, detail: str) -> Invalid:
    return Invalid(field=field, reason=REASON, detail=f"invalid UUID: {detail}")
