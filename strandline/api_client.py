"""Client of the REST API of a running `strandline up`, for commands that have no Kafka."""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self

import httpx
from pydantic import SecretStr

from runtime.errors import StrandlineError
from runtime.serving import build_url
from runtime.settings import Settings
from runtime.tracing import current_traceparent, is_enabled
from strandline.program import command_name

_TIMEOUT = httpx.Timeout(10.0, read=75.0)


class ApiError(StrandlineError):
    """The API did not answer, or refused; the message is meant for the user."""


class ApiClient:
    """Calls the API at `url`, with `key` where one is needed."""

    def __init__(self, url: str, key: SecretStr | None = None) -> None:
        self._url = url
        headers = {"X-API-Key": key.get_secret_value()} if key is not None else None
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT, trust_env=False)

    @classmethod
    def from_settings(cls, settings: Settings, url: str | None) -> Self:
        """Create a client for `url`, or for the address in the settings."""
        return cls(url or build_url(settings.http_host, settings.http_port), settings.api_key)

    async def __aenter__(self) -> "ApiClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def trigger(self, request: Mapping[str, Any], *, wait: int = 0) -> dict[str, Any]:
        """Trigger an analysis; return {request_id, status[, result, reason, message]} after at most `wait` <= 60 s."""
        query = {"wait": wait} if wait else {}
        headers = {"traceparent": current_traceparent()} if is_enabled() else {}
        return await self.json(
            "POST", "/api/v1/analysis/trigger", json=dict(request), params=query, headers=headers
        )

    async def job(self, request_id: str) -> dict[str, Any]:
        return await self.json("GET", f"/api/v1/jobs/{request_id}")

    async def result(self, result_id: int) -> dict[str, Any]:
        row: dict[str, Any] = (await self.json("GET", f"/api/v1/analysis/{result_id}"))["data"]
        return row

    async def events(self, types: str) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """Yield (type, payload) of every event from now on."""
        try:
            async with self._http.stream(
                "GET", "/api/v1/stream", params={"types": types}, timeout=None
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise ApiError(_describe_error(answer))
                kind = ""
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(":")
                    if name == "event":
                        kind = value.strip()
                    elif name == "data" and value.strip():
                        yield kind, json.loads(value)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    async def json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Send a request and return the body, empty where there is none. Raises ApiError."""
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if answer.is_error:
            raise ApiError(_describe_error(answer))
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body

    def _unreachable(self, error: httpx.HTTPError) -> ApiError:
        return ApiError(
            f"no API answers at {self._url} ({type(error).__name__}): start one with `{command_name()} up`, "
            "name another with --api, or set STRANDLINE_KAFKA_BOOTSTRAP to use Kafka"
        )


def _describe_error(answer: httpx.Response) -> str:
    try:
        return f"{answer.json()['detail']} (HTTP {answer.status_code})"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code} from {answer.request.url}"
