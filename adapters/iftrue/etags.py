"""The ``ETag`` that the inferred stack puts on an answer with a body, and the 304 it saves.

Weak, of the body's length and SHA-1, as https://github.com/jshttp/etag makes it; a client that has
the body is answered as https://github.com/jshttp/fresh decides. Checked 2026-11-20.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha1

from starlette.responses import Response

from gateway.dialect.http import Call

_NO_CACHE = re.compile(r"(?:^|,)\s*no-cache\s*(?:,|$)", re.IGNORECASE)


def etag(body: bytes) -> str:
    """The tag of a body."""
    digest = b64encode(sha1(body, usedforsecurity=False).digest()).decode()
    return f'W/"{len(body):x}-{digest[:27]}"'


def tagged(call: Call, response: Response) -> Response:
    """The answer with its tag; 304 without a body for a GET whose client has it already."""
    body = bytes(response.body)
    if not body:
        return response
    response.headers["etag"] = etag(body)
    is_read = call.request.method in {"GET", "HEAD"} and 200 <= response.status_code < 300
    if is_read and _has(call, response.headers["etag"]):
        kept = {k: v for k, v in response.headers.items() if not k.startswith("content-")}
        return Response(status_code=304, headers=kept)
    return response


def _has(call: Call, tag: str) -> bool:
    """Whether the client says that it has the body of this tag and may go on using it."""
    said = call.request.headers.get("if-none-match", "")
    if not said or _NO_CACHE.search(call.request.headers.get("cache-control", "")):
        return False
    bare = tag.removeprefix("W/")
    return said.strip() == "*" or any(
        one.strip().removeprefix("W/") == bare for one in said.split(",")
    )
