"""Send one request and wait for its answer, over Kafka or the API of a running `strandline up`."""

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

_MAX_API_WAIT = 60
_POLL_SECONDS = 0.25


class AnswerTimeout(StrandlineError):
    """The wait ended before the request did; it is still queued."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a request: levels or a failure. `payload` is what was received."""

    payload: Mapping[str, Any]
    failure: str | None = None
    found: AnalysisCompleted | ResultDetail | None = None


async def request_over_kafka(
    broker: Broker,
    request: AnalysisRequested,
    *,
    wait: float,
    find_earlier: Callable[[AnalysisRequested], Awaitable[AnalysisCompleted | ResultDetail | None]]
    | None = None,
) -> Answer:
    """Publish, and with a wait read the answer from the topics. Raises AnswerTimeout, Transient.

    An id that was answered before gets no new answer: `find_earlier` finds the old one.
    """
    publisher = RequestPublisher(broker, source="/strandline/cli", clock=SystemClock())
    if not wait:
        await publisher.publish(request)
        return Answer({"request_id": request.request_id, "status": "queued"})
    async with broker.read([RESULTS.name, FAILURES.name], Edge.END) as reader:
        await publisher.publish(request)
        try:
            async with asyncio.timeout(wait):
                pending = [asyncio.ensure_future(_read_answer(request.request_id, reader))]
                if find_earlier is not None:
                    pending.append(asyncio.ensure_future(_await_earlier(find_earlier(request))))
                return await _first_answer(pending)
        except TimeoutError:
            raise _make_timeout(request.request_id, wait) from None


async def _await_earlier(search: Awaitable[AnalysisCompleted | ResultDetail | None]) -> Answer | None:
    found = await search
    return Answer(found.model_dump(mode="json"), found=found) if found is not None else None


async def _first_answer(pending: Sequence[asyncio.Future[Answer | None]]) -> Answer:
    """Return the first answer that is not None, and cancel the others."""
    waiting = set(pending)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if (answer := one.result()) is not None:
                    return answer
        raise AnswerTimeout("the topics ended before an answer arrived: send the request again")
    finally:
        for one in pending:
            one.cancel()
        await asyncio.wait(pending)


async def request_over_http(api: ApiClient, body: Mapping[str, Any], *, wait: float) -> Answer:
    """Send the request to the API, which completes `body`. Raises AnswerTimeout, ApiError."""
    deadline = time.monotonic() + wait
    answer = await api.trigger(body, wait=min(int(wait), _MAX_API_WAIT))
    request_id = answer["request_id"]
    while wait and answer["status"] == "queued":
        if time.monotonic() >= deadline:
            raise _make_timeout(request_id, wait)
        await asyncio.sleep(_POLL_SECONDS)
        answer = await api.job(request_id)
        if answer["status"] == "completed" and answer["result_id"] is not None:
            answer |= {"result": await api.result(answer["result_id"])}
    if answer["status"] == "failed":
        return Answer(answer, failure=f"{answer.get('reason')}: {answer.get('message')}")
    if answer["status"] == "completed" and answer.get("result") is None:
        return Answer(answer, failure=f"completed without a row: {answer.get('message')}")
    if answer["status"] == "completed":
        return Answer(answer["result"], found=ResultDetail.model_validate(answer["result"]))
    return Answer(answer)


async def _read_answer(request_id: str, reader: Reader) -> Answer | None:
    async for record in reader:
        payload = json.loads(record.value or b"{}")
        if request_id not in payload.get("request_ids", ()):
            continue
        if record.topic == FAILURES.name:
            failed = AnalysisFailed.model_validate(payload)
            return Answer(payload, failure=f"{failed.reason}: {failed.message}")
        return Answer(payload, found=AnalysisCompleted.model_validate(payload))
    return None


def _make_timeout(request_id: str, wait: float) -> AnswerTimeout:
    return AnswerTimeout(
        f"no answer to {request_id} within {wait:g} s: see GET /api/v1/jobs/{request_id}, or wait longer with --timeout"
    )
