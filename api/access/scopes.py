"""The scope that a route needs, as dependencies of FastAPI."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from api.access.access_control import KEY_HEADER, read_key
from api.http.dependencies import Deps
from storage.api_key_format import Scope

_NEEDED = "Needed for writes once there are keys, and for reads where they are closed."
_API_KEY = APIKeyHeader(name=KEY_HEADER, auto_error=False, description=_NEEDED)
_BEARER = HTTPBearer(auto_error=False, description=f"The same key. {_NEEDED}")


async def _read_key(
    request: Request,
    # For the document: both are read from the headers.
    _api_key: Annotated[Any, Security(_API_KEY)],
    _bearer: Annotated[Any, Security(_BEARER)],
) -> str | None:
    return read_key(request.headers)


Key = Annotated[str | None, Depends(_read_key)]
"""The key of a call, which has not been checked."""


async def _authorize_read(request: Request, deps: Deps, key: Key) -> None:
    if request.method in {"GET", "HEAD"}:
        await deps.access.authorize("read", key)


async def _authorize_stream(
    deps: Deps,
    key: Key,
    ticket: Annotated[
        str | None, Query(max_length=200, description="A ticket, for clients that cannot send a key.")
    ] = None,
) -> None:
    if ticket and not key:
        await deps.access.authorize_ticket(ticket)
    else:
        await deps.access.authorize("read", key)


def _require(scope: Scope) -> Any:
    async def authorize_call(deps: Deps, key: Key) -> None:
        await deps.access.authorize(scope, key)

    return Depends(authorize_call)


REQUIRE_READ = Depends(_authorize_read)
"""For every router: it checks the calls that only read."""

REQUIRE_STREAM = Depends(_authorize_stream)
"""For the stream: a ticket is accepted besides a key."""

REQUIRE_ENQUEUE, REQUIRE_WATCH, REQUIRE_ADMIN = _require("enqueue"), _require("watch"), _require("admin")
"""For routes that request an analysis, that change watches, and that are for operators."""
