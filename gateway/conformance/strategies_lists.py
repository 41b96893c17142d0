"""Records to be listed: of the dialect's own examples, each in a slot of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from gateway.conformance.imagined import BEGAN
from gateway.conformance.imagined_lists import PROJECT
from gateway.conformance.laws_listing import Shelf
from gateway.conformance.server import places_of_marks
from gateway.core.model import Presence, Record, State
from gateway.dialect import Dialect

_MARK, _OTHER = "conformance-list", "conformance-other"
_MOST_PAGES = 25


@dataclass(frozen=True, slots=True)
class Traits:
    """What a list may be sorted by; few minutes and refs, so that many are the same.

    ``None`` is the ref that has the mark's name, by which alone some dialects find records.
    """

    example: Record
    created: datetime
    updated: datetime
    finished: datetime
    ref: str | None


_minutes = st.integers(0, 3).map(lambda number: BEGAN + timedelta(minutes=number))


def shelves(dialect: Dialect, examples: Sequence[Record]) -> st.SearchStrategy[Shelf]:
    """Any number of records, and any size of a page that the dialect admits.

    Few of them, or a page and one more; traits repeat, so that many records are soon drawn.
    """
    listing = dialect.client.listing
    is_by_ref = "source.ref" in places_of_marks(dialect)
    refs = st.none() if is_by_ref else st.sampled_from((None, "main", "v1"))
    traits = st.builds(Traits, st.sampled_from(examples), _minutes, _minutes, _minutes, refs)
    return _shelves(
        st.lists(traits, min_size=1, max_size=5), 1 if listing is None else listing.most
    )


@st.composite
def _shelves(draw: st.DrawFn, traits: st.SearchStrategy[list[Traits]], most: int) -> Shelf:
    drawn = draw(traits)
    few = st.integers(0, 8) | st.integers(0, 20) | st.integers(0, 40) | st.integers(0, 60)
    count = draw(few | st.sampled_from((most, most + 1)))
    others = draw(st.integers(0, 2))
    records = [
        _record(drawn[n % len(drawn)], n + 1, _MARK if n < count else _OTHER)
        for n in range(count + others)
    ]
    size = draw(st.integers(max(1, count // _MOST_PAGES), most))
    way = draw(st.integers(0, 20))
    return Shelf(_MARK, records[:count], records[count:], size=size, way=way)


def _record(traits: Traits, number: int, mark: str) -> Record:
    example, own = traits.example, UUID(int=number)
    return replace(
        example,
        id=own,
        number=number,
        project_number=number,
        project=PROJECT,
        slot=replace(example.slot, id=own, number=number, name=f"shop-{number}", current=own),
        environment=replace(
            example.environment, logical=mark, physical=None, cluster=None, name=mark
        ),
        source=replace(example.source, ref=traits.ref or mark),
        state=State.SUCCESS,
        presence=Presence.LIVE,
        superseded_by=None,
        created_at=traits.created,
        updated_at=traits.updated,
        finished_at=traits.finished,
        ended_at=None,
    )
