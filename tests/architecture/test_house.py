"""The house: adapters have the same files, files stay small, nothing is left unfinished."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADAPTERS = sorted(p.parent for p in (ROOT / "adapters").glob("*/__init__.py"))
SOURCES = sorted(
    path
    for folder in ("gateway", "adapters")
    for path in (ROOT / folder).rglob("*.py")
    if path.parent.name != "versions"  # a migration is as long as its schema
)
STANDARD = {
    *("__init__.py", "wire.py", "options.py", "translate.py", "ledgers.py"),
    *("envelope.py", "routes.py"),
}
LONGEST = 250


@pytest.mark.parametrize("folder", ADAPTERS, ids=lambda folder: folder.name)
def test_every_adapter_has_the_same_files(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names >= STANDARD | {"README.md", "examples"}
    assert list((folder / "examples").glob("create*.json"))
    assert {"create.json", "record.json", "list.json", "error.json"} <= {
        path.name for path in (ROOT / "schemas" / folder.name).iterdir()
    }


def test_there_are_five_dialects() -> None:
    names = [folder.name for folder in ADAPTERS]
    assert names == ["canonical", "chainloop", "github", "gitlab", "iftrue"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_about_one_noun(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)
    if text.strip():
        assert text.startswith('"""'), "a module says what it is"
