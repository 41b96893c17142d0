"""Statements in the words of one database: compiled once, then only filled in.

SQLAlchemy writes the statement and says how values go in and rows come out; what it does for each
execution beside that costs more than the execution.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import BindParameter

from gateway.store.sets import of_many

Process = Callable[[Any], Any]
Values = Mapping[str, Any]

_MOST_ROWS = 128
"""So many are one execution: an event holds up to 64 KiB."""


class Prepared:
    """A statement's text, its parameters in their order, and what its rows hold."""

    def __init__(
        self, statement: Any, dialect: Dialect, values: Values, lists: Sequence[str] = ()
    ) -> None:
        listed = {name: len(values[name]) for name in lists}
        said = statement.params(dict(values)) if listed else statement
        compiled = said.compile(
            dialect=dialect,
            column_keys=list(values),
            compile_kwargs={"render_postcompile": True} if listed else {},
        )
        self.text: str = compiled.string
        types = {name: bind.type for name, bind in compiled.binds.items()}
        of_list = {f"{n}_{i + 1}": n for n, count in listed.items() for i in range(count)}
        self._lists = tuple(listed)
        self._said = {
            name: bind.value for name, bind in compiled.binds.items() if name not in values
        }
        self.names = list(compiled.positiontup)
        impls = [types[of_list.get(name, name)].dialect_impl(dialect) for name in self.names]
        taken = ((i, impl.bind_processor(dialect)) for i, impl in enumerate(impls))
        self._takes = [(i, process) for i, process in taken if process is not None]
        returned = getattr(statement, "exported_columns", ())
        self._make = _maker([column.name for column in returned])
        given = (column.type.dialect_impl(dialect) for column in returned)
        found = ((i, impl.result_processor(dialect, None)) for i, impl in enumerate(given))
        self._gives = [(i, process) for i, process in found if process is not None]

    def fill(self, values: Values) -> list[Any]:
        """The parameters of one execution."""
        if self._said or self._lists:
            values = {**self._said, **values}
            for listed in self._lists:
                values |= {f"{listed}_{i}": one for i, one in enumerate(values[listed], 1)}
        filled = [values[name] for name in self.names]
        for i, process in self._takes:
            filled[i] = process(filled[i])
        return filled

    def rows(self, found: Iterable[Iterable[Any]]) -> list[Any]:
        """The rows, their columns by name."""
        make, gives = self._make, self._gives
        if not gives:
            return [make(row) for row in found]
        made = []
        for row in found:
            values = list(row)
            for i, process in gives:
                values[i] = process(values[i])
            made.append(make(values))
        return made


class PreparedSet:
    """An INSERT or UPDATE of many rows at once, which the database takes as columns."""

    def __init__(self, statement: Any, dialect: Dialect, values: Values) -> None:
        self._one = Prepared(statement, dialect, values)
        many = of_many(statement, dialect, self._one.names)
        self.text: str = many.compile(dialect=dialect).string

    def fill(self, rows: Sequence[Values]) -> list[list[Sequence[Any] | None]]:
        """The parameters of each execution, of not too many rows."""
        return [
            self._columns(rows[start : start + _MOST_ROWS])
            for start in range(0, len(rows), _MOST_ROWS)
        ]

    def _columns(self, rows: Sequence[Values]) -> list[Sequence[Any] | None]:
        columns = zip(*map(self._one.fill, rows), strict=True)
        # NULL is as good as an array of NULLs: ``unnest`` fills up the shorter columns.
        return [None if column.count(None) == len(rows) else column for column in columns]


class _Known:
    """A statement that was met before: which of its parameters are lists, and its texts.

    One that holds the values of a list itself was made for a single question.
    """

    def __init__(self, statement: Any) -> None:
        binds = (part for part in visitors.iterate(statement) if isinstance(part, BindParameter))
        lists = [bind for bind in binds if bind.expanding]
        self.lists = tuple(bind.key for bind in lists)
        self.has_its_own = any(not bind.required for bind in lists)
        self.by_shape: dict[Any, Prepared] = {}


class Statements:
    """The prepared statements of one database.

    A statement that is made anew for each question is not worth it; one that is met again is.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._met: WeakKeyDictionary[Any, _Known | None] = WeakKeyDictionary()
        self._of_many: WeakKeyDictionary[Any, dict[Any, PreparedSet]] = WeakKeyDictionary()

    def find(self, statement: Any, values: Values) -> tuple[Prepared | None, Values]:
        """How to execute it with such values, and the values; ``None`` if it is not worth it."""
        if statement not in self._met:
            self._met[statement] = None
            return None, values
        known = self._met[statement]
        if known is None:
            known = self._met[statement] = _Known(statement)
        if known.has_its_own:
            return None, values
        if known.lists:
            values = {**values, **{name: _padded(values[name]) for name in known.lists}}
        shape = (*values, *(len(values[name]) for name in known.lists))
        prepared = known.by_shape.get(shape)
        if prepared is None:
            prepared = Prepared(statement, self._dialect, values, known.lists)
            known.by_shape[shape] = prepared
        return prepared, values

    def find_of_many(self, statement: Any, values: Values) -> PreparedSet | None:
        """How to execute it with many rows of such values at once; ``None`` on SQLite."""
        if self._dialect.name != "postgresql":
            return None
        by_names = self._of_many.setdefault(statement, {})
        names = tuple(values)
        if names not in by_names:
            by_names[names] = PreparedSet(statement, self._dialect, values)
        return by_names[names]


def _padded(values: Sequence[Any]) -> list[Any]:
    """At a length of 1, 2, 4, 8…, so that there are few texts.

    What is repeated in a list of things to look for changes nothing.
    """
    length = 1 << (len(values) - 1).bit_length() if values else 0
    return [*values, *([values[-1]] * (length - len(values)) if values else ())]


def _maker(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    row = namedtuple("row", names, rename=True)  # type: ignore[misc]  # its names are the columns'
    return row._make
