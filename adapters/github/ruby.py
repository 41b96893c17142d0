"""JSON values as Ruby writes them, which is how GitHub quotes them in its sentences.

GitHub's recorded answers show the spelling of Ruby 3.4: ``{"name" => "x"}``.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_QUOTED = 256
"""Characters of a value that are quoted; what is cut ends in ``...``."""

_MAX_BITS = 4096
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
}


def literal(value: object) -> str:
    """As ``inspect`` writes it: ``nil``, ``"text"``, ``[1, 2]``, ``{"name" => true}``."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > MAX_QUOTED:
            return _cut(text)
    return text


def interpolated(value: object) -> str:
    """As ``"#{value}"`` writes it: text without quotes, nothing for null."""
    if value is None:
        return ""
    return _cut(value) if isinstance(value, str) else literal(value)


def literal_pattern(pattern: str) -> str:
    """A regular expression between slashes, the ones inside escaped."""
    return f"/{pattern.replace('/', chr(92) + '/')}/"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


def _pieces(value: object) -> Iterator[str]:
    """The literal bit by bit; each level of nesting is a bit, so a cut one is never deep."""
    if isinstance(value, str):
        yield _quoted(value[: MAX_QUOTED + 1])
    elif isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for index, (name, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{_quoted(name[: MAX_QUOTED + 1])} => "
            yield from _pieces(item)
        yield "}"
    else:
        yield _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        mantissa, exponent, power = str(value).partition("e")
        return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}"
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return "a number too large to print"
    return str(value)


def _quoted(text: str) -> str:
    inside = "".join(_character(text, index) for index in range(len(text)))
    return f'"{inside}"'


def _character(text: str, index: int) -> str:
    char = text[index]
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char == "#" and text[index + 1 : index + 2] in ("{", "$", "@"):
        return "\\#"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\u{{{ord(char):X}}}"
