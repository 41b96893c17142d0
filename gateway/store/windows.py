"""A window of time in an order that is not by that time.

The first 20 of it in another order may lie anywhere among all that lies outside of it. Where the
window holds few, all of it is read from an index by time, and sorted. Of a wide one, the blocks of
the project are asked in their order how many of each lie in the window, until they hold the page;
only those are read. In an order by ref, the blocks are those of each ref. Where very many are asked
in vain, as under refs that have a record each, sorting the window costs less after all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
)

from gateway.store.tables import BLOCK, records, ref_or_blank

_REF = ref_or_blank(records.c.source_ref)
_NUMBER = records.c.number
_NONE = cast(literal_column("0"), BigInteger)
# Sums: SQLite looks for no number in an index by expression that a cast says is one.
_BELOW_ALL = _NONE - literal_column("1")
_ABOVE_ALL = _NONE + literal_column(str(2**62))


@dataclass(frozen=True, slots=True)
class Window:
    """One page of a project's records ``within`` the other filters, at these ``times``.

    ``patience`` is how many blocks of refs are asked: a page that they do not fill may lack some.
    """

    within: Select[Any]
    times: tuple[ColumnElement[bool], ...]
    is_descending: bool
    offset: int
    limit: int
    patience: int

    @property
    def matching(self) -> Select[Any]:
        """The records of all pages."""
        return self.within.where(*self.times)

    def numbers_by_time(self, *, is_by_ref: bool) -> Select[Any]:
        """The numbers of the page's records, where the window holds few."""
        order = (_REF, _NUMBER) if is_by_ref else (_NUMBER,)
        return self._page(self.matching, *map(_by_value, order))

    def numbers_by_block(self, *, is_by_ref: bool) -> Select[Any]:
        """The same, where it holds many."""
        if is_by_ref:
            walk = self._walk_of_refs()
            held = self._held(walk, walk.c.held_ref == _REF, walk.c.held_block == BLOCK)
            return self._page(held, walk.c.held_ref, _NUMBER)
        walk = self._walk_of_blocks()
        return self._page(self._held(walk, walk.c.block == BLOCK), _NUMBER)

    def _walk_of_blocks(self) -> CTE:
        """A row for each block: how many ``hits`` it holds, and all ``before`` it."""
        step = -1 if self.is_descending else 1
        first = self._edge(BLOCK, _NUMBER)
        last = self._edge(BLOCK, _NUMBER, is_descending=not self.is_descending)
        begin = select((first - step).label("block"), _NONE.label("before"), _NONE.label("hits"))
        walk = begin.cte("walk", recursive=True)
        block, passed = walk.c.block + step, walk.c.before + walk.c.hits
        return walk.union_all(
            select(block, passed, self._hits(walk, block == BLOCK)).where(
                passed < self.offset + self.limit, walk.c.block != last
            )
        )

    def _walk_of_refs(self) -> CTE:
        """The same for each block of each ref: a row counts where the row before it stands.

        It stands at no block where a ref has no more of them, and next at the edge of another ref.
        """
        edge = _ABOVE_ALL if self.is_descending else _BELOW_ALL
        first = self._edge(_REF, _REF)
        begin = select(
            *(first.label("ref"), edge.label("block")),
            *(first.label("held_ref"), edge.label("held_block")),
            *(_NONE.label("before"), _NONE.label("hits"), _NONE.label("steps")),
        )
        walk = begin.cte("walk", recursive=True)
        ref, block, passed = walk.c.ref, walk.c.block, walk.c.before + walk.c.hits
        next_ref = self._edge(_REF, _REF, self._is_after(_REF, ref), walk=walk)
        next_block = self._edge(BLOCK, BLOCK, ref == _REF, self._is_after(BLOCK, block), walk=walk)
        is_done = block.is_(null())
        return walk.union_all(
            select(
                *(case((is_done, next_ref), else_=ref), case((is_done, edge), else_=next_block)),
                *(ref, block, passed, self._hits(walk, ref == _REF, block == BLOCK)),
                walk.c.steps + 1,
            ).where(
                *(passed < self.offset + self.limit, ref.is_not(null())),
                walk.c.steps < self.patience,
            )
        )

    def _edge(
        self,
        what: ColumnElement[Any],
        order: ColumnElement[Any],
        *where: ColumnElement[bool],
        walk: CTE | None = None,
        is_descending: bool | None = None,
    ) -> ScalarSelect[Any]:
        """Of the first record in this order, whether in the window or not."""
        is_descending = self.is_descending if is_descending is None else is_descending
        found = self.within.with_only_columns(what).where(*where)
        found = found.order_by(_directed(order, is_descending=is_descending)).limit(1)
        return found.correlate(walk).scalar_subquery()

    def _is_after(self, one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
        return one < other if self.is_descending else one > other

    def _hits(self, walk: CTE, *where: ColumnElement[bool]) -> ScalarSelect[Any]:
        counted = self.matching.with_only_columns(func.count()).where(*where)
        return counted.correlate(walk).scalar_subquery()

    def _held(self, walk: CTE, *where: ColumnElement[bool]) -> Select[Any]:
        """The records of the blocks that have any.

        Each of these has one, so that an outer join finds what an inner one would; but no database
        begins it with the records.
        """
        said = (self.within.whereclause, *self.times, *where)
        found = walk.outerjoin(records, and_(*(one for one in said if one is not None)))
        return select(_NUMBER).select_from(found).where(walk.c.hits > 0)

    def _page(self, found: Select[Any], *order: ColumnElement[Any]) -> Select[Any]:
        directed = (_directed(one, is_descending=self.is_descending) for one in order)
        page = found.with_only_columns(_NUMBER).order_by(*directed)
        return page.offset(self.offset).limit(self.limit)


def _directed(one: ColumnElement[Any], *, is_descending: bool) -> ColumnElement[Any]:
    return one.desc() if is_descending else one.asc()


def _by_value(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same value, of which no index knows the order."""
    return case((column.is_(None), None), else_=column)
