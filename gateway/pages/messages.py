"""Examples as HTTP messages that a person reads, JSON in colours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=:))|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\b\d[\d.eE+-]*)"
)


def request_of(exchange: Mapping[str, Any]) -> Markup:
    """The request line, its headers and its body."""
    request = exchange["request"]
    query = urlencode(request.get("query", {}))
    line = f"{request['method']} {request['path']}{'?' if query else ''}{query}"
    return _message(line, request.get("headers", {}), _sent(request))


def response_of(exchange: Mapping[str, Any]) -> Markup:
    """The status, the headers that the example names, and the body."""
    response = exchange["response"]
    body = response.get("body")
    shown = escape(body) if isinstance(body, str) else _coloured(body) if body is not None else None
    return _message(str(response["status"]), response.get("headers", {}), shown)


def _message(line: str, headers: Mapping[str, str], body: Markup | None) -> Markup:
    head = [Markup("<b>{}</b>").format(line)]
    head += [Markup('<span class="h">{}:</span> {}').format(*pair) for pair in headers.items()]
    return Markup("\n").join([*head, Markup(), body] if body is not None else head)


def _sent(request: Mapping[str, Any]) -> Markup | None:
    if "json" in request:
        return _coloured(request["json"])
    if "form" in request:
        pairs = request["form"].items() if isinstance(request["form"], dict) else request["form"]
        return Markup("\n&amp;").join(escape(urlencode([pair])) for pair in pairs)
    return escape(request["text"]) if "text" in request else None


def _coloured(value: object) -> Markup:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    parts, position = [], 0
    for match in _TOKEN.finditer(text):
        parts.append(escape(text[position : match.start()]))
        parts.append(Markup('<span class="{}">{}</span>').format(match.lastgroup, match[0]))
        position = match.end()
    return Markup().join([*parts, escape(text[position:])])
