"""An adapter that cannot be installed is named, with the reason, in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.gitlab import dialect as gitlab
from gateway import pages, registry
from gateway.app import build
from gateway.draining import Drain
from gateway.operations import operations
from gateway.registry import BadDialect, installed
from gateway.settings import Settings

Package = Callable[[str], None]
NEWER = "from gateway.dialect import Dialect, WhatALaterVersionHas"
LONGER = "from gateway.dialect import Dialect\ndialect = Dialect(name='acme', later=True)"
TALKATIVE = "raise ValueError('two\\nlines')"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Installs a distribution with the adapter ``acme``, whose module holds this code."""

    def install(code: str) -> None:
        (tmp_path / "acme_adapter.py").write_text(code)
        named = tmp_path / "acme_adapter-1.dist-info"
        named.mkdir()
        (named / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-adapter\nVersion: 1\n")
        entry = f"[{registry.ENTRY_POINTS}]\nacme = acme_adapter:dialect\n"
        (named / "entry_points.txt").write_text(entry)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "acme_adapter", raising=False)

    return install


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (NEWER, "ImportError: cannot import name 'WhatALaterVersionHas'"),
        (LONGER, "TypeError: "),
        ("", "AttributeError: "),
        (TALKATIVE, "ValueError: two lines"),
    ],
    ids=["a newer import", "a newer field", "no dialect", "an error of several lines"],
)
def test_an_adapter_that_does_not_load_is_named(acme: Package, code: str, reason: str) -> None:
    acme(code)
    with pytest.raises(BadDialect) as caught:
        installed()
    told = str(caught.value)
    assert told.startswith("the acme adapter (acme_adapter:dialect) does not load")
    assert "version 1 of the adapter API" in told
    assert reason in told
    assert "\n" not in told


def test_what_is_no_dialect_is_named(acme: Package) -> None:
    acme("dialect = 3")
    with pytest.raises(BadDialect, match=r"the acme adapter \(.*\) is not a Dialect: 3"):
        installed()


BORROWED = (
    "from dataclasses import replace\n"
    "from pathlib import Path\n"
    "from adapters.gitlab import dialect as gitlab\n"
    "dialect = replace(gitlab, name='acme', paths=('/acme',), bases=('/acme',), {said})\n"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "examples/list__all.json is no JSON: Expecting property name"),
        ('{"title": "All"}', "examples/list__all.json does not say source"),
    ],
)
def test_an_adapter_with_an_example_that_no_document_can_show_is_named(
    acme: Package, tmp_path: Path, text: str, reason: str
) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    (folder / "list__all.json").write_text(text)
    acme(BORROWED.format(said=f"examples=Path({str(folder)!r})"))
    with pytest.raises(BadDialect, match=rf"the acme adapter \(acme_adapter:dialect\): {reason}"):
        installed()


def test_an_adapter_that_names_a_schema_that_is_not_there_is_named(
    acme: Package, tmp_path: Path
) -> None:
    (tmp_path / "schemas").mkdir()
    acme(BORROWED.format(said=f"schemas=Path({str(tmp_path / 'schemas')!r})"))
    with pytest.raises(
        BadDialect, match=r"the acme adapter .*/deployments names no schema: \w+\.json"
    ):
        installed()


def test_an_adapter_whose_schemas_are_not_there_is_named(acme: Package) -> None:
    acme(BORROWED.format(said="schemas=Path('/no/schemas')"))
    with pytest.raises(BadDialect, match=r"the acme adapter .*No such file.*/no/schemas"):
        installed()


def test_an_adapter_that_says_no_version_is_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    unsaid = {field: getattr(gitlab, field) for field in gitlab.__slots__ if field != "api_version"}
    assert type(gitlab)(**unsaid).api_version == 1
    monkeypatch.setattr(registry, "API_VERSION", 2)
    with pytest.raises(BadDialect, match="is for version 1 of the adapter API"):
        installed()


def test_an_adapter_for_the_version_at_hand_is_installed() -> None:
    assert registry.beside(replace(gitlab, api_version=registry.API_VERSION))["gitlab"]


def test_an_adapter_without_a_documented_profile_is_named() -> None:
    observed = {"observed": gitlab.options["observed"]}
    with pytest.raises(BadDialect, match="the gitlab adapter has no documented profile"):
        registry.beside(replace(gitlab, options=observed))


@pytest.mark.parametrize("path", ["", "/docs", "/metrics", "/openapi/acme.json", "/readyz"])
def test_an_adapter_that_owns_what_the_gateway_answers_itself_is_named(path: str) -> None:
    with pytest.raises(BadDialect, match=f"the acme adapter owns {path or 'all paths'}, and"):
        registry.beside(replace(gitlab, name="acme", paths=("/acme", path)))


@pytest.mark.parametrize("name", ["", "Acme", "acme corp", "operations", 'a"b'])
def test_an_adapter_whose_name_no_setting_path_or_figure_can_have_is_named(name: str) -> None:
    with pytest.raises(BadDialect, match=f"an adapter is called {name!r}: a name is"):
        registry.beside(replace(gitlab, name=name, paths=("/acme",), bases=("/acme",)))


def test_an_adapter_that_is_called_otherwise_than_its_entry_is_named(acme: Package) -> None:
    acme(BORROWED.replace("name='acme'", "name='other'").format(said=""))
    with pytest.raises(BadDialect, match=r"the acme adapter \(.*\) is called 'other'"):
        installed()


def test_whatever_the_gateway_answers_itself_lies_below_paths_of_its_own() -> None:
    made = build(Settings())
    routes = [
        *operations(made.store, made.metrics, Drain(1)),
        *pages.routes(made.services),
    ]
    assert {f"/{route.path.split('/')[1]}" for route in routes} == set(registry.OWN_PATHS)


def test_an_adapter_that_no_request_reaches_is_named() -> None:
    with pytest.raises(BadDialect, match=r"never asked below /api/v4: its paths are /acme"):
        registry.beside(replace(gitlab, name="acme", paths=("/acme",)))
