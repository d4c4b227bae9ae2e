"""JSON responses that are served from the response cache where it has them."""

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Response

from api.http.dependencies import Dependencies
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
    body = await read() if deps.cache is None else await deps.cache.get_or_compute(scope, name, read)
    return Response(body, media_type="application/json")
