"""The OpenAPI documents are valid, and say what the dialects do, no more and no less."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.dialect.accounts import header_keys
from gateway.dialect.http import FIDELITY_HEADER, REQUEST_HEADER
from gateway.dialect.resources import load_json
from gateway.registry import installed
from tests.openapi.documents import DOCUMENTS, contents, misfits, operations

in_every_profile = pytest.mark.parametrize("name", DOCUMENTS)


@pytest.mark.parametrize("name", installed())
def test_a_document_is_openapi(name: str) -> None:
    """Profiles differ in examples alone, and it takes long."""
    _, _, read = DOCUMENTS[f"{name}-documented"]
    assert [error.message for error in OpenAPIV31SpecValidator(read).iter_errors()] == []


@in_every_profile
def test_every_route_is_an_operation_and_every_operation_a_route(name: str) -> None:
    dialect, _, read = DOCUMENTS[name]
    routed = [(endpoint.method, endpoint.path) for endpoint in dialect.routes()]
    assert sorted((method, path) for method, path, _ in operations(read)) == sorted(routed)


@in_every_profile
def test_an_operation_says_what_it_is_for(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for method, path, operation in operations(read):
        assert operation["summary"].endswith("."), f"{method} {path}"


@in_every_profile
def test_what_is_referred_to_is_in_the_document(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for target in _references(read):
        assert target.startswith("#/"), target
        found: Any = read
        for step in target.removeprefix("#/").split("/"):
            found = found[step]


@in_every_profile
def test_what_is_referred_to_is_a_whole_component(name: str) -> None:
    """What generates clients of documents follows no reference to the inside of one."""
    _, _, read = DOCUMENTS[name]
    for target in _references(read):
        assert re.fullmatch(r"#/components/schemas/[a-z_]+(\.[a-z_]+)?", target), target
    titles = [
        schema["title"] for schema in read["components"]["schemas"].values() if "title" in schema
    ]
    assert len(titles) == len(set(titles))
    assert '"$defs":' not in json.dumps(read["components"])


@in_every_profile
def test_every_list_says_what_it_holds(name: str) -> None:
    """Before OpenAPI 3.1 it had to, and many a generator still ends at one that does not."""
    _, _, read = DOCUMENTS[name]
    schemas = {"paths": read["paths"], "components": read["components"]}
    assert [said for said in _lists(schemas) if "items" not in said] == []


@in_every_profile
def test_every_example_is_of_its_schema(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    found = [
        f"{method} {path} {where} {example}: {misfit}"
        for method, path, operation in operations(read)
        for where, content in contents(operation)
        for example, said in content.get("examples", {}).items()
        for misfit in misfits(read, content.get("schema", {}), said["value"])
    ]
    assert found == []


@in_every_profile
def test_every_example_of_a_parameter_is_of_its_schema(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    found = [
        f"{method} {path} {parameter['name']}: {misfit}"
        for method, path, operation in operations(read)
        for parameter in operation["parameters"]
        for example in parameter.get("examples", {}).values()
        for misfit in misfits(read, parameter["schema"], example["value"])
    ]
    assert found == []


@in_every_profile
def test_what_was_sent_with_success_is_shown_as_a_request(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for method, path, operation in operations(read):
        exchanges = operation["x-exchanges"]
        sent = [e for e in exchanges if {"json", "form"} & e["request"].keys()]
        if any(exchange["response"]["status"] < 300 for exchange in sent):
            shown = [where for where, content in contents(operation) if "examples" in content]
            assert any(where.startswith("request") for where in shown), f"{method} {path}"


@in_every_profile
def test_every_operation_has_an_example(name: str) -> None:
    """What a browser asks before it asks is alike on every path."""
    _, _, read = DOCUMENTS[name]
    asked = [one for one in operations(read) if one[0] != "OPTIONS"]
    assert [f"{method} {path}" for method, path, said in asked if not said["x-exchanges"]] == []


@in_every_profile
def test_every_header_of_an_example_is_one_of_its_answer(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for _, path, operation in operations(read):
        for exchange in operation["x-exchanges"]:
            said = {header.lower() for header in exchange["response"].get("headers", {})}
            answer = operation["responses"][str(exchange["response"]["status"])]
            named = {header.lower() for header in answer.get("headers", {})}
            assert said - {"content-type"} <= named, f"{path} {exchange['name']}"


@in_every_profile
def test_who_may_have_an_answer_already_is_told_of_304(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for method, path, operation in operations(read):
        asked = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        answer = operation["responses"].get("304")
        assert (answer is not None) == ("If-None-Match" in asked), f"{method} {path}"
        assert answer is None or "content" not in answer, f"{method} {path}"


def test_what_is_answered_in_lines_of_json_is_no_one_value() -> None:
    _, _, read = DOCUMENTS["canonical-documented"]
    content = read["paths"]["/audit"]["get"]["responses"]["200"]["content"]
    assert sorted(content) == ["application/json", "application/x-ndjson"]
    assert content["application/x-ndjson"]["schema"] == {"type": "string"}


@in_every_profile
def test_a_request_header_that_is_accounted_for_is_a_parameter(name: str) -> None:
    dialect, _, read = DOCUMENTS[name]
    for method, path, operation in operations(read):
        heard = [
            header
            for key in header_keys(method, path)
            if key in dialect.accounts
            for header in dialect.accounts[key].fields
        ]
        shown = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
        assert shown == [header for header in heard if header != "Accept"], f"{method} {path}"


@in_every_profile
def test_every_answer_says_the_id_of_its_request(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    for method, path, operation in operations(read):
        for status, answer in operation["responses"].items():
            assert REQUEST_HEADER in answer["headers"], f"{method} {path} {status}"


@in_every_profile
def test_the_fidelity_of_a_record_is_a_header_where_the_suite_sees_it(name: str) -> None:
    """The suite replays every example and compares what is answered with ``tells_fidelity``."""
    dialect, _, read = DOCUMENTS[name]
    told = {(e.method, e.path) for e in dialect.routes() if e.tells_fidelity}
    assert told
    for method, path, operation in operations(read):
        named = {
            status
            for status, answer in operation["responses"].items()
            if FIDELITY_HEADER in answer.get("headers", {})
        }
        succeeded = {status for status in operation["responses"] if status.startswith("2")}
        assert named == (succeeded if (method, path) in told else set()), f"{method} {path}"


@in_every_profile
def test_a_profiles_document_shows_its_own_examples_alone(name: str) -> None:
    dialect, options, read = DOCUMENTS[name]
    mine = {key for key, said in load_json(dialect.examples) if options.profile in said["profiles"]}
    shown = {e["name"] for _, _, operation in operations(read) for e in operation["x-exchanges"]}
    assert shown <= mine
    assert len(shown) >= len(mine) * 0.8, "all but those that ask for what is not there"


@in_every_profile
def test_what_was_volatile_has_a_readable_value(name: str) -> None:
    _, _, read = DOCUMENTS[name]
    assert re.findall(r"<(?:number|project-number|uuid|time|any)\b[^>]*>", json.dumps(read)) == []


def _lists(value: Any) -> list[Any]:
    if isinstance(value, dict):
        is_list = "array" in value["type"] if isinstance(value.get("type"), str | list) else False
        here = [value] if is_list else []
        return here + [found for item in value.values() for found in _lists(item)]
    if isinstance(value, list):
        return [found for item in value for found in _lists(item)]
    return []


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [target for item in value.values() for target in _references(item)]
    if isinstance(value, list):
        return [target for item in value for target in _references(item)]
    return []
