"""The two channels for a request: its topic and the API. Both repeat it until it is accepted."""

import asyncio
import json
from datetime import datetime
from typing import Any, Protocol

import httpx

from broker.ports import Broker, Message
from broker.publish_retry import publish_until_acknowledged
from broker.retry import Backoff
from runtime.clock import SystemClock
from schemas.topics import REQUESTS
from tests.support.faults.plan import PlannedRequest
from tests.support.faults.reading import POISON

_BACKOFF = Backoff(initial=0.5, maximum=2.0)
_RETRY_SECONDS = 0.3


class RequestChannel(Protocol):
    async def send(self, ask: PlannedRequest, expires_at: datetime) -> None:
        """Send until accepted. An unknown outcome is repeated, which is safe and what callers do."""
        ...


class TopicChannel:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def send(self, ask: PlannedRequest, expires_at: datetime) -> None:
        await publish_until_acknowledged(
            self._broker, _to_message(ask, expires_at), SystemClock(), backoff=_BACKOFF
        )


class ApiChannel:
    """Raises AssertionError for any response other than 202 and 503."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, ask: PlannedRequest, expires_at: datetime) -> None:
        while not await self._post(_to_body(ask, expires_at)):  # noqa: ASYNC110 - as callers do
            await asyncio.sleep(_RETRY_SECONDS)

    async def _post(self, body: dict[str, Any]) -> bool:
        try:
            answer = await self._client.post("/api/v1/analysis/trigger", json=body)
        except httpx.TransportError:
            return False  # it is down, or was killed before it could respond
        assert answer.status_code in {202, 503}, answer.text
        return answer.status_code == 202


def _to_body(ask: PlannedRequest, expires_at: datetime) -> dict[str, Any]:
    return {**ask.market.model_dump(), "request_id": ask.name, "expires_at": expires_at.isoformat()}


def _to_message(ask: PlannedRequest, expires_at: datetime) -> Message:
    if ask.kind == "poison":
        return Message(REQUESTS.name, None, POISON + ask.name.encode())
    key = ask.market.key.encode() if ask.keyed else None
    return Message(REQUESTS.name, key, json.dumps(_to_body(ask, expires_at)).encode())
