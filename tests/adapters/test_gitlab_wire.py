"""Whatever JSON a client sends, GitLab's parameters are read or refused in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gitlab import dialect, merge_requests, wire, wire_environments, wire_protection
from adapters.gitlab.parameters import named
from adapters.gitlab.wire_listing import ListMergeRequests, ListProjects, ListUsers
from gateway.core.errors import GatewayError
from gateway.core.model import Delivery
from gateway.dialect.frame import Frame
from tests.core.build import USER, a_record
from tests.schemas import misfits

FRAMES = [Frame(options=options) for options in dialect.options.values()]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
SCALARS |= st.sampled_from(["", " ", "1", "40", "true", "production", "2019-03-15", "asc"])
NAMES = (
    *("name", "slug", "tier", "external_url", "description", "auto_stop_setting", "force"),
    *("cluster_agent_id", "kubernetes_namespace", "flux_resource_path", "before", "status"),
    *("deploy_access_levels", "approval_rules", "required_approval_count", "comment"),
    *("id", "user_id", "group_id", "access_level", "required_approvals", "_destroy"),
    *("group_inheritance_type", "represented_as", "page", "per_page", "state", "order_by", "sort"),
    *("not", "labels", "iids", "author_id", "search", "source_branch", "draft", "wip", "username"),
)


def _objects(inner: Any) -> Any:
    return st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=6)


VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=8
)


def _merged(said: Mapping[str, object]) -> object:
    asked = wire.validated(ListMergeRequests, said, today=TODAY)
    record = a_record(delivery=Delivery(pull_request_number=3))
    found = merge_requests.chosen([record], asked, dict(said), USER)
    shown = [merge_requests.from_carrier(each, FRAMES[0]) for each in found]
    assert misfits(dialect, "merge_requests", shown) == []
    return found


TODAY = date(2026, 11, 20)
READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "new environment": lambda said: wire_environments.new_place(
        wire.validated(wire_environments.CreateEnvironment, said)
    ),
    "environment": lambda said: wire_environments.change_of(
        wire.validated(wire_environments.ChangeEnvironment, said)
    ),
    "stop": lambda said: wire.validated(wire_environments.StopEnvironment, said),
    "stop stale": lambda said: wire.validated(wire_environments.StopStale, said, today=TODAY),
    "new protection": lambda said: (
        wire_protection.protection_said(said, is_new=True),
        wire_protection.check_count(said),
        wire_protection.check_name(wire_protection.name_of(said), is_tier=True),
    ),
    "protection": lambda said: wire_protection.protection_said(said, is_new=False),
    "approval": lambda said: wire.validated(wire_protection.Approve, said),
    "merge requests": _merged,
    "projects": lambda said: wire.validated(ListProjects, said).search_of(offset=0, limit=1),
    "users": lambda said: wire.validated(ListUsers, said),
}


@pytest.mark.parametrize("name", READERS)
@given(said=_objects(VALUES))
@settings(max_examples=120)
def test_parameters_are_read_or_refused_in_words(name: str, said: dict[str, Any]) -> None:
    try:
        READERS[name](said)
    except GatewayError as refusal:
        for frame in FRAMES:
            answer = dialect.render_error(refusal, frame)
            assert answer.status in {400, 422}
            assert misfits(dialect, "error", answer.body) == []


@given(st.lists(st.tuples(st.text(alphabet="ab[]0"), st.text(max_size=2)), max_size=8))
def test_brackets_are_read_whatever_they_enclose(pairs: list[tuple[str, str]]) -> None:
    assert isinstance(named(pairs), dict)


def test_brackets_are_read_as_rack_reads_them() -> None:
    pairs = [
        ("a[][x]", "1"),
        ("a[][y]", "2"),
        ("a[][x]", "3"),
        ("b[k]", "4"),
        ("c[]", "5"),
        ("d", "6"),
    ]
    assert named(pairs) == {
        "a": [{"x": "1", "y": "2"}, {"x": "3"}],
        "b": {"k": "4"},
        "c": ["5"],
        "d": "6",
    }
