"""A file of an adapter that cannot be used is named by the suite, with what is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.iftrue import dialect as iftrue
from gateway.conformance.inside import INSIDE_CASES
from gateway.conformance.proving import Proving
from gateway.conformance.trying import law_verdict
from gateway.dialect import Dialect
from gateway.workbench import Bench


@pytest.fixture
def copied(tmp_path: Path) -> Dialect:
    """A dialect whose examples and schemas lie in the test's own folder."""
    for name, folder in (("examples", iftrue.examples), ("schemas", iftrue.schemas)):
        shutil.copytree(str(folder), tmp_path / name)
    return replace(iftrue, examples=tmp_path / "examples", schemas=tmp_path / "schemas")


def without(*steps: str) -> Callable[[Any], Any]:
    """The file without what stands at a place."""

    def spoil(said: Any) -> Any:
        holder = said
        for step in steps[:-1]:
            holder = holder[step]
        del holder[steps[-1]]
        return said

    return spoil


def failures(dialect: Dialect, bench: Bench) -> set[str]:
    """What the cases inside a gateway say, each message once."""
    told = Proving(dialect, bench, []).inside(lambda _profile: INSIDE_CASES)
    return {verdict.message for _, verdict in told if verdict.result == "failed"}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("title"), "examples/show__one.json does not say title"),
        (without("evidence"), "examples/show__one.json does not say evidence"),
        (without("profiles"), "examples/show__one.json does not say profiles"),
        (without("request", "path"), "examples/show__one.json does not say request.path"),
        (lambda _said: [], "examples/show__one.json is no object"),
    ],
    ids=["title", "evidence", "profiles", "path", "an array"],
)
def test_an_example_that_leaves_something_out_is_named(
    copied: Dialect, gateway_bench: Bench, spoil: Callable[[Any], Any], told: str
) -> None:
    file = Path(str(copied.examples)) / "show__one.json"
    file.write_text(json.dumps(spoil(json.loads(file.read_text()))))
    assert told in failures(copied, gateway_bench)


def test_a_file_that_is_no_json_is_named(copied: Dialect, gateway_bench: Bench) -> None:
    (Path(str(copied.schemas)) / "error.json").write_text("{,}")
    assert any(
        line.startswith("schemas/error.json is no JSON: ")
        for line in failures(copied, gateway_bench)
    )


def test_a_schema_that_is_not_there_is_named(copied: Dialect) -> None:
    (Path(str(copied.schemas)) / "create.json").unlink()
    verdict = law_verdict("every field is accounted for", copied)
    assert (verdict.result, verdict.message) == ("failed", "there is no schemas/create.json")


def test_what_a_strangers_table_raises_is_told_with_its_line(copied: Dialect) -> None:
    told = law_verdict("last write wins", replace(copied, parse=lambda *_: {}["sailing"]))
    assert told.result == "failed"
    assert told.message.startswith("KeyError('sailing') in test_bad_files.py, line ")
