"""Repository URLs as iftrue's clients write them: which host, and which path on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GITHUB = re.compile(r"(?:.+\.)?github\.com|.+\.ghe\.com", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repository:
    """``host`` is empty where the URL names none."""

    host: str
    path: str

    @property
    def is_on_github(self) -> bool:
        """Whether the host is GitHub's: github.com, or a company's own below ghe.com."""
        return _GITHUB.fullmatch(self.host) is not None


def bare(url: str) -> str:
    """A URL without the one pair of angle brackets that iftrue's example puts around it."""
    return url[1:-1] if url.startswith("<") and url.endswith(">") else url


def repository(url: str) -> Repository | None:
    """The repository of ``https://host/acme/shop.git``, ``git@host:acme/shop`` and the like.

    Space around it, such as the end of a line, is no part of it. ``None`` when no path is left.
    """
    host, path = _split(re.split(r"[?#]", bare(url.strip()), maxsplit=1)[0])
    path = path.strip("/").removesuffix(".git").strip("/")
    return Repository(host, path) if path else None


def _split(text: str) -> tuple[str, str]:
    _, scheme, rest = text.partition("://")
    if scheme:
        authority, _, path = rest.partition("/")
        return _host(authority), path
    head, _, path = text.partition("/")
    host, colon, rest = head.rpartition("@")[2].partition(":")
    if colon and not rest.isdigit():
        return host, f"{rest}/{path}"  # git@host:acme/shop
    # Without a scheme only a dot or a port tells a host from a group.
    return (host, path) if "." in host or colon else ("", text)


def _host(authority: str) -> str:
    return authority.rpartition("@")[2].partition(":")[0]
