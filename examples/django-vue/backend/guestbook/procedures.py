"""Procedures of the guestbook. They are async, because Django's adapter calls them in an async view."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pyrpc_core import rpc

from guestbook import models

Name = Annotated[str, Field(min_length=1, max_length=80)]
Message = Annotated[str, Field(min_length=1, max_length=280)]


class Entry(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    message: str
    created: datetime


@rpc.query
async def list_entries(limit: Annotated[int, Field(ge=1, le=100)] = 20) -> list[Entry]:
    """The newest entries first."""
    rows = models.Entry.objects.order_by("-id")[:limit]
    return [Entry.model_validate(row) async for row in rows]


@rpc.mutation
async def sign(name: Name, message: Message) -> Entry:
    """Adds an entry."""
    row = await models.Entry.objects.acreate(name=name, message=message)
    return Entry.model_validate(row)
