"""READMEs show what the code says: the tables that ``make docs`` writes are fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.dialect.differences import Difference, settings_of, undescribed
from gateway.registry import installed
from tests.docs.tables import ROOT, blocks, written

BLOCKS = blocks()
DESCRIBED = sorted(path.parent.name for path in BLOCKS)


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.parent.name)
def test_a_readme_shows_what_make_docs_would_write(path: Path) -> None:
    readme = path.read_text()
    assert written(readme, BLOCKS[path]) == readme, "run make docs"


def test_the_dialects_without_a_public_server_list_every_difference() -> None:
    assert set(DESCRIBED) >= {"chainloop", "iftrue"}


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_option_says_what_differs_why_and_on_whose_word(name: str) -> None:
    options = installed()[name].options
    assert undescribed(options) == []
    for setting in settings_of(options):
        said = setting.difference
        assert setting.documented != setting.observed, setting.name
        assert all(getattr(said, own) for own in Difference.__slots__), setting.name
        assert said.documented != said.observed, setting.name
        assert said.evidence.startswith(("source", "measured", "example", "inferred")), setting.name


def test_a_readme_without_a_place_for_its_table_is_an_error() -> None:
    with pytest.raises(LookupError):
        written("no markers", {"options": "x"})
    path = ROOT / "adapters" / "chainloop" / "README.md"
    stale = path.read_text().replace("`is_camel_case`", "`renamed`")
    assert written(stale, BLOCKS[path]) == path.read_text()
