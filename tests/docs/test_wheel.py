"""The wheel holds all that the gateway needs at run time, and runs from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]

PROOF = """
import asyncio, gateway, sys
from importlib.metadata import entry_points
from gateway.openapi import document
from gateway.pages.page import page
from gateway.registry import installed
from gateway.store import is_at_head, migrate
assert gateway.__file__.startswith(sys.argv[1]), gateway.__file__
for dialect in installed().values():
    assert (dialect.schemas / "record.json").is_file(), dialect.schemas
    assert any(e.name.endswith(".json") for e in dialect.examples.iterdir()), dialect.examples
    assert document(dialect, dialect.options["documented"])["paths"]
assert page([]).startswith("<!doctype html>")
asyncio.run(migrate(sys.argv[2]))
assert asyncio.run(is_at_head(sys.argv[2]))
(plugin,) = [e for e in entry_points(group="pytest11") if "gateway" in e.value]
assert plugin.load().gateway_bench and plugin.name == plugin.value
print("proved")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project built as a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_schemas_migrations_and_examples(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    for name in ("canonical", "chainloop", "github", "gitlab", "iftrue"):
        assert f"gateway/schemas/{name}/record.json" in names
        assert [n for n in names if n.startswith(f"adapters/{name}/examples/")]
    assert [n for n in names if n.startswith("gateway/store/migrations/versions/0001")]
    assert not [n for n in names if n.startswith("tests/")]


def test_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    ZipFile(wheel).extractall(installed)
    proof = [sys.executable, "-c", PROOF, str(installed), f"sqlite:///{tmp_path}/proof.db"]
    env = os.environ | {"PYTHONPATH": str(installed)}
    ran = subprocess.run(proof, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ran.stdout == "proved\n", ran.stderr
