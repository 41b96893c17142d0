"""A body that does not fit is answered with GitHub's sentences, in order and never at length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from adapters.github.ruby import MAX_QUOTED, interpolated, literal, literal_pattern
from adapters.github.sentences import KEYWORDS, MAX_SENTENCES, problems
from adapters.github.wire import SCHEMAS

CREATE = SCHEMAS["create"]
SILENT = {"$schema", "$comment", "title", "default"}
STATUSES = '["deployed", "decommissioned"]'
RISKS = '["critical-resource", "internet-exposed", "lateral-movement", "sensitive-data"]'
WHOLE: Mapping[str, Any] = {
    "name": "awesome-image",
    "digest": f"sha256:{'a' * 64}",
    "version": "1.0",
    "status": "deployed",
    "logical_environment": "prod",
    "physical_environment": "",
    "cluster": "",
    "deployment_name": "",
    "tags": {"a": "b"},
    "runtime_risks": ["sensitive-data"],
    "github_repository": "shop",
    "return_records": False,
}


def sentences(body: object) -> list[str | None]:
    return [problem.detail for problem in problems(CREATE, body)]


def test_a_whole_body_has_no_problem() -> None:
    assert sentences(WHOLE) == []


def test_unknown_fields_are_no_problem() -> None:
    assert sentences({**WHOLE, "partial_success": True, "x": [None]}) == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", None, ["For 'properties/name', nil is not a string."]),
        ("name", 1.5, ["For 'properties/name', 1.5 is not a string."]),
        ("name", {"a": [True]}, ["For 'properties/name', {\"a\" => [true]} is not a string."]),
        ("name", "", ["At least 1 character is required; only 0 were supplied."]),
        ("name", "x" * 257, ["Only 256 characters are allowed; 257 were supplied."]),
        (
            "digest",
            "sha256:abc",
            [
                "At least 71 characters are required; only 10 were supplied.",
                "sha256:abc does not match /^sha256:[a-f0-9]{64}$/.",
            ],
        ),
        (
            "digest",
            f"sha512:{'a' * 64}",
            [f"sha512:{'a' * 64} does not match /^sha256:[a-f0-9]{{64}}$/."],
        ),
        (
            "digest",
            f"sha256:{'A' * 64}",
            [f"sha256:{'A' * 64} does not match /^sha256:[a-f0-9]{{64}}$/."],
        ),
        ("status", "active", [f"active is not a member of {STATUSES}."]),
        (
            "status",
            None,
            [
                f" is not a member of {STATUSES}.",
                "For 'properties/status', nil is not a string.",
            ],
        ),
        (
            "status",
            ["deployed"],
            [
                f'["deployed"] is not a member of {STATUSES}.',
                "For 'properties/status', [\"deployed\"] is not a string.",
            ],
        ),
        ("version", "", ["At least 1 character is required; only 0 were supplied."]),
        ("cluster", "x" * 129, ["Only 128 characters are allowed; 129 were supplied."]),
        ("tags", [], ["For 'properties/tags', [] is not an object."]),
        ("tags", {"a": None}, ["For 'additionalProperties', nil is not a string."]),
        (
            "tags",
            dict.fromkeys("abcdef", ""),
            ["No more than 5 properties are allowed; 6 were supplied."],
        ),
        ("runtime_risks", "x", ["For 'properties/runtime_risks', \"x\" is not an array."]),
        (
            "runtime_risks",
            [None],
            [f" is not a member of {RISKS}.", "For 'items', nil is not a string."],
        ),
        ("runtime_risks", ["sensitive-data"] * 2, ["Duplicate items are not allowed."]),
        (
            "runtime_risks",
            ["sensitive-data"] * 5,
            [
                "No more than 4 items are allowed; 5 were supplied.",
                "Duplicate items are not allowed.",
            ],
        ),
        ("github_repository", "a/b", ["a/b does not match /^[A-Za-z0-9.\\-_]+$/."]),
        ("github_repository", "a\n", ["a\n does not match /^[A-Za-z0-9.\\-_]+$/."]),
        ("return_records", "no", ["For 'properties/return_records', \"no\" is not a boolean."]),
        ("return_records", 1, ["For 'properties/return_records', 1 is not a boolean."]),
    ],
)
def test_a_problem_has_its_sentence(field: str, value: object, expected: list[str]) -> None:
    assert sentences({**WHOLE, field: value}) == expected


def test_problems_come_in_the_order_of_the_schema_and_what_is_missing_comes_last() -> None:
    said = {"return_records": 0, "version": 1, "name": 2}
    assert sentences(said) == [
        "For 'properties/name', 2 is not a string.",
        "For 'properties/version', 1 is not a string.",
        "For 'properties/return_records', 0 is not a boolean.",
        '"deployment_name", "digest", "logical_environment", "status" weren\'t supplied.',
    ]


def test_one_missing_field_is_singular() -> None:
    said = {name: value for name, value in WHOLE.items() if name != "status"}
    assert sentences(said) == ['"status" wasn\'t supplied.']


def test_a_problem_names_its_field() -> None:
    found = problems(CREATE, {**WHOLE, "tags": {"team": 1}, "runtime_risks": [0, 0]})
    assert {problem.field for problem in found} == {
        "tags.team",
        "runtime_risks.0",
        "runtime_risks.1",
        "runtime_risks",
    }


def test_every_keyword_of_the_schema_is_judged() -> None:
    assert set(keywords(CREATE)) <= KEYWORDS | SILENT


def keywords(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from schema
    for part in schema.get("properties", {}).values():
        yield from keywords(part)
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from keywords(schema[keyword])


@pytest.mark.parametrize(
    "hostile",
    [
        {"runtime_risks": [f"risk-{n}" for n in range(100_000)]},
        {"runtime_risks": ["sensitive-data"] * 500_000},
        {"tags": {str(n): n for n in range(100_000)}},
        {"name": "x" * 5_000_000, "digest": "y" * 5_000_000, "status": "z" * 5_000_000},
        {"name": list(range(3_000_000)), "tags": {"x" * 1_000_000: None}},
        {"name": 10**4000, "version": {"x" * 1_000_000: "y" * 1_000_000}},
    ],
    ids=["many-risks", "one-risk-often", "many-tags", "long-texts", "long-values", "long-number"],
)
def test_a_hostile_body_is_answered_briefly(hostile: Mapping[str, object]) -> None:
    found = sentences({**WHOLE, **hostile})
    assert 0 < len(found) <= MAX_SENTENCES + 1
    assert sum(len(sentence or "") for sentence in found) < 100_000


def test_more_problems_than_are_named_are_said_to_be_there() -> None:
    found = sentences({**WHOLE, "runtime_risks": list(range(MAX_SENTENCES + 1))})
    assert found[-1] == "More problems were found."
    assert len(found) == MAX_SENTENCES + 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nil"),
        (True, "true"),
        (7, "7"),
        (1e20, "1.0e+20"),
        (2.5, "2.5"),
        ("it's", '"it\'s"'),
        ('a"\\\n\t\x1b\x01', '"a\\"\\\\\\n\\t\\e\\u0001"'),
        ("#{x} #a #$b", '"\\#{x} #a \\#$b"'),
        ("grün 🚀", '"grün 🚀"'),
        ("\U000e0001", '"\\u{E0001}"'),
        ([1, "a", None], '[1, "a", nil]'),
        ({"a": {"b": []}, "c": 1}, '{"a" => {"b" => []}, "c" => 1}'),
    ],
)
def test_values_are_quoted_as_ruby_writes_them(value: object, expected: str) -> None:
    assert literal(value) == expected


def test_null_and_text_are_bare_where_ruby_interpolates() -> None:
    assert interpolated(None) == ""
    assert interpolated("a\nb") == "a\nb"
    assert interpolated(["a"]) == '["a"]'


def test_long_and_deep_values_are_cut() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    for value in ("x" * 10_000, ["x"] * 10_000, deep, {"x" * 10_000: 1}):
        assert len(literal(value)) == MAX_QUOTED + 3
        assert literal(value).endswith("...")


def test_a_slash_in_a_pattern_is_escaped() -> None:
    assert literal_pattern("^https://") == "/^https:\\/\\//"


class Counted(list[int]):
    """A list that knows how many of its items were looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[int]:
        for item in super().__iter__():
            self.looked_at += 1
            yield item


def test_of_a_long_value_no_more_is_read_than_is_quoted() -> None:
    long = Counted(range(1_000_000))
    assert len(sentences({**WHOLE, "name": long})) == 1
    assert 0 < long.looked_at <= MAX_QUOTED + 1
