"""A law that is broken names the dialect, the law and the field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.gitlab import dialect as gitlab
from gateway.conformance.laws import LAWS, Broken
from gateway.core.model import Record
from gateway.dialect.frame import Frame, Wire
from tests.core.build import a_record

OPTIONS: Any = gitlab.options["documented"]


def without(name: str) -> Any:
    """GitLab's render with one key left out."""

    def render(record: Record, frame: Frame) -> Wire:
        return {key: value for key, value in gitlab.render(record, frame).items() if key != name}

    return render


@pytest.mark.parametrize("name", ["ref", "sha", "user", "deployable"])
def test_a_key_left_out_is_named(name: str) -> None:
    with pytest.raises(Broken) as caught:
        LAWS["render is total"].check(
            replace(gitlab, render=without(name)), OPTIONS, record=a_record()
        )
    assert (caught.value.dialect, caught.value.field) == ("gitlab", name)
    assert str(caught.value).startswith(f"gitlab breaks 'render is total' at {name}: ")
