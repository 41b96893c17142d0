"""Whether the database answers now, asked over a connection that nothing else uses."""

from __future__ import annotations

import asyncio

from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.outages import tell
from gateway.store.schema import has_all

_SECONDS = 0.9
"""Within a second there is an answer, whatever the database does."""

_ANYTHING = select(literal(1))


class Readiness:
    """Asks one question at a time, however many want to know: who comes meanwhile shares it.

    ``engine`` has one connection, so that nobody queues behind the requests.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._is_migrated = False
        self._asking: asyncio.Task[bool] | None = None

    async def is_ready(self) -> bool:
        """Whether the database answers, soon, and its schema is at head."""
        asking = self._asking  # whoever comes once it is answered asks anew
        if asking is None or asking.done():
            asking = self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({asking}, timeout=_SECONDS)
        return bool(done) and asking.result()

    async def close(self) -> None:
        """Give the connection back."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
        await self._engine.dispose()

    async def _ask(self) -> bool:
        try:
            async with self._engine.connect() as connection:
                if self._is_migrated:  # and nothing takes a schema back
                    await connection.execute(_ANYTHING)
                else:
                    self._is_migrated = await connection.run_sync(has_all)
        except (SQLAlchemyError, OSError) as error:
            tell(error)
            return False
        return self._is_migrated
