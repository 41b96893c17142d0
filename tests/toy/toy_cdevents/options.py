"""The specification is all there is: nothing was observed that differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """One profile, without a difference."""

    profile: str = "documented"


OPTIONS: Mapping[str, Options] = {"documented": Options()}
