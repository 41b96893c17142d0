"""The body of a request: whole within a limit, and as a form in parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive

from gateway.core.errors import BadText, TooLarge
from gateway.dialect.text import check_text


async def whole(receive: Receive, limit: int) -> bytes:
    """All of a body. Raises ``TooLarge`` beyond ``limit`` bytes, ``BadText`` for one cut short."""
    parts: list[bytes] = []
    size, is_whole = 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadText("body")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(limit)
        parts.append(part)
        is_whole = not message.get("more_body", False)
    return b"".join(parts)


async def multipart(headers: Headers, raw: bytes) -> list[tuple[str, str]]:
    """The fields of a form in parts, without its files. Raises ``BadText``."""

    async def once() -> AsyncGenerator[bytes, None]:
        yield raw

    parser = MultiPartParser(headers, once(), max_files=0, max_part_size=len(raw) + 1)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise BadText("body") from None
    pairs = [
        (name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)
    ]
    check_text((part for pair in pairs for part in pair), where="body")
    return pairs
