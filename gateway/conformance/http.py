"""The cases that need nothing but HTTP: they hold for any server that claims the dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from gateway.conformance.broken import Unasked
from gateway.conformance.cases import Case, Refused, Unlisted
from gateway.conformance.commands import said_by
from gateway.conformance.exchanges import References
from gateway.conformance.pages import identities, page_faults, walked
from gateway.conformance.places import dig, plain
from gateway.conformance.refusals import REFUSALS
from gateway.conformance.schemas import misfits
from gateway.conformance.server import Made, Server, new_mark
from gateway.core.errors import WrongMethod
from gateway.core.model import Presence, State
from gateway.dialect.client import Listed, Listing
from gateway.dialect.frame import Wire

_MOST_EXAMPLES = 3
_PAGE_SIZES = (1, 2, 100)


async def written_is_read(server: Server) -> AsyncIterator[str]:
    """The answer to a create shows what was said, and so does reading the record later."""
    for example in server.examples()[:_MOST_EXAMPLES]:
        try:
            made = await server.create(example, new_mark())
        except Refused as refused:
            yield f"{example.name}: {refused}"
            continue
        for line in _unlike(server, made):
            yield f"{example.name}: {line}"


def _unlike(server: Server, made: Made) -> Iterator[str]:
    dialect = server.dialect
    wanted = dialect.capabilities.created_status
    if made.answer.status_code != wanted:
        yield f"status: {made.answer.status_code} answered, not {wanted}"
    yield from misfits(dialect, "record", made.record)
    said = said_by(made.command)
    if made.command.state is State.SUCCESS:
        said.setdefault("presence", Presence.LIVE)
    for place, (path, give, _) in dialect.ledger.givers().items():
        if path not in said:
            continue
        try:
            shown = dig(made.record, dialect.spelled(place, server.options))
        except LookupError:
            yield f"{place} is missing"
            continue
        if not _is_shown(path, plain(give(said[path])), shown):
            yield f"{place} is {shown!r}, {path} was said to be {said[path]!r}"


def _is_shown(path: str, said: Any, shown: Any) -> bool:
    """A project may be said without its org."""
    return bool(shown == said) or (path == "project.path" and str(shown).endswith(f"/{said}"))


async def made_is_found(server: Server) -> AsyncIterator[str]:
    """A record that was made is read again, the same in every field."""
    made = await server.create(server.examples()[0], new_mark())
    path = server.dialect.client.again(server.owner, made.record)
    if path is None:
        raise Unasked("the dialect has no way to read one record")
    answer = await server.ask("GET", path)
    if answer.status_code != 200:
        yield f"{path}: {answer.status_code} {answer.text[:300]}"
        return
    again = server.dialect.client.pick(answer.json(), made.record)
    if again is None:
        yield f"{path} does not hold the record"
        return
    for line in References().differences(made.record, again, "record"):
        yield line.replace("in the example", "when made").replace("in the answer", "when read")


async def said_twice_is_one(server: Server) -> AsyncIterator[str]:
    """The same said again is the same record, with the same identity and creation time."""
    puts = [e for e in server.examples() if e.said["command"]["state"] == State.SUCCESS]
    if not puts:
        raise Unasked("no example of a success may be written here")
    example = max(puts, key=lambda put: "delivery.node_id" in put.said["command"])
    one = await server.create(example, new_mark())
    if one.command.is_attempt and one.command.delivery.node_id is None:
        raise Unasked("each statement is a record of its own in this dialect")
    other = await server.post(example, one.sent)
    dialect = server.dialect
    places = [dialect.client.identity]
    places += [place for place, (path, _, _) in dialect.ledger.givers().items() if path in _STAYS]
    for place in (dialect.spelled(place, server.options) for place in places):
        was, now = dig(one.record, place), dig(other.record, place)
        if was != now:
            yield f"{place} was {was!r}, and {now!r} when said again"


_STAYS = frozenset({"created_at"})


async def pages_add_up(server: Server) -> AsyncIterator[str]:
    """Pages of any size, one after the other, are the whole list: in order, none twice or lost."""
    listing = server.dialect.client.listing
    if listing is None:
        raise Unasked("the dialect has no list")
    example = max(server.examples(), key=lambda e: bool(e.said["command"].get("slot.name")))
    mark = new_mark()
    made = [await server.create(example, mark, number) for number in (1, 2, 3)]
    mark = made[0].listed_under(mark)
    key = server.dialect.client.identity
    wanted = {dig(one.record, key) for one in made}
    whole: list[Any] | None = None
    for size in _PAGE_SIZES:
        try:
            path = listing.first(server.owner, mark, size, server.options)
            pages = await walked(server, listing, path)
        except Unlisted as unlisted:
            raise _no_list(listing, unlisted) from None
        for line in (*_unfit(server, pages), *page_faults(listing, pages, size)):
            yield line
        found = identities(server.dialect, listing, pages)
        whole = found if whole is None else whole
        if sorted(map(str, found)) != sorted(map(str, wanted)):
            yield f"pages of {size}: {key} are {found!r}, made were {sorted(map(str, wanted))!r}"
        elif found != whole:
            yield f"pages of {size}: {key} are in the order {found!r}, else in {whole!r}"


def _no_list(listing: Listing, unlisted: Unlisted) -> Exception:
    """What a list that is not answered means: one of the gateway's own need not be elsewhere."""
    is_ours = listing.level == "extended" and unlisted.status == 404
    return Unasked(f"there is no such list: {unlisted}") if is_ours else unlisted


def _unfit(server: Server, pages: Sequence[Listed]) -> Iterator[str]:
    for page in pages:
        yield from (f"list: {line}" for line in misfits(server.dialect, "list", page.body))


async def head_is_get(server: Server) -> AsyncIterator[str]:
    """HEAD is answered as GET without a body, or refused in words where the dialect has none."""
    listing = server.dialect.client.listing
    if listing is None:
        raise Unasked("the dialect has no list")
    mark = new_mark()
    made = await server.create(server.examples()[0], mark)
    path = listing.first(server.owner, made.listed_under(mark), 1, server.options)
    got = await server.ask("GET", path)
    if got.status_code != 200:
        raise _no_list(listing, Unlisted(path, got.text[:300], got.status_code))
    headed = await server.ask("HEAD", path)
    wanted = got.status_code
    if not server.dialect.capabilities.answers_head:
        error = WrongMethod("HEAD", path.partition("?")[0], ("GET",))
        wanted = server.dialect.render_error(error, server.frame("HEAD", path)).status
    if headed.status_code != wanted:
        yield f"status: {headed.status_code} answered to HEAD, not {wanted}"
    if headed.content:
        yield f"body: {len(headed.content)} bytes in the answer to HEAD"


async def taken_away(server: Server) -> AsyncIterator[str]:
    """What was made here, and nothing else, is taken away again."""
    if not server.made:
        raise Unasked("nothing was made here")
    left = []
    for made in server.made:
        asked = server.dialect.client.undo(server.owner, made.sent, made.record)
        if asked is None:
            left.append(made.record)
            continue
        method, path, body = asked
        how: Mapping[str, Any] = {} if body is None else {"json": body}
        answer = await server.ask(method, path, **how)
        if answer.status_code >= 500:
            yield f"{method} {path}: status {answer.status_code}"
        elif answer.status_code >= 300:
            left.append(made.record)
    if left:
        raise Unasked(f"these stay, the dialect removes no such record: {_names(server, left)}")


def _names(server: Server, records: Sequence[Wire]) -> str:
    key = server.dialect.client.identity
    return ", ".join(dict.fromkeys(str(dig(record, key)) for record in records))


HTTP_CASES: Sequence[Case[Server]] = (
    Case("write.read", "what was written is read", "core", written_is_read),
    Case("write.found", "what was made is found again as it was made", "core", made_is_found),
    Case("write.twice", "what is said twice is one record", "core", said_twice_is_one),
    Case("list.pages", "pages of any size add up to the whole", "core", pages_add_up),
    Case("list.head", "HEAD is GET without a body", "extended", head_is_get),
    *REFUSALS,
)

CLEANUP = Case("made.away", "what was made is taken away again", "extended", taken_away)
