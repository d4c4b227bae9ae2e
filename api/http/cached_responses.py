"""Answers as bytes, taken from the cache where there is one."""

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Response

from api.http.dependencies import Dependencies
from storage.response_cache import LIST_SCOPE, row_scope


async def listed(deps: Dependencies, read: Callable[[], Awaitable[bytes]], *asked: object) -> Response:
    """An answer that lists rows; `asked` is all that it depends on, besides the rows."""
    return await _answered(deps, LIST_SCOPE, hashlib.sha256(repr(asked).encode()).hexdigest(), read)


async def of_row(deps: Dependencies, result_id: int, read: Callable[[], Awaitable[bytes]]) -> Response:
    """An answer about one row and nothing else."""
    return await _answered(deps, row_scope(result_id), "detail", read)


async def _answered(
    deps: Dependencies, scope: str, what: str, read: Callable[[], Awaitable[bytes]]
) -> Response:
    body = await read() if deps.cache is None else await deps.cache.get_or_compute(scope, what, read)
    return Response(body, media_type="application/json")
