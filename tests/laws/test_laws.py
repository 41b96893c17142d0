"""Every law over the records and bodies of every dialect's own examples."""

from __future__ import annotations

import pytest

from gateway.conformance.laws import LAWS, Law, Unasked
from gateway.conformance.strategies import golden_bodies, golden_records
from gateway.dialect import Dialect
from gateway.registry import installed

DIALECTS = installed()
FED = {
    name: law for name, law in LAWS.items() if law.needs and not {"error", "shelf"} & {*law.needs}
}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("law", FED.values(), ids=FED)
def test_a_law_holds_for_the_dialects_own_examples(law: Law, dialect: Dialect) -> None:
    asked = 0
    for body, record in zip(golden_bodies(dialect), golden_records(dialect), strict=True):
        fed = {name: record if name == "record" else body for name in law.needs}
        for options in dialect.options.values():
            try:
                law.check(dialect, options, **fed)
                asked += 1
            except Unasked:
                continue
    assert asked, "the examples say something of it"


def test_every_dialect_has_examples_to_begin_with() -> None:
    assert all(golden_bodies(dialect) for dialect in DIALECTS.values())
