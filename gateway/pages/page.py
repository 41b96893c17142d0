"""The page at ``/docs``: one file without scripts, that asks nothing of any other host."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.core.fidelity import FACTS
from gateway.pages.reading import Chapter, schema_anchor

_STYLE = (files("gateway.pages") / "templates" / "docs.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""Nothing but the page's own style sheet is let in, by its digest."""

_TEMPLATES = Environment(
    loader=PackageLoader("gateway.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["schema_anchor"] = schema_anchor


def page(chapters: Sequence[Chapter]) -> str:
    """The whole page."""
    template = _TEMPLATES.get_template("docs.html")
    return template.render(chapters=chapters, facts=tuple(FACTS), style=_STYLE)
