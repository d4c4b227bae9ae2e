"""Calls of the REST API that tools make: they have no way to the data but this, and no logic of their own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

Json = dict[str, Any]

_TIMEOUT = 75.0
"""Longer than the API waits for a fire."""


class CallFailed(Exception):
    """The API refused a call, or did not answer; the text is for the model."""


class RestCalls:
    """Calls with the headers of one caller, so that keys, scopes and limits are those of the API."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **query: object) -> Json:
        """Return the answer of a read. Raises CallFailed."""
        present = {name: str(value) for name, value in query.items() if value is not None}
        return await self._send("GET", path, params=present)

    async def post(self, path: str, body: Mapping[str, object]) -> Json:
        """Return the answer of a write. Raises CallFailed."""
        return await self._send(
            "POST", path, json={name: value for name, value in body.items() if value is not None}
        )

    async def _send(self, method: str, path: str, **more: Any) -> Json:
        try:
            answer = await self._client.request(method, f"/api/v1{path}", timeout=_TIMEOUT, **more)
            body: Json = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CallFailed(f"the API does not answer: {type(error).__name__}") from error
        if answer.is_error:
            raise CallFailed(f"{answer.status_code}: {body.get('detail', 'refused')}")
        return body


def escape(part: str) -> str:
    """Return `part` as one segment of a path."""
    return quote(part, safe=":")
