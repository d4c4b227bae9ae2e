"""Reads of rows by many keys, in statements of a bounded length."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import Column, Select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.records import to_record
from storage.database_errors import translate_errors

R = TypeVar("R")

_TIMEOUT = 30.0
_CHUNK_SIZE = 500
"""Keys of one statement."""


async def load_by_keys(
    engine: AsyncEngine, query: Select[Any], key: Column[str], keys: Collection[str], record: type[R]
) -> dict[str, list[R]]:
    """Return the rows of `query` whose column `key` is one of `keys`, by it, in the query's order. Raises Transient."""
    ordered, found = sorted(keys), defaultdict(list)
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            for start in range(0, len(ordered), _CHUNK_SIZE):
                part = query.where(key.in_(ordered[start : start + _CHUNK_SIZE]))
                for row in await connection.execute(part):
                    found[row._mapping[key]].append(to_record(row, record))
    return dict(found)
