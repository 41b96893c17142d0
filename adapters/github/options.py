"""Where GitHub's documentation and what its service answers differ, one field each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dialect.differences import differing


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side; each field says the rest. Checked 2026-11-20."""

    profile: str = "documented"
    has_created: bool = differing(
        True,
        question="when a record was made",
        documented="`created_at`, and `created` with the same value",
        observed="`created_at`",
        reason="the page's response schema names `created_at`, its examples say `created`",
        evidence="example: https://docs.github.com/rest/orgs/artifact-metadata",
    )


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(profile="observed", has_created=False),
}
