"""What a transaction can do: every noun's queries and writes, put together."""

from __future__ import annotations

from gateway.store.approvals import ApprovalQueries, ApprovalWrites
from gateway.store.audit import AuditQueries, AuditWrites
from gateway.store.changes import ChangeWrites
from gateway.store.environments import EnvironmentQueries, EnvironmentWrites
from gateway.store.events import EventQueries, EventWrites
from gateway.store.jobs import JobQueries, JobWrites
from gateway.store.listings import ListingQueries
from gateway.store.org_environments import OrgEnvironmentQueries, OrgEnvironmentWrites
from gateway.store.orgs import OrgQueries, OrgWrites
from gateway.store.people import PeopleQueries, PeopleWrites
from gateway.store.places import PlaceQueries, PlaceWrites
from gateway.store.projects import ProjectQueries
from gateway.store.protections import ProtectionQueries, ProtectionWrites
from gateway.store.records import RecordQueries
from gateway.store.searches import SearchQueries
from gateway.store.storage import StorageQueries, StorageWrites


class SqlReading(
    AuditQueries,
    JobQueries,
    StorageQueries,
    PlaceQueries,
    ProtectionQueries,
    ApprovalQueries,
    ListingQueries,
    OrgEnvironmentQueries,
    OrgQueries,
    PeopleQueries,
    ProjectQueries,
    EnvironmentQueries,
    RecordQueries,
    SearchQueries,
    EventQueries,
):
    """Queries in one consistent view."""


class SqlTransaction(
    AuditWrites,
    JobWrites,
    StorageWrites,
    PlaceWrites,
    ProtectionWrites,
    ApprovalWrites,
    ListingQueries,
    OrgEnvironmentWrites,
    OrgWrites,
    PeopleWrites,
    EnvironmentWrites,
    ChangeWrites,
    EventWrites,
    SearchQueries,
):
    """Queries and writes, all or nothing."""
