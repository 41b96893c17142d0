"""Where iftrue's documentation and its example differ, one field each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side.

    ``duration_unit``: how many seconds one unit of a request's ``deployment_duration`` is. The
    field table says minutes in and seconds out; the example's 1220 is a plausible number of
    seconds, and an implausible one of minutes, so the service may well echo what it gets.
    """

    profile: str = "documented"
    duration_unit: int = 60


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(profile="observed", duration_unit=1),
}
