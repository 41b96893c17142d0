"""The only place that knows a database."""

from __future__ import annotations

from gateway.store.engine import dialect_name
from gateway.store.migrate import is_at_head, migrate
from gateway.store.outages import reason
from gateway.store.sql import SqlStore, open_store

__all__ = ["SqlStore", "dialect_name", "is_at_head", "migrate", "open_store", "reason"]
