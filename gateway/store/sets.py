"""Many rows as one statement of PostgreSQL.

Each execution of an INSERT opens the table and all its indexes again. So the values come as one
array for each column, which ``unnest`` makes rows of: one text, and one execution, for any number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Dialect, Insert, Update, bindparam, column, func, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import BindParameter

_MOST = 128
"""So many rows at once: an event holds up to 64 KiB."""


def of_many(statement: Insert | Update, dialect: Dialect, names: Sequence[str]) -> Any:
    """An INSERT or UPDATE of one row, whose values have these names, as one of many.

    Its values are ``by_column``.
    """
    binds = statement.compile(dialect=dialect, column_keys=names).binds
    kinds = {name: binds[name].type for name in names}
    arrays = [bindparam(name, type_=ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
    columns = [column(name, kind) for name, kind in kinds.items()]
    given = func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
    if isinstance(statement, Insert):
        return statement.from_select(list(names), select(*given.c))

    def from_given(element: Any, **_: Any) -> Any:
        is_given = isinstance(element, BindParameter) and element.key in kinds
        return given.c[element.key] if is_given else None

    return visitors.replacement_traverse(statement, {}, from_given)


def by_column(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, list[Any]]]:
    """The values of ``of_many``: lists of the rows' values, of not too many rows at a time."""
    for start in range(0, len(rows), _MOST):
        some = rows[start : start + _MOST]
        yield {name: [row[name] for row in some] for name in some[0]}


def shortened(columns: Sequence[list[Any]]) -> list[list[Any] | None]:
    """Columns of no value at all as none: ``unnest`` fills up what is shorter than the others."""
    return [None if column.count(None) == len(column) else column for column in columns]
