"""Bodies kept of old hold no credentials: GitLab's clients may say theirs in a body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CONCEALED = b"********"
NAMES = ("private_token", "access_token", "bearer_token", "job_token", "token")
PART = re.compile(
    rb'; *name="?(%s)"?[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--'
    % b"|".join(name.encode() for name in NAMES),
    re.DOTALL,
)
HINTS = {"name": b"token", "json": b"\\u", "form": b"%"}
"""What a body with such a name holds: the name, or it in JSON's or a form's other spelling."""

HINTED = [sa.bindparam(name, hint, sa.LargeBinary()) for name, hint in HINTS.items()]

PAGE = 100

EVENTS = sa.table(
    "events",
    sa.column("org_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("dialect", sa.Text()),
    sa.column("raw", sa.LargeBinary()),
)
RETELL = sa.update(EVENTS).where(
    EVENTS.c.org_id == sa.bindparam("org"), EVENTS.c.id == sa.bindparam("event")
)

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {} END $$
"""
REFUSING = FUNCTION.format("RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;")
LETTING = FUNCTION.format("RETURN NULL;")
TRIGGER = (
    "CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events is only ever added to'); END"
)


def upgrade() -> None:
    if context.is_offline_mode():
        return  # an empty database has no bodies
    if op.get_context().dialect.name == "postgresql":
        op.execute(LETTING)  # nobody else sees it: the transaction ends with the other
        _conceal_all("position(:{} IN raw) > 0")
        op.execute(REFUSING)
    else:
        op.execute("PRAGMA secure_delete = ON")  # what is overwritten is not in the file either
        op.execute("DROP TRIGGER events_refuse_update")
        _conceal_all("instr(raw, :{}) > 0")
        op.execute(TRIGGER)


def downgrade() -> None:
    """What is gone stays gone."""


def _conceal_all(contains: str) -> None:
    for row in _suspects(contains):
        told = concealed(row.raw)
        if told != row.raw:
            this = {"org": row.org_id, "event": row.id}
            op.get_bind().execute(RETELL.values(raw=told), this)


def _suspects(contains: str) -> Iterator[sa.Row[Any, Any, Any]]:
    """Events of GitLab's dialect whose body may hold a credential, a page at a time."""
    key = sa.tuple_(EVENTS.c.org_id, EVENTS.c.id)
    hinted = sa.text(f"({' OR '.join(map(contains.format, HINTS))})")
    page = (
        sa.select(EVENTS.c.org_id, EVENTS.c.id, EVENTS.c.raw)
        .where(EVENTS.c.dialect == "gitlab", hinted.bindparams(*HINTED))
        .order_by(EVENTS.c.org_id, EVENTS.c.id)
        .limit(PAGE)
    )
    asked = page
    while rows := op.get_bind().execute(asked).all():
        yield from rows
        asked = page.where(key > (rows[-1].org_id, rows[-1].id))


def concealed(raw: bytes) -> bytes | None:
    """The body with its credentials masked; ``None`` where one is spelled in another way."""
    for secret in secrets(raw):
        if secret not in raw:
            return None
        raw = raw.replace(secret, CONCEALED)
    return raw


def secrets(raw: bytes) -> list[bytes]:
    """What stands under the names of credentials, the longest first."""
    found = {value for name, value in _pairs(raw) if name in NAMES and isinstance(value, str)}
    said = {value.encode(errors="surrogatepass") for value in found}
    said |= {match[2] for match in PART.finditer(raw)}
    return sorted(said - {b"", CONCEALED}, key=len, reverse=True)


def _pairs(raw: bytes) -> list[tuple[str, object]]:
    """Every name and value of a JSON object, at any depth, or of a form."""
    found: list[tuple[str, object]] = []

    def note(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
        found.extend(pairs)
        return {}

    try:
        json.loads(raw, object_pairs_hook=note)
    except ValueError:
        return list(parse_qsl(raw.decode(errors="surrogateescape"), max_num_fields=None))
    return found
