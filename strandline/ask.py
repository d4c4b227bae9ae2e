"""One request sent, and its answer waited for: over Kafka, or by way of a running `strandline up`."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from producers.requests import RequestPublisher
from runtime.broker.ports import Broker, Edge, Reader
from runtime.clock import SystemClock
from runtime.errors import StrandlineError
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.requests import AnalysisRequested
from schemas.topics import FAILURES, RESULTS
from schemas.views import RowWithLevels
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
    found: AnalysisCompleted | RowWithLevels | None = None


async def over_kafka(broker: Broker, request: AnalysisRequested, *, wait: float) -> Answer:
    """Publish, and read the answer off the topics if there is a wait. Raises NotAnswered, Transient."""
    publisher = RequestPublisher(broker, source="/strandline/cli", clock=SystemClock())
    if not wait:
        await publisher.publish(request)
        return Answer({"request_id": request.request_id, "status": "queued"})
    async with broker.read([RESULTS.name, FAILURES.name], Edge.END) as reader:
        await publisher.publish(request)
        try:
            async with asyncio.timeout(wait):
                return await _answer_to(request.request_id, reader)
        except TimeoutError:
            raise _late(request.request_id, wait) from None


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
        return Answer(answer["result"], found=RowWithLevels.model_validate(answer["result"]))
    return Answer(answer)


async def _answer_to(request_id: str, reader: Reader) -> Answer:
    async for record in reader:
        payload = json.loads(record.value or b"{}")
        if request_id not in payload.get("request_ids", ()):
            continue
        if record.topic == FAILURES.name:
            failed = AnalysisFailed.model_validate(payload)
            return Answer(payload, failure=f"{failed.reason}: {failed.message}")
        return Answer(payload, found=AnalysisCompleted.model_validate(payload))
    raise NotAnswered("the topics ended before an answer came")


def _late(request_id: str, wait: float) -> NotAnswered:
    return NotAnswered(
        f"no answer to {request_id} within {wait:g} s. What became of it: GET /api/v1/jobs/{request_id}. "
        "An id that was answered before is not answered again; --timeout waits longer"
    )
