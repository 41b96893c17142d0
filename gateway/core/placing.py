"""Where a record belongs: the text rules for project paths, environment names, tiers and slugs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from gateway.core.limits import MAX_KEY
from gateway.core.model import Org

UNASSIGNED = "unassigned"
"""The project below the org that takes what no rule could place."""

PRODUCTION = "production"
"""The environment of a dialect that names none, unless the project has another."""

_TIERS = (
    ("development", re.compile(r"(dev|review|trunk)", re.IGNORECASE)),
    ("testing", re.compile(r"(test|tst|int|ac(ce|)pt|qa|qc|control|quality)", re.IGNORECASE)),
    ("staging", re.compile(r"(st(a|)g|mod(e|)l|pre|demo|non)", re.IGNORECASE)),
    ("production", re.compile(r"(pr(o|)d|live)", re.IGNORECASE)),
)
_SLUG_LENGTH = 24


def project_path(org: Org, said: str) -> str | None:
    """The full path of a project said with or without its org; ``None`` when nothing fit is left.

    Empty segments are dropped. A first segment that is the org or an alias becomes the org's name.
    """
    segments = [part for part in said.split("/") if part]
    if len(segments) > 1 and org.answers_to(segments[0]):
        segments = segments[1:]
    if not segments or any(part in {".", ".."} for part in segments):
        return None
    path = "/".join((org.name, *segments))
    return path if len(path) <= MAX_KEY else None


def artifact_repository(name: str) -> str:
    """The repository path in an artifact's name: registry host, tag and digest dropped.

    A first segment is a host when it has a dot or a port or is ``localhost``.
    """
    bare = name.partition("://")[2] or name
    bare = bare.partition("@")[0]
    head, slash, rest = bare.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        bare = rest
    folder, slash, last = bare.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def prefixes(path: str) -> Iterator[str]:
    """The path and its parents below the org, the longest first."""
    segments = path.split("/")
    for length in range(len(segments), 1, -1):
        yield "/".join(segments[:length])


def joined_name(logical: str, physical: str | None, cluster: str | None) -> str:
    """The one name of an environment known by three parts: the non-empty ones joined by ``/``."""
    return "/".join(part for part in (logical, physical, cluster) if part)


def suffixed_name(name: str, *parts: str | None) -> str:
    """A name of its own for an environment whose joined name is taken by other parts."""
    digest = hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()
    return f"{name}-{digest[:6]}"


def guess_tier(name: str) -> str:
    """The deployment tier a name suggests, as GitLab guesses it; the first match decides."""
    return next((tier for tier, pattern in _TIERS if pattern.search(name)), "other")


def slug(name: str) -> str:
    """The DNS-safe short form of an environment's name, as GitLab computes it.

    At most 24 characters of ``a-z0-9-`` starting with a letter; a name that had to be changed or
    cut gets six base-36 digits of its SHA-256.
    """
    text = re.sub(r"[^a-z0-9]", "-", name.lower())
    if not re.match(r"[a-z]", text):
        text = f"env-{text}"
    text = re.sub(r"-+", "-", text)
    if len(text) > _SLUG_LENGTH or text != name:
        return _shortened(text, name)
    return text.removesuffix("-")


def _shortened(text: str, name: str) -> str:
    head = text[: _SLUG_LENGTH - 7]
    dash = "" if head.endswith("-") else "-"
    return f"{head}{dash}{_base36(hashlib.sha256(name.encode()).digest())[-6:]}"


def _base36(digest: bytes) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    number = int.from_bytes(digest, "big")
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text
