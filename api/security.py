"""Who may write. Reads are open, and whatever `Authorization` a proxy adds is none of our business."""

import secrets
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyHeader

from api.dependencies import Deps
from api.problems import Refused

_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="needed for writes where keys are set")


async def _writer(deps: Deps, key: Annotated[str | None, Security(_HEADER)]) -> None:
    keys = deps.settings.api_keys
    if not keys:
        return
    given = (key or "").encode()
    # All are compared, in constant time each: how long it takes tells nothing.
    known = [secrets.compare_digest(given, one.get_secret_value().encode()) for one in keys]
    if not any(known):
        raise Refused(401, "this call needs a valid X-API-Key header")


WRITER = Depends(_writer)
"""Put on every route that writes."""
