"""How long texts and how large numbers may be, whatever a dialect itself allows.

A text that is part of a key has to fit an index entry of either database in UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.core.errors import Invalid

MAX_KEY = 512
"""Characters of a text that an index holds: names, paths, commits, node ids."""

MAX_TEXT = 4096
"""Characters of a text that is only shown: versions, artifact names."""

MAX_NUMBER = 2**63 - 1
"""The largest whole number either database holds; durations stay below it too."""

_SHOWN_ONLY = frozenset({"artifact.name", "artifact.version"})


def check_texts(texts: Mapping[str, str | None]) -> None:
    """Raise ``Invalid`` (``too_long``, with the limit) for the first text beyond its limit."""
    for field, text in texts.items():
        limit = MAX_TEXT if field in _SHOWN_ONLY else MAX_KEY
        if text is not None and len(text) > limit:
            raise Invalid(field=field, reason="too_long", value=limit)


def check_numbers(numbers: Mapping[str, int | Decimal | None]) -> None:
    """Raise ``Invalid`` (``range``) for the first number that no database holds."""
    for field, number in numbers.items():
        if number is not None and not -MAX_NUMBER <= number <= MAX_NUMBER:
            raise Invalid(field=field, reason="range", value=MAX_NUMBER)
