"""The suite that every adapter gets::

    class TestAcme(ConformanceSuite):
        @pytest.fixture
        def dialect(self): return acme_dialect.dialect

Each test holds the dialect to one fact in every profile that it has, over gateways in this
process. Somebody who must leave a fact out overrides its test and says why.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.conformance.cases import Case
from gateway.conformance.http import HTTP_CASES
from gateway.conformance.inside import INSIDE_CASES, example_cases
from gateway.conformance.laws import LAWS
from gateway.conformance.opened import Bench, Inside
from gateway.conformance.proving import Proving
from gateway.conformance.report import Verdict
from gateway.conformance.server import Server
from gateway.conformance.trying import law_verdict
from gateway.dialect import Dialect


class ConformanceSuite:
    """What a dialect is held to. A subclass says which, as the fixture ``dialect``."""

    @pytest.fixture
    def proving(
        self, request: pytest.FixtureRequest, dialect: Dialect, gateway_bench: Bench
    ) -> Proving:
        """Holds the dialect to cases; the report gets the verdicts by the test's properties."""
        return Proving(dialect, gateway_bench, request.node.user_properties)

    @pytest.mark.parametrize("case", HTTP_CASES, ids=str)
    def test_over_http(self, case: Case[Server], proving: Proving) -> None:
        _pass_or_say(proving.over_http([case]))

    @pytest.mark.parametrize("case", INSIDE_CASES, ids=str)
    def test_inside_the_gateway(self, case: Case[Inside], proving: Proving) -> None:
        _pass_or_say(proving.inside(lambda _profile: [case]))

    def test_every_example_is_answered_as_written(self, proving: Proving) -> None:
        _pass_or_say(proving.inside(lambda profile: example_cases(proving.dialect, profile)))

    @pytest.mark.parametrize("name", LAWS)
    def test_a_law_holds(self, name: str, proving: Proving) -> None:
        _pass_or_say(proving.noted(law_verdict(name, proving.dialect)))


def _pass_or_say(verdicts: Sequence[tuple[str, Verdict]]) -> None:
    """Fail with what failed; skip when nothing could be found out."""
    failed = [_line(*told) for told in verdicts if told[1].result == "failed"]
    if failed:
        pytest.fail("\n".join(failed), pytrace=False)
    if verdicts and all(verdict.result == "skipped" for _, verdict in verdicts):
        pytest.skip(verdicts[0][1].message)


def _line(profile: str, verdict: Verdict) -> str:
    return f"{verdict.id} ({profile}): {verdict.message}"
