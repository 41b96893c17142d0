"""Which dialect, base and endpoint a path belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.responses import Response

from gateway.dialect.http import Call, Endpoint
from gateway.dialect.routing import Bases, Endpoints, Heads
from gateway.registry import installed

DIALECT = replace(installed()["gitlab"], ignores_case=False)
LENIENT = replace(DIALECT, ignores_case=True)
HEADS = Heads(
    [
        *(("/v1", DIALECT), ("/v1/organization", LENIENT)),
        *(("//orgs/own", DIALECT), ("//orgs", DIALECT)),
    ]
)


async def answer(_call: Call) -> Response:
    return Response()


def endpoint(method: str, path: str) -> Endpoint:
    return Endpoint(method, path, answer)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1", 0),
        ("/v1/", 0),
        ("/v1/organizations", 0),
        ("/v1/organization", 1),
        ("/V1/Organization/x", 1),
        ("//orgs/own", 2),
        ("//orgs/acme", 3),
        ("/V1", None),
        ("/v1x", None),
        ("/v1\n", None),
        ("/x/v1", None),
        ("", None),
    ],
)
def test_a_path_belongs_to_the_longest_head_that_it_is_or_lies_below(
    path: str, place: int | None
) -> None:
    assert HEADS.find(path) == place


@pytest.mark.parametrize(
    ("path", "base", "below"),
    [
        ("/api/v3/orgs", "/api/v3", "/orgs"),
        ("/api/v3", "/api/v3", "/"),
        ("/api/v33", "", "/api/v33"),
        ("/orgs", "", "/orgs"),
        ("x", "", "x"),
        ("", "", "/"),
    ],
)
def test_a_base_may_be_empty_and_is_where_no_other_is(path: str, base: str, below: str) -> None:
    assert Bases(replace(DIALECT, bases=("", "/api/v3"))).of(path) == (base, below)


def test_a_slash_doubled_in_front_of_a_base_is_no_part_of_it_where_the_dialect_owns_that() -> None:
    owned = replace(DIALECT, paths=("/v1", "//v1"), bases=("/v1",))
    assert Bases(owned).of("//v1/places") == ("/v1", "/places")
    assert Bases(replace(owned, paths=("/v1",))).of("//v1/places") == ("", "//v1/places")


def test_no_path_lies_below_one_of_no_heads() -> None:
    assert Heads([]).find("/v1") is None
    assert Bases(replace(DIALECT, bases=())).of("/v1") == ("", "/v1")


def test_a_parameter_is_one_whole_segment_still_encoded() -> None:
    endpoints = Endpoints([one := endpoint("GET", "/projects/{id}")])
    assert endpoints.find("GET", "/projects/a%2Fb") == (one, {"id": "a%2Fb"})
    assert endpoints.find("GET", "/projects/a/b") is None
    assert endpoints.find("GET", "/projects/") is None


def test_of_several_the_first_with_the_verb_answers() -> None:
    stale, one = endpoint("POST", "/places/stop_stale"), endpoint("PUT", "/places/{id}")
    endpoints = Endpoints([stale, one, endpoint("POST", "/places/{id}")])
    assert endpoints.find("POST", "/places/stop_stale") == (stale, {})
    assert endpoints.find("PUT", "/places/stop_stale") == (one, {"id": "stop_stale"})


def test_the_verbs_of_a_path_are_sorted() -> None:
    endpoints = Endpoints([endpoint(method, "/places") for method in ("PUT", "GET", "DELETE")])
    assert endpoints.methods("/places") == ("DELETE", "GET", "PUT")
    assert endpoints.methods("/elsewhere") == ()
