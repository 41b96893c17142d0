"""Project paths, environment names, tiers and slugs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.placing import (
    artifact_repository,
    guess_tier,
    joined_name,
    prefixes,
    project_path,
    slug,
    suffixed_name,
)
from tests.core.build import ORG

PATHS = {
    "shop": "acme/shop",
    "acme/shop": "acme/shop",
    "ACME-Inc/shop": "acme/shop",
    "acme": "acme/acme",
    "/acme//shop/": "acme/shop",
    "umbrella/acme/shop": "acme/umbrella/acme/shop",
    "acme/team/shop": "acme/team/shop",
    "": None,
    "acme/../shop": None,
    "x" * 600: None,
}


@pytest.mark.parametrize(("said", "path"), PATHS.items())
def test_a_project_path_begins_with_its_org(said: str, path: str | None) -> None:
    assert project_path(ORG, said) == path


@pytest.mark.parametrize("said", ["ACME/shop", "acme/shop", "Acme/shop", "shop"])
def test_an_org_keeps_its_spelling_in_whatever_case_it_is_said(said: str) -> None:
    assert project_path(replace(ORG, name="Acme"), said) == "Acme/shop"


REPOSITORIES = {
    "ghcr.io/acme/shop:1": "acme/shop",
    "acme/shop:1.2": "acme/shop",
    "shop": "shop",
    "localhost:5000/acme/shop@sha256:aa": "acme/shop",
    "oci://registry.example/charts/shop:1": "charts/shop",
    "localhost/shop": "shop",
    "acme/a:b/shop:1": "acme/a:b/shop",
}


@pytest.mark.parametrize(("name", "path"), REPOSITORIES.items())
def test_an_artifact_name_loses_its_registry_and_tag(name: str, path: str) -> None:
    assert artifact_repository(name) == path


def test_the_longest_prefix_comes_first_and_the_org_alone_never() -> None:
    assert list(prefixes("acme/a/b")) == ["acme/a/b", "acme/a"]


def test_three_parts_have_one_name() -> None:
    assert joined_name("prod", None, "c1") == "prod/c1"
    assert suffixed_name("prod/c1", "prod/c1", None, None).startswith("prod/c1-")


TIERS = {
    "development": (
        *("review/feature", "review/product", "review/app", "DEV", "dev", "development", "trunk"),
        *("preview", "predev", "devops"),
    ),
    "testing": (
        *("test", "TEST", "testing", "testing-prd", "acceptance-testing", "production-test"),
        *("test-production", "QC", "qa", "qa-env-2", "integration", "sprint", "internal", "acpt"),
        *("point", "printer", "control-plane", "nonprod-test"),
    ),
    "staging": (
        *("gstg", "stg", "staging", "stage", "Model", "MODL", "Pre-production", "pre", "Demo"),
        *("pre-prod", "blue-kit-stage", "nonprod", "nonlive", "non-prod", "non-live"),
        "representation",
    ),
    "production": (
        *("prod", "PROD", "PRODUCTION", "production", "Production", "Production/eu", "gprd"),
        *("production/eu", "PRODUCTION/EU", "productioneu", "production/www.gitlab.com"),
        *("prod-east-2", "us-prod-east", "fe-production", "gprd-cny", "canary-prod"),
        *("store-produce", "reproduce", "unproductive", "product", "Live", "live"),
    ),
    "other": ("canary", "other", "EXP", "something-else", "deploy", "default", "main"),
}
"""GitLab's own table of names."""


@pytest.mark.parametrize(("tier", "name"), [(t, n) for t, names in TIERS.items() for n in names])
def test_a_tier_is_guessed_from_the_name(tier: str, name: str) -> None:
    assert guess_tier(name) == tier


SLUGS = {
    "production": "production",
    "staging": "staging",
    "us-prod-east": "us-prod-east",
    "PRODUCTION": "production-vl4voz",
    "Production": "production-iis43c",
    "review/fix-foo": "review-fix-foo-v25cyx",
    "1-foo": "env-1-foo-1k46wz",
    "foo--bar": "foo-bar-q006cp",
    "foo_bar": "foo-bar-z28am2",
    "my env": "my-env-rp8gms",
    "prod.eu": "prod-eu-ezg8lv",
    "a" * 24: "a" * 24,
    "a" * 25: "aaaaaaaaaaaaaaaaa-1n7uof",
    "QA env": "qa-env-tpo1n6",
    "eu-west-1/prod": "eu-west-1-prod-ktqexe",
    "foo-": "foo",
    "staging-12345678-": "staging-12345678",
    "staging-1234567890123456": "staging-1234567890123456",
}
STEMS = {
    "staging-12345678901234567": "staging-123456789",
    "staging-1234567890123456-": "staging-123456789",
    "staging-12345678-01234567": "staging-12345678",
    "9-staging-123456789012345": "env-9-staging-123",
    "1/foo": "env-1-foo",
    "foo**bar": "foo-bar",
    "*-foo": "env-foo",
    "": "env",
}
"""What stands before the digest of a name that is no slug itself."""


@pytest.mark.parametrize(("name", "short"), SLUGS.items())
def test_a_slug_is_computed_from_the_name(name: str, short: str) -> None:
    assert slug(name) == short


@pytest.mark.parametrize(("name", "stem"), STEMS.items())
def test_a_slug_that_is_not_the_name_ends_in_its_digest(name: str, stem: str) -> None:
    short = slug(name)
    assert short[:-6] == f"{stem}-"
    assert short[-6:].isalnum()


@given(st.text(max_size=300))
def test_a_slug_is_always_short_and_safe(name: str) -> None:
    short = slug(name)
    assert 0 < len(short) <= 24
    assert short[0].isascii()
    assert short[0].isalpha()
    assert set(short) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
