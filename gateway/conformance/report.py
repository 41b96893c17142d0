"""What came of the cases that a dialect was held to, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Level = Literal["core", "extended"]
"""Core: the provider's own API. Extended: what a careful server does beyond it."""

Result = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one case. ``message`` says what failed, or why the case was skipped."""

    id: str
    title: str
    level: Level
    result: Result = "passed"
    message: str = ""

    def as_failed(self, message: str) -> Verdict:
        """The same case, failed."""
        return replace(self, result="failed", message=message)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on a dialect in one profile."""

    dialect: str
    version: str
    profile: str
    cases: Sequence[Verdict] = field(default_factory=list)

    @property
    def failed(self) -> list[Verdict]:
        """The cases that do not hold."""
        return [verdict for verdict in self.cases if verdict.result == "failed"]

    def as_json(self) -> dict[str, Any]:
        """The machine-readable form: dialect, version, profile and cases."""
        return asdict(self)

    def as_text(self) -> str:
        """A line per case, what failed below it, and how many there are of each result."""
        lines = [f"{self.dialect} {self.version}, {self.profile} profile"]
        for verdict in self.cases:
            lines.append(f"{verdict.result:8}{verdict.level:10}{verdict.id}: {verdict.title}")
            lines += [f"        {line}" for line in verdict.message.splitlines()]
        counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
        for verdict in self.cases:
            counts[verdict.result] += 1
        lines.append(", ".join(f"{count} {word}" for word, count in counts.items()))
        return "\n".join(lines)


def text_of(reports: Sequence[Report]) -> str:
    """Reports as the content of a JSON file: one object each, in an array."""
    return json.dumps([report.as_json() for report in reports], indent=2) + "\n"
