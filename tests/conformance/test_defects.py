"""The kit finds what is seeded: each defect by a message that names the field."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adapters.gitlab import dialect as gitlab
from gateway.conformance.http import HTTP_CASES
from gateway.conformance.inside import INSIDE_CASES, example_cases
from gateway.conformance.laws import LAWS
from gateway.conformance.proving import Proving
from gateway.conformance.report import Verdict
from gateway.conformance.trying import law_verdict
from gateway.dialect.http import Endpoint
from gateway.workbench import Bench
from tests.conformance.defects import DEFECTS, Defect
from tests.conformance.defects_served import SERVED


def verdicts(defect: Defect, bench: Bench) -> list[Verdict]:
    """What the suite finds out by the law or the case that the defect names."""
    if defect.found_by in LAWS:
        return [law_verdict(defect.found_by, defect.dialect)]
    proving = Proving(defect.dialect, bench, [])
    over_http = [case for case in HTTP_CASES if case.id == defect.found_by]
    told = proving.over_http(over_http) + proving.inside(
        lambda profile: [
            case
            for case in (*INSIDE_CASES, *example_cases(defect.dialect, profile))
            if case.id == defect.found_by
        ]
    )
    return [verdict for _, verdict in told]


ALL = {**DEFECTS, **SERVED}


@pytest.mark.parametrize("defect", ALL.values(), ids=list(ALL))
def test_a_defect_is_found_by_its_field(defect: Defect, gateway_bench: Bench) -> None:
    found = verdicts(defect, gateway_bench)
    assert found
    for verdict in found:
        assert verdict.result == "failed", verdict
        named = re.compile(rf"(?<![\w.]){re.escape(defect.field)}(?![\w])")
        assert named.search(verdict.message), verdict.message


def test_a_dialect_without_a_list_is_not_asked_for_pages() -> None:
    without = replace(gitlab, client=replace(gitlab.client, listing=None))
    verdict = law_verdict("pages add up", without)
    assert (verdict.result, verdict.message) == ("skipped", "the dialect has no list")


def test_a_list_that_is_refused_is_no_list_that_adds_up(gateway_bench: Bench) -> None:
    (pages,) = [case for case in HTTP_CASES if case.id == "list.pages"]
    refusing = replace(gitlab, routes=lambda: [e for e in gitlab.routes() if not is_list(e)])
    for _, verdict in Proving(refusing, gateway_bench, []).over_http([pages]):
        assert verdict.result == "failed"
        assert "/deployments?environment=" in verdict.message


def is_list(endpoint: Endpoint) -> bool:
    """Whether this is GitLab's list of deployments."""
    return (endpoint.method, endpoint.path) == ("GET", "/projects/{id}/deployments")
