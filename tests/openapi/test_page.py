"""The page at ``/docs``: every operation, for anybody, and nothing from any other host."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.core.fidelity import FACTS
from gateway.dialect.http import Endpoint
from gateway.openapi import document
from gateway.pages.page import page
from gateway.pages.reading import chapter
from gateway.registry import installed
from tests.openapi.documents import DOCUMENTS, operations
from tests.world import World

_EMPTY = {"meta", "link", "img", "br", "hr", "input"}


class Parsed(HTMLParser):
    """Tags with their attributes, ids, text, and whether what was opened was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.faults += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [said for _, attrs in self.tags if (said := attrs.get(name)) is not None]


@pytest.fixture(scope="module")
def html() -> str:
    """The page of all dialects, as they are documented."""
    return page([chapter(d, DOCUMENTS[f"{d.name}-documented"][2]) for d in installed().values()])


async def _docs(world: World) -> httpx.Response:
    return await world.client.get("/docs")


async def test_anybody_reads_the_page_and_it_is_the_same_whoever_asks(
    world: World, html: str
) -> None:
    answer = await _docs(world)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == html
    token = await world.token("admin")
    asked = await world.client.get("/docs", headers={"authorization": f"Bearer {token}"})
    assert asked.text == html


async def test_no_script_runs_and_the_one_style_sheet_is_the_pages_own(world: World) -> None:
    answer = await _docs(world)
    policy = answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_page_loads_nothing(html: str) -> None:
    parsed = Parsed(html)
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert parsed.values("src") == []
    assert parsed.values("style") == []
    assert not [name for _, attrs in parsed.tags for name in attrs if name.startswith("on")]
    assert "url(" not in html
    assert "@import" not in html


def test_what_is_opened_is_closed_and_every_link_leads_somewhere(html: str) -> None:
    parsed = Parsed(html)
    assert parsed.faults == []
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    links = parsed.values("href")
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inside <= set(ids)
    outside = {link for link in links if not link.startswith("#")}
    documents = {f"/openapi/{name}.json" for name in installed()}
    assert {link for link in outside if not link.startswith("https://")} == documents


def test_every_operation_and_every_example_is_on_the_page(html: str) -> None:
    text = "".join(Parsed(html).words)
    for name, dialect in installed().items():
        _, _, read = DOCUMENTS[f"{name}-documented"]
        for method, path, operation in operations(read):
            assert f"{dialect.bases[0]}{path}" in text, f"{method} {path}"
            if method == "OPTIONS":
                continue
            assert f'id="{name}-{operation["operationId"]}"' in html, f"{method} {path}"
            for exchange in operation["x-exchanges"]:
                assert exchange["title"] in text, exchange["name"]
            for parameter in operation["parameters"]:
                assert f'title="{parameter["name"]}"' in html, f"{path} {parameter['name']}"


def test_the_page_shows_every_fact_that_counts(html: str) -> None:
    words = Parsed(html).words
    assert set(FACTS) <= set(words)


def test_whatever_a_dialect_says_is_text_and_never_markup() -> None:
    hostile = '<script>alert("&1")</script>'
    dialect = replace(installed()["iftrue"], title=hostile, version=hostile, maturity=hostile)
    read = document(dialect, dialect.options["documented"])
    for _, _, operation in operations(read):
        operation["summary"] = operation["description"] = hostile
        for exchange in operation["x-exchanges"]:
            exchange.update(title=hostile, source=hostile, evidence=hostile)
            exchange["request"] = {
                "method": hostile,
                "path": hostile,
                "headers": {hostile: hostile},
            }
            exchange["request"]["json"] = {hostile: [hostile]}
            exchange["response"]["body"] = {hostile: {"a": hostile}}
    for schema in read["components"]["schemas"].values():
        schema.update({"title": hostile, "$comment": hostile})
    shown = page([chapter(dialect, read)])
    assert "<script" not in shown
    assert Parsed(shown).faults == []
    assert hostile in unescape(shown)


def test_a_dialect_that_says_verbs_and_paths_alone_is_documented_all_the_same() -> None:
    whole = installed()["iftrue"]
    bare = [Endpoint(one.method, one.path, one.answer) for one in whole.routes()]
    dialect = replace(whole, routes=lambda: bare, title="", accounts={})
    read = document(dialect, dialect.options["documented"])
    assert [error.message for error in OpenAPIV31SpecValidator(read).iter_errors()] == []
    shown = page([chapter(dialect, read)])
    assert Parsed(shown).faults == []
    assert all(operation["x-exchanges"] for _, _, operation in operations(read))
