"""Which repository a URL names, whichever way it is spelled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.iftrue.repository import bare, repository


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/acme/shop",
        "https://git.example/acme/shop/",
        "https://git.example/acme/shop.git",
        "https://git.example/acme/shop.git/",
        "https://git.example/acme/shop/.git",
        "<https://git.example/acme/shop>",
        "https://git.example/acme/shop.git\n",
        " <https://git.example/acme/shop>\r\n",
        "http://ada:secret@git.example:8443/acme/shop?tab=readme#top",
        "ssh://git@git.example:22/acme/shop.git",
        "git@git.example:acme/shop.git",
        "git.example:acme/shop",
        "git.example/acme/shop",
        "git.example:8443/acme/shop",
    ],
)
def test_all_spellings_name_the_same_repository(url: str) -> None:
    found = repository(url)
    assert found is not None
    assert (found.host, found.path) == ("git.example", "acme/shop")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("acme/shop", "acme/shop"),
        ("/acme/shop/", "acme/shop"),
        ("shop", "shop"),
        ("https://gitlab.com/acme/team/shop.git", "acme/team/shop"),
        ("git@host:/srv/acme/shop.git", "srv/acme/shop"),
        ("localhost:8080/acme/shop", "acme/shop"),
    ],
)
def test_a_path_may_be_short_or_deep(url: str, path: str) -> None:
    found = repository(url)
    assert found is not None
    assert found.path == path


@pytest.mark.parametrize(
    "url",
    ["", " \n", "<>", "/", "https://", "https://git.example", "https://git.example/.git", ".git"],
)
def test_a_url_without_a_path_names_none(url: str) -> None:
    assert repository(url) is None


@pytest.mark.parametrize(
    ("url", "is_on_github"),
    [
        ("https://github.com/a/b", True),
        ("<https://GitHub.com/a/b>", True),
        ("https://ssh.github.com:443/a/b", True),
        ("https://acme.ghe.com/a/b", True),
        ("git@github.com:a/b.git", True),
        ("github.com/a/b", True),
        ("https://ghe.com/a/b", False),
        ("https://notgithub.com/a/b", False),
        ("https://github.com.evil.example/a/b", False),
        ("https://gitlab.com/github.com/b", False),
        ("a/b", False),
    ],
)
def test_githubs_hosts_are_its_own_and_those_below_ghe(url: str, is_on_github: bool) -> None:
    found = repository(url)
    assert found is not None
    assert found.is_on_github is is_on_github


@pytest.mark.parametrize(
    ("text", "stripped"), [("<x>", "x"), ("<<x>>", "<x>"), ("<x", "<x"), ("x>", "x>"), ("", "")]
)
def test_one_surrounding_pair_of_brackets_is_stripped(text: str, stripped: str) -> None:
    assert bare(text) == stripped


@settings(max_examples=100)
@given(st.text(alphabet="<>ahtp:/@.?#gi\u00e9 1", max_size=30))
def test_any_text_has_a_repository_with_a_path_or_none(text: str) -> None:
    found = repository(text)
    assert found is None or found.path
