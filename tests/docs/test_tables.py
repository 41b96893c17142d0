"""Pages show what the code says: the tables that ``make docs`` writes are fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.core.fidelity import FACTS
from gateway.dialect.differences import Difference, settings_of, undescribed
from gateway.dialect.support import held, shared, support
from gateway.registry import installed
from tests.docs.fields import account_tables, field_table
from tests.docs.markdown import table
from tests.docs.tables import ROOT, blocks, written

BLOCKS = blocks()
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "adapters/**/*.md", "deploy/**/*.md")
    for page in ROOT.glob(pattern)
)
DESCRIBED = sorted(path.parent.name for path, texts in BLOCKS.items() if "options" in texts)


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_shows_what_make_docs_would_write(path: Path) -> None:
    readme = path.read_text()
    assert written(readme, BLOCKS[path]) == readme, "run make docs"


def test_every_provider_has_a_table_of_its_differences() -> None:
    assert DESCRIBED == ["chainloop", "github", "gitlab", "iftrue"]


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


@pytest.mark.parametrize("name", installed())
def test_every_line_of_a_ledger_is_in_its_table(name: str) -> None:
    ledger = installed()[name].ledger
    rows = field_table(installed()[name]).splitlines()[2:]
    assert len(rows) == len(ledger.request) + len(ledger.response)
    for field, row in zip([*ledger.request, *ledger.response], rows, strict=True):
        assert f"`{field}`" in row


@pytest.mark.parametrize("name", installed())
def test_the_support_table_and_fidelity_agree_on_what_is_shown(name: str) -> None:
    ledger = installed()[name].ledger
    found = support(ledger)
    assert {path for path in FACTS if not found[path].is_lost} == set(FACTS) & ledger.known_paths
    standing_in = {path for path in FACTS if found[path].stand_in is not None}
    assert standing_in == set(FACTS) & set(ledger.stand_ins.values())


def test_the_gateways_own_api_shows_every_fact_that_any_record_holds() -> None:
    own = installed()["canonical"].ledger
    for dialect in installed().values():
        assert shared(dialect.ledger, own) == held(dialect.ledger)


@pytest.mark.parametrize("name", installed())
def test_every_line_of_every_account_is_in_its_tables(name: str) -> None:
    accounts = installed()[name].accounts
    rows = [
        line for line in account_tables(installed()[name]).splitlines() if line.startswith("| `")
    ]
    assert len(rows) == sum(len(account.fields) for account in accounts.values())


def test_a_cell_holds_no_bar_no_line_end_and_no_tag() -> None:
    row = table(("a",), [("x | y\nz <b> `<c>`",)]).splitlines()[2]
    assert row == "| x \\| y z &lt;b> `<c>` |"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", path.read_text()):
        page = (path.parent / target).resolve() if target else path
        assert page.exists(), target
        if anchor:
            assert anchor in _anchors(page), anchor


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", said.lower()).replace(" ", "-") for said in headings}
