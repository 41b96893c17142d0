"""Digests of artifacts: which are known, and how a record without one is still named by digest."""

from __future__ import annotations

import re
from collections.abc import Mapping

HEX_LENGTHS: Mapping[str, int] = {"sha256": 64, "sha384": 96, "sha512": 128, "sha1": 40}
"""The algorithms an artifact is known by, the preferred one first, and how long their hex is."""

GIT_COMMIT = "gitCommit"
"""in-toto's name for the digest that a git commit is."""

_HEX = re.compile(r"[0-9a-f]+")
_COMMIT_LENGTHS = (40, 64)


def is_hex(text: str) -> bool:
    """Whether this is lower-case hex and nothing else."""
    return _HEX.fullmatch(text) is not None


def is_digest(algorithm: str, text: str) -> bool:
    """Whether this is a digest of a known algorithm, in lower-case hex of the right length."""
    return len(text) == HEX_LENGTHS.get(algorithm) and is_hex(text)


def is_git_commit(text: str) -> bool:
    """Whether this is a full git object id, and not a branch, a tag or a short one."""
    return len(text) in _COMMIT_LENGTHS and is_hex(text)


def preferred(digests: Mapping[str, str]) -> tuple[str, str] | None:
    """The digest to show where there is room for one: (algorithm, hex)."""
    for name in HEX_LENGTHS:
        if name in digests:
            return name, digests[name]
    return None


def are_several(digests: Mapping[str, str]) -> bool:
    """Whether a place for one of them leaves others unsaid."""
    return len(digests) > 1


def spelled(digests: Mapping[str, str], commit: str | None) -> str | None:
    """``algorithm:hex`` of an artifact, else ``gitCommit:hex`` of a full commit, else ``None``."""
    shown = preferred(digests)
    if shown is None and commit is not None and is_git_commit(commit):
        shown = (GIT_COMMIT, commit)
    return f"{shown[0]}:{shown[1]}" if shown is not None else None
