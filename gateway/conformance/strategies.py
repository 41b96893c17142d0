"""What laws are fed with, and how a law is tried: with hypothesis, or with one example.

``hostile``, ``trying`` and ``strategies_*`` beside this module know hypothesis too; nothing else
does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from gateway.conformance.broken import Unasked
from gateway.conformance.hostile import errors, errors_of, json_values, kinds_of_errors
from gateway.conformance.imagined import ImaginedSlot
from gateway.conformance.laws import Law
from gateway.conformance.laws_writing import parsed
from gateway.conformance.strategies_bodies import bodies, golden_bodies, near_bodies
from gateway.conformance.strategies_lists import shelves
from gateway.conformance.strategies_records import whole_records
from gateway.core.model import Record
from gateway.dialect import Dialect

__all__ = [
    "bodies",
    "errors",
    "fed",
    "golden_bodies",
    "golden_records",
    "records",
    "trials",
    "tried",
]


def fed(law: Law, dialect: Dialect) -> Mapping[str, st.SearchStrategy[Any]]:
    """A strategy for each thing that a law needs, by its name."""
    return {name: _SOURCES[name](dialect) for name in law.needs}


def trials(law: Law, dialect: Dialect) -> Iterator[Callable[[], None]]:
    """A law as ``tried``; one about refusals by itself for each kind, so that none is left out."""
    if "error" not in law.needs:
        yield tried(law, dialect)
        return
    for kind in kinds_of_errors():
        yield tried(law, dialect, error=errors_of(kind, dialect))


def tried(law: Law, dialect: Dialect, **others: st.SearchStrategy[Any]) -> Callable[[], None]:
    """A law over a dialect as hypothesis tries it, in every profile; its settings are yours.

    ``others`` take the place of what the law is fed with by that name.
    """
    profiles = st.sampled_from(list(dialect.options.values()))
    sources = {**fed(law, dialect), **others}

    @given(options=profiles, fed=st.fixed_dictionaries(sources))
    def attempt(options: Any, fed: dict[str, Any]) -> None:
        try:
            law.check(dialect, options, **fed)
        except Unasked:
            reject()

    attempted: Callable[[], None] = attempt
    return attempted


def records(dialect: Dialect) -> st.SearchStrategy[Record]:
    """Records of any shape, whoever wrote them, and those that the dialect itself writes."""
    return whole_records((dialect.name, *_OTHERS)) | st.sampled_from(golden_records(dialect))


def golden_records(dialect: Dialect) -> list[Record]:
    """The records of the dialect's own examples."""
    options = dialect.options["documented"]
    return [
        ImaginedSlot(dialect.name).say(parsed(dialect, options, body))
        for body in golden_bodies(dialect)
    ]


_OTHERS = ("acme", "another")
"""Dialects that nobody has, and that records have facts of."""

_SOURCES: Mapping[str, Callable[[Dialect], st.SearchStrategy[Any]]] = {
    "record": records,
    "body": bodies,
    "first": bodies,
    "second": bodies,
    "value": lambda dialect: near_bodies(dialect) | json_values,
    "error": errors,
    "shelf": lambda dialect: shelves(dialect, golden_records(dialect)),
}
