"""JSON responses that are served from the response cache where it has them."""

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Response

from api.http.dependencies import Dependencies
from api.http.ready_answers import CachedAnswer
from storage.response_cache import LIST_SCOPE, row_scope


async def respond_list(deps: Dependencies, read: Callable[[], Awaitable[bytes]], *inputs: object) -> Response:
    """Return a list of rows. `inputs` are all values that the answer depends on besides the rows."""
    return await _respond(deps, LIST_SCOPE, hashlib.sha256(repr(inputs).encode()).hexdigest(), read)


async def respond_row(deps: Dependencies, result_id: int, read: Callable[[], Awaitable[bytes]]) -> Response:
    """Return an answer that depends on one row alone."""
    return await _respond(deps, row_scope(result_id), "detail", read)


async def _respond(
    deps: Dependencies, scope: str, name: str, read: Callable[[], Awaitable[bytes]]
) -> Response:
    if deps.cache is None:
        return Response(await read(), media_type="application/json")
    return CachedAnswer(await deps.cache.get_or_compute(scope, name, read), deps.cached_reads, scope, name)
