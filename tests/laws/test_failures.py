"""Each kind of refusal, found by walking their tree, is worded by each dialect."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.conformance.hostile import errors_of, kinds_of_errors
from gateway.conformance.laws import LAWS
from gateway.core import errors
from gateway.core.errors import GatewayError, Invalid
from gateway.dialect import Dialect
from gateway.registry import installed

DIALECTS = installed()
KINDS = list(kinds_of_errors())


def test_the_walk_meets_every_kind() -> None:
    said = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert set(KINDS) == {kind for kind in said if issubclass(kind, GatewayError)}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_of_refusal_is_worded(kind: type[GatewayError], dialect: Dialect) -> None:
    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
    @given(error=errors_of(kind, dialect), options=st.sampled_from([*dialect.options.values()]))
    def attempt(error: GatewayError, options: object) -> None:
        LAWS["every failure is worded"].check(dialect, options, error=error)

    attempt()


FOUND = [Invalid(field="environment", reason="unmakeable")]
"""What ``make laws`` has met: refusals that were once worded with nothing in them."""


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("error", FOUND, ids=repr)
def test_a_refusal_that_had_no_words_has_them(error: GatewayError, dialect: Dialect) -> None:
    for options in dialect.options.values():
        LAWS["every failure is worded"].check(dialect, options, error=error)
