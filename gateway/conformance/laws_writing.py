"""Laws about what a client writes: bodies to commands, commands to records, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from gateway.conformance.broken import Broken, Unasked
from gateway.conformance.imagined import ORG, ImaginedSlot
from gateway.conformance.laws_rendering import every_failure_is_worded, frame_of, shown
from gateway.conformance.places import dig, plain, put
from gateway.core import placing
from gateway.core.commands import RecordDeployment
from gateway.core.errors import GatewayError
from gateway.core.facts import restate
from gateway.core.model import Artifact, Delivery, Record, Runtime, Source
from gateway.dialect import Dialect
from gateway.dialect.frame import Owner
from gateway.dialect.ledger import To, fact

OWNER = Owner(org=ORG.name, project=f"{ORG.name}/shop")
_GROUPS: Mapping[str, type] = {
    "artifact": Artifact,
    "source": Source,
    "delivery": Delivery,
    "runtime": Runtime,
}
_UNSAID: tuple[object, ...] = (None, "", {}, [], ())


def parsed(dialect: Dialect, options: Any, body: object) -> RecordDeployment:
    """The command in a body. Raises ``Unasked`` for one that is refused."""
    try:
        return dialect.parse(body, OWNER, frame_of(options, method="POST"))
    except GatewayError as error:
        raise Unasked(str(error)) from None


def parse_is_safe(dialect: Dialect, options: Any, *, value: object) -> None:
    """Any JSON at all gives a command or a ``GatewayError`` that is the client's own fault."""
    law = "parse is safe"
    try:
        dialect.parse(value, OWNER, frame_of(options, method="POST"))
    except GatewayError as error:
        status = dialect.render_error(error, frame_of(options, method="POST")).status
        if not 400 <= status < 500:
            raise Broken(law, dialect.name, "status", f"{status} for {value!r}") from None
        every_failure_is_worded(dialect, options, error=error)
    except Exception as error:
        raise Broken(law, dialect.name, "", f"{value!r} raises {error!r}") from error


def what_you_wrote_you_read(dialect: Dialect, options: Any, *, body: Any) -> None:
    """What a body says is held, and shown where the ledger says that it comes back (PutGet)."""
    law = "what you wrote you read"
    record = ImaginedSlot(dialect.name).say(parsed(dialect, options, body))
    answer = shown(dialect, options, record, law)
    for name, entry, said in _said(dialect, body):
        held = fact(record, entry.path)
        if not _is_changed(entry, options) and not _agrees(entry, said, held):
            raise Broken(law, dialect.name, name, f"{said!r} was said, {held!r} is held")
        if entry.read is None or not entry.tells(held):
            continue
        seen = dig(answer, dialect.spelled(entry.read, options))
        if held not in _UNSAID and seen != plain(entry.give(held)):
            raise Broken(law, dialect.name, name, f"{said!r} was said, {seen!r} is shown")


def restating_changes_nothing(dialect: Dialect, options: Any, *, record: Record, body: Any) -> None:
    """A request made of an answer, where both speak alike, says the same facts (GetPut).

    What an answer does not show is taken from ``body``, and no stand-in is said again.
    """
    law = "restating changes nothing"
    answer = shown(dialect, options, record, law)
    again, compared = plain(body), []
    made_up = dialect.fidelity(record).stand_ins
    for name, entry, _ in _said(dialect, body):
        held = fact(record, entry.path)
        if entry.read is None or entry.read in made_up or _is_changed(entry, options):
            continue
        seen = dig(answer, dialect.spelled(entry.read, options))
        if held in _UNSAID or not entry.tells(held) or not _agrees(entry, seen, held):
            continue
        put(again, name, seen)
        compared.append((name, entry, held))
    if not compared:
        raise Unasked("nothing of the answer can be said")
    restated = ImaginedSlot(dialect.name).say(parsed(dialect, options, again))
    for name, entry, held in compared:
        now = fact(restated, entry.path)
        if now != held:
            raise Broken(law, dialect.name, name, f"{held!r} was shown, {now!r} is said again")


def last_write_wins(dialect: Dialect, options: Any, *, first: Any, second: Any) -> None:
    """After two writes to a slot, what the second says is what it would be alone (PutPut)."""
    law = "last write wins"
    one, other = parsed(dialect, options, first), parsed(dialect, options, second)
    alone = ImaginedSlot(dialect.name).say(other)
    slot = ImaginedSlot(dialect.name)
    slot.say(one)
    after = slot.say(other)
    if (after.state, after.presence) != (alone.state, alone.presence):
        detail = f"{alone.state}, {alone.presence} alone; {after.state}, {after.presence} after"
        raise Broken(law, dialect.name, "status", detail)
    for name, entry, said in _said(dialect, second):
        if entry.path.partition(".")[0] not in _GROUPS:
            continue
        wanted, held = fact(alone, entry.path), fact(after, entry.path)
        if wanted is None or said is None:  # unsaid clears nothing
            continue
        is_kept = isinstance(wanted, dict) and wanted.items() <= held.items()
        if held != wanted and not (entry.path == "artifact.digests" and is_kept):
            raise Broken(law, dialect.name, name, f"{said!r} was said last, {held!r} is held")


def nobody_elses_facts_are_harmed(
    dialect: Dialect, options: Any, *, record: Record, body: Any
) -> None:
    """A record said again through a dialect keeps every fact that its ledger does not name."""
    law = "nobody else's facts are harmed"
    command = parsed(dialect, options, body)
    after = restate(record, command, None, record.last_seen_at + timedelta(seconds=1))
    own = {path for _, entry in _carried(dialect) for path in (entry.path, *entry.or_else)}
    for path in _all_paths():
        if path not in own and fact(after, path) != fact(record, path):
            was, now = fact(record, path), fact(after, path)
            raise Broken(law, dialect.name, path, f"was {was!r}, is {now!r}")
    for name, kept in record.kept.items():
        if name != dialect.name and after.kept.get(name) != kept:
            raise Broken(law, dialect.name, f"kept.{name}", f"was {kept!r}")
    for name in command.kept.keys() - {dialect.name}:
        raise Broken(law, dialect.name, f"kept.{name}", "is another dialect's")


def _carried(dialect: Dialect) -> Iterator[tuple[str, To]]:
    for name, entry in dialect.ledger.request.items():
        if isinstance(entry, To):
            yield name, entry


def _said(dialect: Dialect, body: Any) -> Iterator[tuple[str, To, Any]]:
    """The fields of a body that carry a fact: name, entry and what is said."""
    for name, entry in _carried(dialect):
        try:
            said = dig(body, name)
        except LookupError:
            continue
        if not isinstance(said, dict) or not any(
            other.startswith(f"{name}.") for other in dialect.ledger.request
        ):
            yield name, entry, said


def _agrees(entry: To, said: Any, held: Any) -> bool:
    """Whether a wire value means a held fact; an unsaid one means none."""
    if said in _UNSAID:
        return True
    try:
        taken = entry.take(said)
    except (GatewayError, TypeError, ValueError):
        return False
    if entry.path == "project.path":  # said with or without its org
        taken = placing.project_path(ORG, taken)
        return taken is None or bool(taken == held)
    return bool(taken == held) or (taken in _UNSAID and held in _UNSAID)


def _is_changed(entry: To, options: Any) -> bool:
    return bool(entry.differs_by) and options.profile != "documented"


def _all_paths() -> Iterator[str]:
    for group, model in _GROUPS.items():
        yield from (f"{group}.{own.name}" for own in fields(model) if own.name != "id")
