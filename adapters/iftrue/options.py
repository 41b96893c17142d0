"""Where iftrue's documentation and its example differ, one field each. Checked 2026-11-20."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dialect.differences import differing


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are the documented side; each field says the rest.

    ``duration_unit`` is how many seconds one unit of a request's ``deployment_duration`` is.
    """

    profile: str = "documented"
    duration_unit: int = differing(
        60,
        question="`deployment_duration`",
        documented="minutes in, seconds out",
        observed="a number of seconds, echoed",
        reason="the field table says minutes in and seconds out; the example's 1220 is plausible"
        " as seconds and not as minutes, so the service may echo what it gets",
        evidence="example: https://docs.iftrue.co/getting-started/basics/repository-settings/"
        "deployment-tracking-with-http-request",
    )


OPTIONS: Mapping[str, Options] = {
    "documented": Options(),
    "observed": Options(profile="observed", duration_unit=1),
}
