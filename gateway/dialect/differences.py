"""Where a provider's documentation and its service differ, as data of a dialect's options.

Each field of an ``Options`` is one difference: ``differing`` gives its default, the documented
side, with what both sides do, why, and on whose word. READMEs show them as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

Profiles = Mapping[str, Any]
"""A dialect's options by profile."""

_DOCUMENTED, _OBSERVED = "documented", "observed"
_KEY = "difference"


@dataclass(frozen=True, slots=True)
class Difference:
    """One question that has two answers.

    ``documented`` and ``observed`` say what the gateway does in each profile, ``reason`` why the
    sides differ, ``evidence`` whose word the observed side is: ``source``, ``measured``,
    ``example``, ``inferred``, and where to look.
    """

    question: str
    documented: str
    observed: str
    reason: str
    evidence: str


def differing(
    default: Any, *, question: str, documented: str, observed: str, reason: str, evidence: str
) -> Any:
    """A field of an ``Options``, its default the documented side."""
    difference = Difference(question, documented, observed, reason, evidence)
    return field(default=default, metadata={_KEY: difference})


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of a dialect's options with its value in each profile."""

    name: str
    documented: object
    observed: object
    difference: Difference


def settings_of(options: Profiles) -> Iterator[Setting]:
    """The differences of a dialect, in the order of its fields; ``profile`` itself is none."""
    documented, observed = options[_DOCUMENTED], options[_OBSERVED]
    for own in fields(documented):
        difference = own.metadata.get(_KEY)
        if difference is not None:
            values = getattr(documented, own.name), getattr(observed, own.name)
            yield Setting(own.name, *values, difference)


def undescribed(options: Profiles) -> list[str]:
    """The fields that say nothing of their difference."""
    known = {setting.name for setting in settings_of(options)} | {"profile"}
    documented = options[_DOCUMENTED]
    names = [own.name for own in fields(documented)]
    return [name for name in names if name not in known]


def table(options: Profiles) -> str:
    """The differences of a dialect as a table in Markdown."""
    rows = [
        ("question", f"`{_DOCUMENTED}` (default)", f"`{_OBSERVED}`", "why", "evidence", "option"),
        ("---",) * 6,
        *map(_row, settings_of(options)),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(setting: Setting) -> tuple[str, ...]:
    said = setting.difference
    values = f"`{setting.name}`: `{setting.documented!r}`, `{setting.observed!r}`"
    return (said.question, said.documented, said.observed, said.reason, said.evidence, values)
