"""Requests that retention deletes before an analyzer reads them: their jobs end, on the topic and over REST."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import httpx

from broker.ports import Broker, Edge, Message, Partition
from consumers.sink.catch_up import SAMPLED
from consumers.sink.job_expiry import JobExpiry
from runtime.clock import SystemClock
from runtime.errors import Transient
from schemas.events import AnalysisFailed
from schemas.topics import FAILURES, REQUESTS, encode_request
from tests.support.deadlines import within
from tests.support.events import make_market, make_request
from tests.support.pipeline import Pipeline, wait_for_job, wait_for_record


class LaterClock(SystemClock):
    """A system clock that is ahead by hours, as the sink's will be then."""

    hours = 4.0

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


async def test_job_of_a_request_lost_to_retention_ends_as_expired(
    pipeline: Pipeline, unique: Callable[[str], str]
) -> None:
    now = SystemClock().now()
    lost = make_request(request_id=unique("lost"), expires_at=now + timedelta(minutes=5))
    expiry = JobExpiry(pipeline.engine, pipeline.broker, LaterClock())
    async with pipeline.sink(), pipeline.client() as client:
        async with pipeline.analyzer():  # Kafka is shared: requests of other tests may be left on the topic
            await within(wait_until_caught_up(pipeline.broker), 120)
        record = await pipeline.broker.publish(Message(*encode_request(lost, source="/test", at=now)))
        await within(wait_until_queued(client, lost.request_id), 60)
        assert await expiry.expire() == 0  # no analyzer has read it yet
        await pipeline.broker.delete_before({Partition(REQUESTS.name, record.partition): record.offset + 1})

        async with pipeline.broker.read([FAILURES.name], Edge.END) as failures:
            await within(expire(expiry), 60)
            failure = await wait_for_record(
                aiter(failures), lambda one: lost.request_id.encode() in (one.value or b"")
            )
        event = AnalysisFailed.model_validate_json(failure.value or b"")
        job = await wait_for_job(client, lost.request_id)
    assert (event.request_ids, event.reason, event.market) == ((lost.request_id,), "expired", make_market())
    assert (job["status"], job["reason"]) == ("failed", "expired")


async def wait_until_caught_up(broker: Broker) -> None:
    while True:
        with suppress(Transient):  # a Kafka that has just started has no coordinator yet
            lag = await broker.lag(SAMPLED, timeout=10.0)
            if not any(any(partitions.values()) for partitions in lag.values()):
                return
        await asyncio.sleep(0.02)  # a broker has no event for it


async def wait_until_queued(client: httpx.AsyncClient, request_id: str) -> None:
    while (await client.get(f"/api/v1/jobs/{request_id}")).status_code != 200:
        pass


async def expire(expiry: JobExpiry) -> None:
    while not await expiry.expire():
        pass
