"""Every law over every dialect, ten thousand examples each: ``make laws``.

The suite of the kit tries them briefly on every run. What a failure prints replays it.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from gateway.conformance.laws import LAWS, Law
from gateway.conformance.strategies import tried
from gateway.dialect import Dialect
from gateway.registry import installed

PAIRS = [
    pytest.param(law, dialect, id=f"{name}-{dialect.name}")
    for name, law in LAWS.items()
    for dialect in installed().values()
    if law.unasked(dialect) is None
]

long = settings(
    max_examples=10_000,
    derandomize=False,
    print_blob=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize(("law", "dialect"), PAIRS)
def test_a_law_holds_in_every_profile(law: Law, dialect: Dialect) -> None:
    long(tried(law, dialect))()
