"""How Chainloop's messages are read: proto3 JSON, and the binding of queries and forms."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chainloop import dialect, protojson, urlvalues
from adapters.chainloop.wire import ListDeploymentRecords, RecordDeployment
from gateway.core.errors import BadBody, BadText, GatewayError, Invalid
from gateway.dialect.frame import Frame

FRAME = Frame(options=dialect.options["documented"])


def from_json(raw: str | bytes) -> dict[str, Any]:
    return dict(protojson.read(RecordDeployment, raw.encode() if isinstance(raw, str) else raw))


def from_query(raw: str) -> dict[str, Any]:
    pairs = urlvalues.query_pairs(raw.encode())
    return dict(urlvalues.read(ListDeploymentRecords, pairs))


def message_of(raw: str | bytes) -> str:
    with pytest.raises((BadBody, BadText)) as caught:
        from_json(raw)
    body: Any = dialect.render_error(caught.value, FRAME).body
    message: str = body["message"]
    return message.removeprefix("body unmarshal proto: ")


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("{}", {}),
        ('{"environment_name":"a"}', {"environment_name": "a"}),
        ('{"environmentName":"a","artifact_digest":"b"}',
         {"environment_name": "a", "artifact_digest": "b"}),
        ('{"Environment_Name":"a","zz":[{}],"zz":1}', {}),
        ('{"environment_name":null,"kind":null}', {}),
        ('{"kind":"HELM_CHART"}', {"kind": 2}),
        ('{"kind":1}', {"kind": 1}),
        ('{"kind":1.0,"status":2e0}', {"kind": 1, "status": 2}),
        ('{"kind":7,"status":-1}', {"kind": 7, "status": -1}),
        ('{"kind":"NOPE"}', {}),
        ('{"kind":"container_image"}', {}),
        ('{"kind":"","status":"1"}', {}),
        (' \n{ "deployment_name" : "" , "zz":{"kind":[1.5]} }\t', {"deployment_name": ""}),
    ],
)  # fmt: skip
def test_a_body_is_read_as_proto3_json(raw: str, values: dict[str, Any]) -> None:
    assert from_json(raw) == values
    assert dict(protojson.read_value(RecordDeployment, json.loads(raw))) == values


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ('{"environment_name":5}',
         "(line 1:21): invalid value for string field environmentName: 5"),
        ('{\n  "artifactDigest": true}',
         "(line 2:21): invalid value for string field artifactDigest: true"),
        ('{"artifact_digest":{"a":1}}',
         "(line 1:20): invalid value for string field artifactDigest: {"),
        ('{"kind":1.5}', "(line 1:9): invalid value for enum field kind: 1.5"),
        ('{"kind":2147483648}', "(line 1:9): invalid value for enum field kind: 2147483648"),
        ('{"status":[1]}', "(line 1:11): invalid value for enum field status: ["),
        ('{"status":false}', "(line 1:11): invalid value for enum field status: false"),
        ('{"kind":1,"kind":1}', '(line 1:11): duplicate field "kind"'),
        ('{"environment_name":null,"environmentName":"a"}',
         '(line 1:26): duplicate field "environmentName"'),
        ("null", "syntax error (line 1:1): unexpected token null"),
        (" []", "syntax error (line 1:2): unexpected token ["),
        ('"text"', 'syntax error (line 1:1): unexpected token "text"'),
        ('{"kind":1,}', "syntax error (line 1:11): unexpected token }"),
        ('{"kind":nope}', "syntax error (line 1:9): invalid value nope"),
        ('{"kind":1', "syntax error (line 1:10): unexpected EOF"),
        ("\ufeff{}", "syntax error (line 1:1): unexpected token \ufeff"),
        ('{"environment_name":"a\nb"}',
         "syntax error (line 1:23): invalid character '\\n' in string"),
        ('{"environment_name":NaN}', "syntax error (line 1:1): invalid value NaN"),
        ('{"environment_name":"\\ud800"}', "syntax error (line 1:1): invalid UTF-8"),
        (b'{"environment_name":"\xff"}', "syntax error (line 1:1): invalid UTF-8"),
        ("[" * 10_000, "syntax error (line 1:1): exceeded max recursion depth"),
    ],
    ids=str,
)  # fmt: skip
def test_a_body_that_does_not_decode_is_refused_in_protobufs_words(
    raw: str | bytes, message: str
) -> None:
    assert message_of(raw) == message


def test_a_fault_in_a_huge_body_is_refused_without_a_place() -> None:
    many = '"zz":0,' * 160_000
    for fault, text in (
        ('"kind":{}', "invalid value for enum field kind: {"),
        ('"environmentName":[]', "invalid value for string field environmentName: ["),
        ('"kind":1,"kind":2', 'duplicate field "kind"'),
    ):
        assert message_of(f"{{{many}{fault}}}") == f"(line 1:1): {text}"


@pytest.mark.parametrize(
    "key", ["status" + "[" * 50_000, "x[" * 50_000, "." * 50_000, "pagination" + ".page" * 9_000]
)
def test_a_key_that_only_costs_time_means_nothing(key: str) -> None:
    with suppress(Invalid):
        assert from_query(f"{key}=1") == {}


PAGINATION = 'unsupported message type: "platform.v1.OffsetPaginationRequest"'


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("", {}),
        ("pagination.page=1&pagination.pageSize=10", {"pagination": {"page": 1, "page_size": 10}}),
        ("page=2&unknown=1", {}),
        ("pagination.zzz=1", {"pagination": {}}),
        ("pagination.page=", {"pagination": {}}),
        ("pagination.page=-1", {"pagination": {"page": -1}}),
        ("pagination.page=%2B0007", {"pagination": {"page": 7}}),
        ("status=DEPLOYED", {"status": 1}),
        ("status=1", {"status": 1}),
        ("status[]=DEPLOYED", {"status": 1}),
        ("status=&environment_name=", {}),
        ("artifactKind=HELM_CHART", {"artifact_kind": 2}),
        *((f"full_history={yes}", {"full_history": True}) for yes in ("true", "1", "t", "TRUE")),
        *((f"fullHistory={no}", {"full_history": False}) for no in ("false", "0", "f", "F")),
        ("full_history", {}),
        ("a%zz=1&environmentName=x;y&project_name=p", {"project_name": "p"}),
        ("environment_name=caf\u00e9&deployment_name=a%2Bb+c",
         {"environment_name": "caf\u00e9", "deployment_name": "a+b c"}),
    ],
)  # fmt: skip
def test_a_query_is_bound_by_dots_and_either_spelling(raw: str, values: dict[str, Any]) -> None:
    assert from_query(raw) == values


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("pagination[page]=2", f'parsing field "pagination": {PAGINATION}'),
        ("pagination=1", f'parsing field "pagination": {PAGINATION}'),
        ("pagination.page=abc",
         'parsing field "page": strconv.ParseInt: parsing "abc": invalid syntax'),
        ("pagination.page=1.5",
         'parsing field "page": strconv.ParseInt: parsing "1.5": invalid syntax'),
        ("pagination.pageSize=99999999999",
         'parsing field "page_size": strconv.ParseInt: parsing "99999999999": value out of range'),
        ("pagination.page=1&pagination.page=2", 'too many values for field "page": 1, 2'),
        ("status=deployed", 'parsing field "status": "deployed" is not a valid value'),
        ("status=9", 'parsing field "status": "9" is not a valid value'),
        ("full_history=yes",
         'parsing field "full_history": strconv.ParseBool: parsing "yes": invalid syntax'),
        ("environment_name.x=1", 'invalid path: "environment_name" is not a message'),
        ("pagination.page.x=1", 'invalid path: "page" is not a message'),
    ],
)  # fmt: skip
def test_a_query_that_does_not_bind_is_refused_in_kratos_words(raw: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        from_query(raw)
    answer = dialect.render_error(caught.value, Frame(options=dialect.options["observed"]))
    assert answer.body == {"code": 400, "reason": "CODEC", "message": message, "metadata": {}}


@pytest.mark.parametrize("raw", ["environment_name=%ff", "environment_name=a%00b", "a&" * 1001])
def test_a_query_no_database_could_hold_is_refused(raw: str) -> None:
    with pytest.raises(BadText):
        from_query(raw)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "status", "environmentName", "zz"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(JSON_VALUES)
def test_a_body_means_the_same_as_text_and_as_a_decoded_value(value: object) -> None:
    outcomes = []
    for read, said in (
        (protojson.read, json.dumps(value).encode()),
        (protojson.read_value, value),
    ):
        try:
            outcomes.append(dict(read(RecordDeployment, said)))
        except BadText:
            return  # only bytes can hold what no database could
        except BadBody as refusal:
            outcomes.append({"refused": refusal.fault})
    if outcomes[0] != {"refused": "constant"}:
        assert outcomes[0] == outcomes[1]


@settings(max_examples=60)
@given(st.text(alphabet="pagitonse_.[]=&;%1a9 \u00e9\x00", max_size=40))
def test_any_query_is_bound_or_refused(raw: str) -> None:
    try:
        from_query(raw)
    except GatewayError as refusal:
        assert dialect.render_error(refusal, FRAME).status == 400
