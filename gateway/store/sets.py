"""Many rows as one statement of PostgreSQL.

Each execution of an INSERT opens the table and all its indexes again. So the values come as one
array for each column, which ``unnest`` makes rows of: one text, and one execution, for any number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Dialect, Insert, Update, bindparam, column, func, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import BindParameter


def of_many(statement: Insert | Update, dialect: Dialect, names: Sequence[str]) -> Any:
    """An INSERT or UPDATE of one row, whose values have these names, as one of many.

    Each of its values is an array, in the order of the names.
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
