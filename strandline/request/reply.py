"""One request sent, and its answer waited for: over Kafka, or by way of a running `strandline up`."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker.ports import Broker, Edge, Reader
from producers.requests.publisher import RequestPublisher
from runtime.clock import SystemClock
from runtime.errors import StrandlineError
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.http.results import ResultDetail
from schemas.requests import AnalysisRequested
from schemas.topics import FAILURES, RESULTS
from strandline.api_client import ApiClient

_LONGEST_API_WAIT = 60
_POLL_SECONDS = 0.25


class NotAnswered(StrandlineError):
    """The wait was over before the request ended; it is still queued."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended: with levels, or with a failure. `payload` is what came over the wire."""

    payload: Mapping[str, Any]
    failure: str | None = None
    found: AnalysisCompleted | ResultDetail | None = None


async def over_kafka(
    broker: Broker,
    request: AnalysisRequested,
    *,
    wait: float,
    known: Callable[[AnalysisRequested], Awaitable[AnalysisCompleted | ResultDetail | None]] | None = None,
) -> Answer:
    """Publish, and read the answer off the topics if there is a wait. Raises NotAnswered, Transient.

    An id that was answered before is not answered again: `known` finds that answer, while a new one is waited for.
    """
    publisher = RequestPublisher(broker, source="/strandline/cli", clock=SystemClock())
    if not wait:
        await publisher.publish(request)
        return Answer({"request_id": request.request_id, "status": "queued"})
    async with broker.read([RESULTS.name, FAILURES.name], Edge.END) as reader:
        await publisher.publish(request)
        try:
            async with asyncio.timeout(wait):
                answering = [asyncio.ensure_future(_answer_to(request.request_id, reader))]
                if known is not None:
                    answering.append(asyncio.ensure_future(_known(known(request))))
                return await _first(answering)
        except TimeoutError:
            raise _late(request.request_id, wait) from None


async def _known(looking: Awaitable[AnalysisCompleted | ResultDetail | None]) -> Answer | None:
    found = await looking
    return Answer(found.model_dump(mode="json"), found=found) if found is not None else None


async def _first(answering: Sequence[asyncio.Future[Answer | None]]) -> Answer:
    """The first answer; whoever has none leaves it to the others. Ends them all."""
    waiting = set(answering)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if (answer := one.result()) is not None:
                    return answer
        raise NotAnswered("the topics ended before an answer came")
    finally:
        for one in answering:
            one.cancel()
        await asyncio.wait(answering)


async def over_http(api: ApiClient, body: Mapping[str, Any], *, wait: float) -> Answer:
    """The same by way of the API, which fills in what `body` leaves out. Raises NotAnswered, ApiTrouble."""
    deadline = time.monotonic() + wait
    answer = await api.trigger(body, wait=min(int(wait), _LONGEST_API_WAIT))
    request_id = answer["request_id"]
    while wait and answer["status"] == "queued":
        if time.monotonic() >= deadline:
            raise _late(request_id, wait)
        await asyncio.sleep(_POLL_SECONDS)
        answer = await api.job(request_id)
        if answer["status"] == "completed" and answer["result_id"] is not None:
            answer |= {"result": await api.result(answer["result_id"])}
    if answer["status"] == "failed":
        return Answer(answer, failure=f"{answer.get('reason')}: {answer.get('message')}")
    if answer["status"] == "completed" and answer.get("result") is None:
        return Answer(answer, failure=f"it completed, but has no row: {answer.get('message')}")
    if answer["status"] == "completed":
        return Answer(answer["result"], found=ResultDetail.model_validate(answer["result"]))
    return Answer(answer)


async def _answer_to(request_id: str, reader: Reader) -> Answer | None:
    async for record in reader:
        payload = json.loads(record.value or b"{}")
        if request_id not in payload.get("request_ids", ()):
            continue
        if record.topic == FAILURES.name:
            failed = AnalysisFailed.model_validate(payload)
            return Answer(payload, failure=f"{failed.reason}: {failed.message}")
        return Answer(payload, found=AnalysisCompleted.model_validate(payload))
    return None


def _late(request_id: str, wait: float) -> NotAnswered:
    return NotAnswered(
        f"no answer to {request_id} within {wait:g} s. What became of it: GET /api/v1/jobs/{request_id}; "
        "--timeout waits longer"
    )
