"""Bodies that were kept with a client's credentials in them, before those were masked."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest
import uuid_utils.compat as uuid_utils
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from gateway.core.members import ROOT
from gateway.store import migrate
from gateway.store.engine import open_writer
from gateway.store.people import user_values
from gateway.store.tables import events, org_names, orgs, users
from tests.databases import migrated_to
from tests.store.house import START

SECRET = "dgw_a/secret+that=nobody-may-read"
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
PARTS = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b--\r\n'
SPARE = [json.dumps({"ref": f"token-{n}", "sha": "%5F"}) for n in range(120)]

KEPT = {
    '{"ref": "main", "private_token": "?"}': '{"ref": "main", "private_token": "********"}',
    '{"job_token":"?","token":"?"}': '{"job_token":"********","token":"********"}',
    '{"private\\u005ftoken": "?"}': '{"private\\u005ftoken": "********"}',
    "ref=main&bearer_token=plain": "ref=main&bearer_token=********",
    "private%5Ftoken=plain": "private%5Ftoken=********",
    PARTS.format("access_token", "?"): PARTS.format("access_token", "********"),
    '{"access_token": "ESCAPED"}': None,
    urlencode({"access_token": SECRET}): None,
    **{
        body: body
        for body in (
            *('{"ref": "token"}', '{"private_token": ""}', '{"token": 7}', "ref=private_token"),
            *("", '{"ref": "100%", "sha": "\\u0061"}', "ref=token%20", *SPARE),
        )
    },
}
"""What becomes of each body that a GitLab client sent; ``None`` is kept no longer."""


def spelled(body: str) -> bytes:
    return body.replace("?", SECRET).replace("ESCAPED", ESCAPED).encode()


async def said(url: str) -> None:
    """A database of before, with an event for each body; the last one came to another dialect."""
    engine, org = open_writer(url), {"id": UUID(int=1), "number": 1, "name": "acme"}
    async with engine.begin() as connection:
        row = {**org, "name_key": "acme", "aliases": [], "created_at": START}
        await connection.execute(insert(orgs).values(**row))
        await connection.execute(insert(org_names).values(name_key="acme", org_id=org["id"]))
        await connection.execute(insert(users).values(**user_values(UUID(int=1), ROOT)))
        bodies = [(spelled(body), "gitlab") for body in KEPT]
        rows = [event(raw, dialect) for raw, dialect in [*bodies, (b'{"token": "x"}', "github")]]
        await connection.execute(insert(events), rows)
    await engine.dispose()


def event(raw: bytes, dialect: str) -> dict[str, object]:
    return {
        "org_id": UUID(int=1),
        "id": uuid_utils.uuid7(),
        "record_id": UUID(int=2),
        "project_id": UUID(int=3),
        "kind": "recorded",
        "occurred_at": START,
        "recorded_at": START,
        "dialect": dialect,
        "actor_id": ROOT.id,
        "state": "success",
        "presence": "live",
        "raw": raw,
        "raw_digest": sha256(raw).digest(),
    }


async def test_credentials_in_bodies_of_before_are_masked_or_the_body_goes(
    empty_database_url: str,
) -> None:
    await migrated_to(empty_database_url, "0006")
    await said(empty_database_url)
    await migrate(empty_database_url)
    engine = open_writer(empty_database_url)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(events).order_by(events.c.id))).all()
        with pytest.raises(DBAPIError, match="only ever added to"):
            await connection.execute(text("UPDATE events SET raw = NULL"))
    await engine.dispose()
    found = {row.raw_digest: row.raw for row in rows}
    assert found.pop(sha256(b'{"token": "x"}').digest()) == b'{"token": "x"}'
    for body, kept in KEPT.items():
        raw = found[sha256(spelled(body)).digest()]
        assert raw == (None if kept is None else kept.encode()), body
    if empty_database_url.startswith("sqlite:"):
        assert left_in(Path(empty_database_url.removeprefix("sqlite:///"))) == ["token-119"]


def left_in(file: Path) -> list[str]:
    """What of these a database's file still has, in pages of no use too."""
    held = file.read_bytes()
    spellings = (SECRET, ESCAPED, urlencode({"": SECRET}), "token-119")
    return [spelling for spelling in spellings if spelling.encode() in held]
