"""An event as a command, and a record as an event. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from gateway.core.commands import EnvironmentName, RecordDeployment
from gateway.core.digests import spelled
from gateway.core.errors import Invalid
from gateway.core.model import Artifact, Delivery, Presence, Record, Source, State
from gateway.dialect.accounts import IN_PATHS, Account, As
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.ledger import Addressed, Derived, Ignored, Kept, Ledger, To
from toy_cdevents.wire import SPECIFICATION, TYPE, Event, validated

SOURCE = "/deployment-gateway"
UNNAMED = "unnamed"
_PURL = re.compile(
    r"pkg:[a-z0-9.+-]+/[^@]+@(?:sha256(?:%3[Aa]|:)(?P<digest>[0-9a-f]{64})|(?P<commit>[0-9a-f]{40}))"
    r"(?:[?#].*)?",
    re.DOTALL,
)


def to_command(body: object, _owner: Owner, _frame: Frame) -> RecordDeployment:
    """The deployment that an event tells of. Raises ``Several`` and ``Invalid``."""
    event = validated(body)
    purl = event.subject.content.artifactId
    match = _PURL.fullmatch(purl)
    if match is None:
        raise Invalid(field="subject.content.artifactId", reason="format")
    digest, commit = match["digest"], match["commit"]
    return RecordDeployment(
        environment=EnvironmentName(event.subject.content.environment.id),
        artifact=Artifact(name=purl, digests={"sha256": digest} if digest else {}),
        source=Source(commit=commit),
        deployment_name=event.subject.id,
        occurred_at=moment(event.context.timestamp),
        delivery=Delivery(node_id=event.context.id),
        kept={"cdevents": {"source": event.context.source}},
    )


def moment(text: str) -> datetime:
    """A time with its offset, in UTC. Raises ``Invalid``."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(field="context.timestamp", reason="format")


def timestamp(when: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_record(record: Record, _frame: Frame) -> Wire:
    """The event that this deployment would have sent."""
    kept = record.kept.get("cdevents", {})
    return {
        "context": {
            "specversion": SPECIFICATION,
            "id": record.delivery.node_id or str(record.id),
            "source": kept.get("source", SOURCE),
            "type": TYPE,
            "timestamp": timestamp(record.created_at),
        },
        "subject": {
            "id": _name(record.slot.name),
            "content": {
                "environment": {"id": record.environment.name},
                "artifactId": record.artifact.name or _purl(record),
            },
        },
        "customData": {"record": str(record.id)},
    }


def shows(record: Record) -> bool:
    """What was deployed; other attempts, and what was taken away, are events of other types."""
    return record.state is State.SUCCESS and record.presence is not Presence.DECOMMISSIONED


def _name(slot: str) -> str:
    return slot or UNNAMED


def _purl(record: Record) -> str:
    digest = spelled(record.artifact.digests, None) or record.source.commit or str(record.id)
    return f"pkg:generic/{_name(record.slot.name)}@{digest.replace(':', '%3A')}"


LEDGER = Ledger(
    model=Event,
    request={
        "context.id": To("delivery.node_id", read="context.id", stand_in="the record's id"),
        "context.source": Kept("who sent the event"),
        "context.timestamp": To(
            "created_at", read="context.timestamp", take=moment, give=timestamp
        ),
        "context.type": Ignored("one type is taken, and no other"),
        "context.specversion": Ignored("the type has a version of its own"),
        "context.chainId": Ignored("events are not followed here"),
        "context.schemaUri": Ignored("the event's own schema is enough"),
        "context.links": Ignored("events are not followed here"),
        "subject.id": To("slot.name", read="subject.id", give=_name, note="unnamed where empty"),
        "subject.source": Ignored("a slot is known by its name"),
        "subject.content.environment.id": To(
            "environment.name", read="subject.content.environment.id"
        ),
        "subject.content.environment.source": Ignored("an environment is known by its name"),
        "subject.content.artifactId": To(
            "artifact.name",
            read="subject.content.artifactId",
            stand_in="a package URL made of the slot and the digest or commit",
            or_else=("artifact.digests", "source.commit"),
            note="the digest or the commit in it is read as such",
        ),
        "customData": Ignored("belongs to the sender"),
        "customDataContentType": Ignored("belongs to the sender"),
    },
    response={
        "context.specversion": Derived("always the version of the specification"),
        "context.source": Derived("as sent, else the gateway"),
        "context.type": Derived("always service.deployed"),
        "customData.record": Derived("the record's id"),
    },
)

ACCOUNTS = {
    IN_PATHS: Account({"id": Addressed("id", note="of a record")}),
    "list": Account(
        {
            "events[]": As("record"),
            "page": Derived("the page asked for"),
            "size": Derived("the size asked for"),
            "total": Derived("how many there are"),
        }
    ),
}
"""What becomes of the fields of the other schemas."""
