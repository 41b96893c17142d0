"""From a search to statements: one for the page, at most one for the count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, literal_column, select

from gateway.core.digests import GIT_COMMIT
from gateway.core.search import NO_BOUNDS, Found, Scope, Search, SortKey, View
from gateway.core.status import FINISHED
from gateway.store.filters import between, in_time, in_words, of_slots, said_to_be
from gateway.store.queries import Queries, page_number
from gateway.store.records import CHOSEN, IS_LIVE
from gateway.store.tables import BLOCK, records, ref_or_blank, slots
from gateway.store.whole import record_of, whole
from gateway.store.windows import Window

_ALL = 2**61

_ORDERS = {
    SortKey.NUMBER: ("number",),
    SortKey.CREATED_AT: ("created_at", "number"),
    SortKey.UPDATED_AT: ("updated_at", "number"),
    SortKey.FINISHED_AT: ("finished_at", "number"),
    SortKey.REF: ("source_ref", "number"),
    SortKey.SLOT: ("number",),
}
# A slot repeats these of the record it shows, so that its own indexes give the order.
_SLOT_ORDERS: dict[SortKey, tuple[ColumnElement[Any], ...]] = {
    SortKey.NUMBER: (slots.c.current_number,),
    SortKey.CREATED_AT: (slots.c.current_created_at, slots.c.current_number),
    SortKey.SLOT: (slots.c.number,),
}


class SearchQueries(Queries):
    """Finding pages of records."""

    patience = 2000
    """How many blocks of refs are asked for a page of a wide window before all of it is sorted."""

    async def search(self, scope: Scope, search: Search, project_id: UUID | None) -> Found:
        """One page. ``project_id`` is what ``search.project`` was resolved to."""
        if project_id is not None and _looks_across(search):
            return await self._across(scope, search, project_id)
        matching = _matching(scope, search, project_id)
        if project_id is not None and _walks_refs(search):
            page = _these(scope, search, _along_refs(matching, search))
        else:
            page = _page(matching, search)
        rows = await self._all(page)
        total = None
        if search.count_limit is not None:
            alone = _slots_alone(scope, search, project_id)
            counted = matching if alone is None else alone
            total = await self._count_up_to(counted, search.count_limit)
        return Found(tuple(map(record_of, rows)), total)

    async def _across(self, scope: Scope, search: Search, project_id: UUID) -> Found:
        """Counted first: the total tells how its page is best found."""
        window = Window(
            within=_matching(scope, replace(search, updated=NO_BOUNDS), project_id),
            times=tuple(between(records.c.updated_at, search.updated)),
            is_descending=search.is_descending,
            offset=page_number(search.offset),
            limit=_limit(search),
            patience=self.patience,
        )
        total = None
        if search.count_limit is not None:
            total = await self._count_up_to(window.matching, search.count_limit)
        is_by_ref = search.sort is SortKey.REF
        rows: Sequence[Row[Any]] = ()
        if total is None:
            numbers = window.numbers_by_block(is_by_ref=is_by_ref)
            rows = await self._all(_these(scope, search, numbers))
        if total is not None or (is_by_ref and len(rows) < window.limit):
            numbers = window.numbers_by_time(is_by_ref=is_by_ref)
            rows = await self._all(_these(scope, search, numbers))
        return Found(tuple(map(record_of, rows)), total)


def _slots_alone(scope: Scope, search: Search, project_id: UUID | None) -> Select[Any] | None:
    """The slots that show something, where nothing is asked of the records that they show.

    Counting them looks at no record, so that it costs the same however many there are.
    """
    asked = (*said_to_be(search), *in_time(search), search.project_path, search.digest)
    limits = (scope.projects, project_id)
    if search.view is not View.CURRENT or any(one is not None for one in (*asked, *limits)):
        return None
    found = select(slots.c.id).where(
        slots.c.org_id == scope.org_id, slots.c.current_record_id.is_not(None)
    )
    return found.where(*of_slots(scope, search))


def _matching(scope: Scope, search: Search, project_id: UUID | None) -> Select[Any]:
    """The records that the filters let through."""
    matching = CHOSEN
    if search.view is not View.HISTORY:
        matching = matching.join(
            slots,
            and_(slots.c.org_id == records.c.org_id, slots.c.current_record_id == records.c.id),
        ).where(slots.c.org_id == scope.org_id, *of_slots(scope, search))
    if search.view is View.LIVE:
        matching = matching.where(IS_LIVE)
    if scope.projects is not None:
        matching = matching.where(records.c.project_id.in_(scope.projects))
    if project_id is not None:
        matching = matching.where(records.c.project_id == project_id)
    return matching.where(
        records.c.org_id == scope.org_id,
        *said_to_be(search),
        *in_words(scope, search),
        *in_time(search),
    )


def _looks_across(search: Search) -> bool:
    """Whether a window of time is asked for in an order that is not by that time."""
    bounds = search.updated
    is_window = bounds.after is not None or bounds.before is not None
    is_other = search.sort in {SortKey.NUMBER, SortKey.REF}
    return is_window and is_other and search.view is View.HISTORY


def _walks_refs(search: Search) -> bool:
    return search.sort is SortKey.REF and search.view is View.HISTORY


def _along_refs(matching: Select[Any], search: Search) -> Select[Any]:
    """The numbers of a page of a project's records by ref.

    Its index has the blocks of each ref in their order, and only the numbers of one are sorted.
    """
    direct = _direction("number", search)
    order = [direct(one) for one in (ref_or_blank(records.c.source_ref), BLOCK, records.c.number)]
    page = matching.with_only_columns(records.c.number).order_by(*order)
    return page.offset(page_number(search.offset)).limit(_limit(search))


def _these(scope: Scope, search: Search, numbers: Select[Any]) -> Select[Any]:
    """The records that have the numbers."""
    chosen = CHOSEN.where(
        records.c.org_id == scope.org_id, records.c.number.in_(numbers.correlate(None))
    ).limit(_limit(search))  # no more there are; but with a limit choosing stays what comes first
    return whole(chosen, [(name, _direction(name, search)) for name in _ORDERS[search.sort]])


def _page(matching: Select[Any], search: Search) -> Select[Any]:
    names = _ORDERS[search.sort]
    order = [(name, _direction(name, search)) for name in names]
    columns = zip(order, _columns(search, names), strict=True)
    page = matching.order_by(*(direct(column) for (_, direct), column in columns))
    page = page.limit(_limit(search))
    return whole(page.offset(page_number(search.offset)) if search.offset else page, order)


def _limit(search: Search) -> int:
    return page_number(_ALL if search.limit is None else search.limit)


def _columns(search: Search, names: Sequence[str]) -> Sequence[ColumnElement[Any]]:
    """What to order by while choosing."""
    columns = [records.c[name] for name in names]
    if search.digest is not None and search.digest[0] != GIT_COMMIT:
        # Few records share a digest; all of them sorted is less than a walk through the numbers,
        # which an order by the bare column would invite.
        return [*columns[:-1], columns[-1] + literal_column("0")]
    if search.view is not View.HISTORY:
        return _SLOT_ORDERS.get(search.sort, columns)
    return columns


def _direction(name: str, search: Search) -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    is_descending = search.is_descending

    def direct(column: ColumnElement[Any]) -> ColumnElement[Any]:
        if name == "source_ref":
            column = ref_or_blank(column)
        directed = column.desc() if is_descending else column.asc()
        if name == "finished_at" and not _is_finished(search):
            return directed.nulls_last()
        return directed

    return direct


def _is_finished(search: Search) -> bool:
    """Whether all that the search finds has finished: then the plain order is the index's."""
    bounds = search.finished
    if bounds.after is not None or bounds.before is not None:
        return True
    return search.states is not None and search.states <= FINISHED
