"""Every request header that an adapter reads has an account, and every account is of one it reads.

Only the sources tell what is read: no schema names a header.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from gateway.dialect import Dialect
from gateway.dialect.accounts import is_of_headers
from gateway.dialect.credentials import Kind
from gateway.registry import BUILT_IN, installed

ADAPTERS = Path(__file__).parents[2] / "adapters"
OTHERS_SIDE = "client.py"  # reads the headers of answers


def accounted(dialect: Dialect) -> set[str]:
    """The headers that a dialect speaks of, those with a credential among them."""
    places = {p.key for p in dialect.credentials if p.kind is not Kind.QUERY}
    tables = (one.fields for name, one in dialect.accounts.items() if is_of_headers(name))
    return {name.lower() for names in (places, *tables) for name in names}


def read(name: str) -> set[str]:
    """The headers that the sources of an adapter read by name."""
    found = set()
    for file in (ADAPTERS / name).glob("*.py"):
        if file.name != OTHERS_SIDE:
            module = importlib.import_module(f"adapters.{name}.{file.stem}")
            found |= {word.lower() for word in _read(ast.parse(file.read_text()), module)}
    return found


def _read(tree: ast.AST, module: ModuleType) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="header"), args=[word]):
                yield _said(word, module)
            case ast.Call(func=ast.Attribute(attr="get", value=held), args=[word, *_]):
                if _is_headers(held):
                    yield _said(word, module)
            case ast.Compare(left=ast.Constant() as word, ops=[ast.In()], comparators=[held]):
                if _is_headers(held):
                    yield _said(word, module)


def _is_headers(node: ast.expr) -> bool:
    """``headers`` of a request by any way to it, and of no response."""
    text = ast.unparse(node)
    return text.rpartition(".")[2] == "headers" and "response" not in text


def _said(word: ast.expr, module: ModuleType) -> str:
    match word:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name(id=name) if isinstance(said := getattr(module, name, None), str):
            return said
        case _:
            return ""


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_read_is_accounted_for_and_nothing_else(name: str) -> None:
    assert read(name) - {""} == accounted(installed()[name])
