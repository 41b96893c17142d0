"""Every law over every dialect: a short run here, ten thousand examples each in ``make laws``."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from gateway.conformance.laws import LAWS, Law, Unasked
from gateway.conformance.strategies import golden_bodies, golden_records, tried
from gateway.dialect import Dialect
from gateway.registry import installed

DIALECTS = installed()
SHORT = 20


def how_long() -> settings:
    """The settings of the chosen profile; a clock on a busy machine breaks no law."""
    chosen = settings()
    examples = chosen.max_examples if chosen.max_examples > 1000 else SHORT
    return settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_a_law_holds_in_every_profile(law: Law, dialect: Dialect) -> None:
    how_long()(tried(law, dialect))()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_a_law_holds_for_the_dialects_own_examples(law: Law, dialect: Dialect) -> None:
    bodies, records = golden_bodies(dialect), golden_records(dialect)
    for body, record in zip(bodies, records, strict=True):
        golden = {"record": record, "value": body}
        fed = {name: golden.get(name, body) for name in law.needs if name != "error"}
        if "error" in law.needs:
            continue
        for options in dialect.options.values():
            try:
                law.check(dialect, options, **fed)
            except Unasked:
                continue
