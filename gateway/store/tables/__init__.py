"""The tables: the one place that names columns, keys and indexes.

Every key and index of an org's own table begins with ``org_id``, so that each of them can be
hash-partitioned or distributed by org. An index says which query needs it; a unique one, which
promise it keeps.
"""

from __future__ import annotations

from gateway.store.tables import (  # noqa: F401 (fill the metadata)
    auditing,
    deliveries,
    directory,
    guarding,
    places,
    work,
)
from gateway.store.tables.columns import Row
from gateway.store.tables.deliveries import BLOCK, records, ref_or_blank

__all__ = [
    "BLOCK",
    "NUMBERED",
    "acts",
    "approvals",
    "artifact_digests",
    "artifacts",
    "counters",
    "environments",
    "events",
    "group_members",
    "groups",
    "jobs",
    "metadata",
    "org_names",
    "orgs",
    "project_environments",
    "projects",
    "protection_entries",
    "protections",
    "records",
    "ref_or_blank",
    "secrets",
    "slots",
    "storage_records",
    "tokens",
    "users",
]

metadata = Row.metadata
orgs = metadata.tables["orgs"]
org_names = metadata.tables["org_names"]
counters = metadata.tables["counters"]
secrets = metadata.tables["secrets"]
users = metadata.tables["users"]
tokens = metadata.tables["tokens"]
groups = metadata.tables["groups"]
group_members = metadata.tables["group_members"]
projects = metadata.tables["projects"]
environments = metadata.tables["environments"]
project_environments = metadata.tables["project_environments"]
slots = metadata.tables["slots"]
artifacts = metadata.tables["artifacts"]
artifact_digests = metadata.tables["artifact_digests"]
events = metadata.tables["events"]
acts = metadata.tables["acts"]
protections = metadata.tables["protections"]
protection_entries = metadata.tables["protection_entries"]
approvals = metadata.tables["approvals"]
jobs = metadata.tables["jobs"]
storage_records = metadata.tables["storage_records"]

NUMBERED = (
    *("org", "user", "project", "environment", "slot", "record", "protection"),
    *("job", "storage_record"),
)
"""What has numbers; groups have those of ``org``."""
