"""What the tables' columns are made of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, MetaData
from sqlmodel import Field, SQLModel

from gateway.store.types import Document, ExactDecimal, Moment, Words, WordsOrBlank

IdKey = Annotated[UUID, Field(primary_key=True)]
TextKey = Annotated[str, Field(primary_key=True, sa_type=Words)]
Line = Annotated[str, Field(sa_type=Words)]
LineOrNone = Annotated[str | None, Field(sa_type=Words)]
LineOrBlank = Annotated[str, Field(sa_type=WordsOrBlank)]
Number = Annotated[int, Field(sa_type=BigInteger)]
NumberOrNone = Annotated[int | None, Field(sa_type=BigInteger)]
Time = Annotated[datetime, Field(sa_type=Moment)]
TimeOrNone = Annotated[datetime | None, Field(sa_type=Moment)]
DecimalOrNone = Annotated[Decimal | None, Field(sa_type=ExactDecimal)]
Json = Annotated[Any | None, Field(sa_type=Document)]


class Row(SQLModel):
    """Base of the rows."""

    metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey"})


def refers(*columns: str, to: str, named: str) -> ForeignKeyConstraint:
    """A foreign key inside one org."""
    table, _, target = to.partition("(")
    keys = [f"{table}.{key.strip()}" for key in target.rstrip(")").split(",")]
    return ForeignKeyConstraint(columns, keys, name=named)
