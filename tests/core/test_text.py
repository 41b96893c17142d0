"""Bytes from the network: strict, bounded, and never half read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import BadBody, BadText, BodyFault, GatewayError
from gateway.dialect.text import (
    _syntax,
    compact_json,
    decode_segment,
    parse_json,
    parse_pairs,
)

BROKEN = {
    b"": BodyFault.SYNTAX,
    b"{": BodyFault.SYNTAX,
    b'{"a":1,}': BodyFault.SYNTAX,
    b"\xff\xfe": BodyFault.ENCODING,
    b'{"a": NaN}': BodyFault.CONSTANT,
    b'{"a": -Infinity}': BodyFault.CONSTANT,
    b'{"a": 1e999}': BodyFault.CONSTANT,
    b"[" * 10_000: BodyFault.DEPTH,
    b"[" * 10_000 + b"]" * 10_000: BodyFault.DEPTH,
    b'{"a":' * 100 + b"1" + b"}" * 100: BodyFault.DEPTH,
    b"[" * 65 + b'"]"' + b"]" * 65: BodyFault.DEPTH,
    b'{"a": ' + b"9" * 400 + b".0}": BodyFault.CONSTANT,
    b'{"a": [1, -1E+0400]}': BodyFault.CONSTANT,
    b"9" * 5000: BodyFault.SYNTAX,
    b"\xef\xbb\xbf{}": BodyFault.SYNTAX,
}


LARGE = b" " * 10_000


@pytest.mark.parametrize(("raw", "fault"), BROKEN.items(), ids=lambda value: str(value)[:20])
def test_what_is_not_json_is_refused_with_its_fault(raw: bytes, fault: BodyFault) -> None:
    for body in (raw, raw + LARGE):
        with pytest.raises(BadBody) as refused:
            parse_json(body)
        assert refused.value.fault is fault


@pytest.mark.parametrize(
    "raw",
    [
        b'"\\u0000"',
        b'{"\\ud800": 1}',
        b'["\\udfff"]',
        b'"\\\\\\u0000"',
        b'{"a": [{"\\uDC00\\uD800": 1}]}',
        b'"\\\\ud83d\\ude00"',
    ],
)
def test_text_that_no_database_holds_is_refused(raw: bytes) -> None:
    with pytest.raises(BadText):
        parse_json(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\u0000 \\\\ud800"', "\\u0000 \\ud800"),
        (b'{"a": 1e308, "b": 1e-999}', {"a": 1e308, "b": 0.0}),
        (b"[" * 64 + b'"' + b"[" * 99 + b'\\"[["' + b"]" * 64, None),
        (b"[" + b"[{}]," * 99 + b"0]", [[{}]] * 99 + [0]),
    ],
)
def test_what_only_looks_unfit_is_read(raw: bytes, value: object) -> None:
    read = parse_json(raw)
    assert value is None or read == value


def test_large_bodies_of_small_things_are_read() -> None:
    large = 2**20
    for part in (b"0,", b"[],", b"{},", b'"",', b'{"a":[{}]},'):
        raw = b"[" + part * (large // len(part)) + b"0]"
        assert parse_json(raw, make_object=list) is not None
    with pytest.raises(BadText):
        parse_pairs(b"a=" + b"%41b" * large, where="body")


def test_a_fault_is_pointed_at() -> None:
    with pytest.raises(BadBody) as refused:
        parse_json(b'{\n  "a" 1}')
    assert (refused.value.line, refused.value.column) == (2, 7)


@pytest.mark.parametrize(
    ("text", "said", "comma", "expected", "place"),
    [
        ('{"a": 1,}', "object", 7, "property name enclosed in double quotes", (1, 9)),
        ('{"a": 1 , \n }', "object", 8, "property name enclosed in double quotes", (2, 2)),
        ("[1,]", "array", 2, "value", (1, 4)),
    ],
)
def test_every_python_points_at_what_follows_a_comma_too_many(
    text: str, said: str, comma: int, expected: str, place: tuple[int, int]
) -> None:
    with pytest.raises(BadBody) as refused:
        parse_json(text.encode())
    newer = json.JSONDecodeError(f"Illegal trailing comma before end of {said}", text, comma)
    for error in (refused.value, _syntax(newer)):
        assert (error.detail, (error.line, error.column)) == (f"Expecting {expected}", place)


def test_a_byte_order_mark_is_named() -> None:
    with pytest.raises(BadBody, match="BOM"):
        parse_json(b"\xef\xbb\xbf{}")


def test_a_key_said_twice_is_the_last_one_or_refused() -> None:
    assert parse_json(b'{"a":1,"a":2}') == {"a": 2}
    with pytest.raises(BadBody) as refused:
        parse_json(b'{"a":1,"a":2}', refuse_duplicates=True)
    assert (refused.value.fault, refused.value.detail) == (BodyFault.DUPLICATE, "a")


@pytest.mark.parametrize(
    ("key", "told"), [(b"\\ud800", ""), (b"a\\u0000", ""), (b"k" * 500, "k" * 100)]
)
def test_no_more_is_told_of_a_key_said_twice_than_an_answer_can_hold(key: bytes, told: str) -> None:
    with pytest.raises(BadBody) as refused:
        parse_json(b'{"%b":1,"%b":2}' % (key, key), refuse_duplicates=True)
    assert refused.value.detail == told


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except GatewayError:
        return
    assert json.loads(compact_json(value)) == value


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(10**99), 10**99) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
def test_json_is_written_as_pythons_own_encoder_writes_it(value: object) -> None:
    said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert compact_json(value) == said.encode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_is_read_as_itself(number: float) -> None:
    assert parse_json(compact_json([number])) == [number]


def test_queries_keep_blanks_and_order_and_refuse_what_is_not_utf8() -> None:
    assert parse_pairs(b"a=1&b=&a=2+3", where="query") == [("a", "1"), ("b", ""), ("a", "2 3")]
    assert parse_pairs(b"&a=%e2%82%ac+%zz%&\xc3\xa9==", where="query") == [
        ("a", "\u20ac %zz%"),
        ("\xe9", "="),
    ]
    for raw in (b"a=%ff", b"a=%00", b"\xff", b"&".join([b"a=1"] * 1001)):
        with pytest.raises(BadText):
            parse_pairs(raw, where="query")


def test_a_segment_is_decoded_once() -> None:
    assert decode_segment("group%2Fproj") == "group/proj"
    assert decode_segment("a%252Fb") == "a%2Fb"
    for encoded in ("%ff", "a%00b"):
        with pytest.raises(BadText):
            decode_segment(encoded)
