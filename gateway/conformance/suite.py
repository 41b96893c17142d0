"""The suite that every adapter gets::

    class TestAcme(ConformanceSuite):
        @pytest.fixture
        def dialect(self): return acme_dialect.dialect

Each test holds the dialect to one fact in every profile that it has, over gateways in this
process. Somebody who must leave a fact out overrides its test and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable

from gateway.conformance.broken import Broken
from gateway.conformance.cases import Case, listed_level, raised
from gateway.conformance.http import HTTP_CASES
from gateway.conformance.inside import INSIDE_CASES, example_cases
from gateway.conformance.laws import LAWS
from gateway.conformance.opened import Bench, Inside
from gateway.conformance.proving import Proving
from gateway.conformance.report import Verdict
from gateway.conformance.server import Server
from gateway.conformance.strategies import trials
from gateway.dialect import Dialect
from gateway.dialect.resources import BadFile

LAW_EXAMPLES = 20
"""How often a law is tried here; enough to see a defect, and soon done."""

_briefly = settings(
    max_examples=LAW_EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate),  # what breaks is named; a smaller record is no news
    suppress_health_check=list(HealthCheck),
)


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


def law_verdict(name: str, dialect: Dialect) -> Verdict:
    """What comes of trying to break a law, in every profile of the dialect."""
    law = LAWS[name]
    level = listed_level(law.level, dialect) if "shelf" in law.needs else law.level
    verdict = Verdict(f"law.{law.check.__name__}", law.says, level)
    unasked = law.unasked(dialect)
    if unasked is not None:
        return replace(verdict, result="skipped", message=unasked)
    try:
        for attempt in trials(law, dialect):
            _briefly(attempt)()
    except Broken as broken:
        return verdict.as_failed(str(broken))
    except Unsatisfiable:
        return verdict.as_failed("it could not be asked: no body that the schema allows is taken")
    except BadFile as bad:
        return verdict.as_failed(str(bad))
    except Exception as error:  # a stranger's tables may raise anything
        return verdict.as_failed(raised(error))
    return verdict


def _pass_or_say(verdicts: Sequence[tuple[str, Verdict]]) -> None:
    """Fail with what failed; skip when nothing could be found out."""
    failed = [_line(*told) for told in verdicts if told[1].result == "failed"]
    if failed:
        pytest.fail("\n".join(failed), pytrace=False)
    if verdicts and all(verdict.result == "skipped" for _, verdict in verdicts):
        pytest.skip(verdicts[0][1].message)


def _line(profile: str, verdict: Verdict) -> str:
    return f"{verdict.id} ({profile}): {verdict.message}"
