"""Where GitHub's documentation and what its service answers differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The documented behaviour.

    ``has_created``: whether a record says ``created`` beside ``created_at``, with the same value.
    The response schema at https://docs.github.com/rest/orgs/artifact-metadata names ``created_at``,
    the examples on the same page say ``created`` (checked 2026-11-20).
    """

    profile: str = "documented"
    has_created: bool = True


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(profile="observed", has_created=False),
}
