"""The scope that a route needs, as dependencies of FastAPI."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from api.access.access_control import KEY_HEADER
from api.http.dependencies import Deps
from storage.api_key_format import Scope

_API_KEY = APIKeyHeader(
    name=KEY_HEADER,
    auto_error=False,
    description="Needed for writes once there are keys, and for reads where they are closed.",
)
_Key = Annotated[str | None, Security(_API_KEY)]


async def _authorize_read(request: Request, deps: Deps, key: _Key) -> None:
    if request.method in {"GET", "HEAD"}:
        await deps.access.authorize("read", key)


def _require(scope: Scope) -> Any:
    async def authorize_call(deps: Deps, key: _Key) -> None:
        await deps.access.authorize(scope, key)

    return Depends(authorize_call)


REQUIRE_READ = Depends(_authorize_read)
"""For every router: it checks the calls that only read."""

REQUIRE_ENQUEUE, REQUIRE_WATCH, REQUIRE_ADMIN = _require("enqueue"), _require("watch"), _require("admin")
"""For routes that request an analysis, that change watches, and that are for operators."""
