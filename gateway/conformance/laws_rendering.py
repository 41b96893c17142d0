"""Laws about what a dialect shows: records, and failures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gateway.conformance.broken import Broken
from gateway.conformance.opened import BASE_URL
from gateway.conformance.places import dig, plain
from gateway.conformance.schemas import misfits
from gateway.core.errors import Crashed, GatewayError, Unavailable
from gateway.core.fidelity import FACTS, holds
from gateway.core.model import Record
from gateway.dialect import Dialect
from gateway.dialect.frame import Frame, Wire, WireError
from gateway.dialect.ledger import To, Words, fact

_MISSING = re.compile(r"'([^']+)' is a required property")


def frame_of(options: Any, *, method: str = "GET", path: str = "/") -> Frame:
    """What translation knows of a request beside its body."""
    return Frame(options=options, base_url=BASE_URL, method=method, path=path)


def shown(dialect: Dialect, options: Any, record: Record, law: str) -> Wire:
    """A record as a client of the dialect decodes it. Raises ``Broken``."""
    try:
        rendered = dialect.render(record, frame_of(options))
        decoded: Wire = json.loads(dialect.encode(rendered))
    except Exception as error:
        raise Broken(law, dialect.name, "", f"render raises {error!r}") from error
    return decoded


def render_is_total(dialect: Dialect, options: Any, *, record: Record) -> None:
    """Every canonical record renders, and the result fits the dialect's schema."""
    law = "render is total"
    body = shown(dialect, options, record, law)
    for misfit in misfits(dialect, "record", body):
        place, _, detail = misfit.partition(": ")
        missing = _MISSING.match(detail)
        place = f"{place}.{missing[1]}" if missing is not None else place
        raise Broken(law, dialect.name, place.removeprefix("$."), detail)


def the_ledger_is_true(dialect: Dialect, options: Any, *, record: Record) -> None:
    """Each place shows what the ledger says; what is neither told nor absent is named as lost."""
    law = "the ledger is true"
    body = shown(dialect, options, record, law)
    for place, (path, give, stand_in) in dialect.ledger.givers().items():
        spelled = dialect.spelled(place, options)
        try:
            seen = dig(body, spelled)
        except LookupError:
            raise Broken(law, dialect.name, place, "the answer does not have it") from None
        held = fact(record, path)
        if stand_in is not None and held in (None, {}, ()):
            continue
        wanted = None if held is None else plain(give(held))
        if held is None and give(None) is not None:
            wanted = give(None)
        if seen != wanted:
            raise Broken(law, dialect.name, place, f"shows {seen!r} for {path} {held!r}")
    for line in _mistold(dialect, options, record, body):
        raise Broken(law, dialect.name, *line)


def _mistold(
    dialect: Dialect, options: Any, record: Record, body: Wire
) -> Iterator[tuple[str, str]]:
    """Facts that a reader would conclude wrongly though fidelity does not name them as lost."""
    told = dialect.ledger.told(record)
    for entry in dialect.ledger.request.values():
        if not isinstance(entry, To) or entry.read is None:
            continue
        word, held = dig(body, dialect.spelled(entry.read, options)), fact(record, entry.path)
        is_word = isinstance(entry.give, Words) and entry.path in told & FACTS.keys()
        if is_word and holds(record, entry.path) and entry.take(word) != held:
            yield entry.read, f"{word!r} tells {entry.take(word)!r} for {entry.path}"
        for path in entry.tells_instead(record):
            if str(FACTS[path](record)) not in str(word):
                yield entry.read, f"{word!r} does not tell {FACTS[path](record)!r} for {path}"
        for path, concluded in entry.also.items():
            if path in told and concluded.get(word) != fact(record, path):
                yield entry.read, f"{word!r} tells {concluded.get(word)!r} for {path}"


def every_failure_is_worded(dialect: Dialect, options: Any, *, error: GatewayError) -> None:
    """Each kind of refusal renders, fits ``error.json`` and can be sent."""
    law, kind = "every failure is worded", type(error).__name__
    for frame in (frame_of(options), frame_of(options, method="POST", path="/a%2Fb/jobs")):
        try:
            answer = dialect.render_error(error, frame)
            problem = next(_unfit(dialect, error, answer), None)
        except Exception as fault:
            raise Broken(law, dialect.name, kind, f"{error!r} raises {fault!r}") from fault
        if problem is not None:
            raise Broken(law, dialect.name, kind, f"{problem} ({error!r})")


def _unfit(dialect: Dialect, error: GatewayError, answer: WireError) -> Iterator[str]:
    is_ours = isinstance(error, Unavailable | Crashed) or type(error) is GatewayError
    if not (500 <= answer.status < 600 if is_ours else 300 <= answer.status < 500):
        yield f"has status {answer.status}"
    for name, value in answer.headers.items():
        if not value.isprintable():
            yield f"header {name} cannot be sent: {value!r}"
        value.encode("latin-1")
    if (answer.media_type or dialect.media_type).startswith("text/"):
        str(answer.body).encode()
    elif answer.body is not None:
        yield from misfits(dialect, "error", json.loads(dialect.encode(answer.body)))
