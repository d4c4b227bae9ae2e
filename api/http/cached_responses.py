"""JSON responses that are served from the response cache where it has them; equal reads that wait are one."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Response

from api.http.dependencies import Dependencies
from api.http.ready_answers import CachedAnswer
from storage.response_cache import LIST_SCOPE, row_scope


async def respond_list(
    deps: Dependencies, read: Callable[[], Coroutine[Any, Any, bytes]], *inputs: object
) -> Response:
    """Return a list of rows. `inputs` are all values that the answer depends on besides the rows."""
    return await _respond(deps, LIST_SCOPE, hashlib.sha256(repr(inputs).encode()).hexdigest(), read)


async def respond_row(
    deps: Dependencies, result_id: int, read: Callable[[], Coroutine[Any, Any, bytes]]
) -> Response:
    """Return an answer that depends on one row alone."""
    return await _respond(deps, row_scope(result_id), "detail", read)


async def _respond(
    deps: Dependencies, scope: str, name: str, read: Callable[[], Coroutine[Any, Any, bytes]]
) -> Response:
    async def read_once() -> bytes:
        return await deps.reads.run((scope, name), read)

    if deps.cache is None:
        return Response(await read_once(), media_type="application/json")
    answer = await deps.cache.get_or_compute(scope, name, read_once)
    return CachedAnswer(answer, deps.cached_reads, scope, name)
