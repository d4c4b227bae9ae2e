"""Requests of sections that publish them: each for a market of its own."""

import asyncio
from collections.abc import Sequence

from broker.kafka.broker import KafkaBroker
from broker.ports import Message
from runtime.clock import SystemClock
from schemas.requests import AnalysisRequested, RequestBody
from schemas.topics import REQUESTS, encode_request


def build_requests(prefix: str, numbers: Sequence[int]) -> list[Message]:
    """Return requests with the ids `prefix-0`, ..., as the API publishes them."""
    now = SystemClock().now()
    messages = []
    for number in numbers:
        body = RequestBody(symbol=f"C{number}USDT", exchange="sim")
        request = AnalysisRequested.of(body, exchange="sim", request_id=f"{prefix}-{number}", at=now)
        encoded = encode_request(request, source="/bench", at=now)
        messages.append(Message(REQUESTS.name, encoded.key, encoded.value, encoded.headers))
    return messages


async def publish_all(broker: KafkaBroker, messages: Sequence[Message]) -> None:
    await asyncio.gather(*(broker.publish(message) for message in messages))
