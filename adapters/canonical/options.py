"""The gateway's own API has no provider behind it, so nothing differs between the profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``profile`` names the setting and changes nothing."""

    profile: str = "documented"


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(profile="observed"),
}
