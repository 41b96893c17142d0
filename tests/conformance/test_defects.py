"""The kit finds what is seeded: each defect by a message that names the field."""

from __future__ import annotations

import re

import pytest

from gateway.conformance.http import HTTP_CASES
from gateway.conformance.inside import INSIDE_CASES
from gateway.conformance.laws import LAWS
from gateway.conformance.proving import Proving
from gateway.conformance.report import Verdict
from gateway.conformance.suite import law_verdict
from gateway.workbench import Bench
from tests.conformance.defects import DEFECTS, Defect


def verdicts(defect: Defect, bench: Bench) -> list[Verdict]:
    """What the suite finds out by the law or the case that the defect names."""
    if defect.found_by in LAWS:
        return [law_verdict(defect.found_by, defect.dialect)]
    proving = Proving(defect.dialect, bench, [])
    over_http = [case for case in HTTP_CASES if case.id == defect.found_by]
    inside = [case for case in INSIDE_CASES if case.id == defect.found_by]
    told = proving.over_http(over_http) + proving.inside(lambda _profile: inside)
    return [verdict for _, verdict in told]


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=list(DEFECTS))
def test_a_defect_is_found_by_its_field(defect: Defect, gateway_bench: Bench) -> None:
    found = verdicts(defect, gateway_bench)
    assert found
    for verdict in found:
        assert verdict.result == "failed", verdict
        named = re.compile(rf"(?<![\w.]){re.escape(defect.field)}(?![\w])")
        assert named.search(verdict.message), verdict.message
