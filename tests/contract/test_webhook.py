"""The signed webhook against a real server on loopback."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from consumers.notifier.webhook import Webhook
from runtime.clock import SystemClock
from runtime.errors import Permanent, Transient
from tests.support.containers import free_port
from tests.support.deadlines import within
from tests.support.fires import FIRE_ID, SECRET, Receiver, a_fire, receiver


@pytest.fixture
async def received() -> AsyncIterator[Receiver]:
    async with receiver() as there:
        yield there


@asynccontextmanager
async def webhook(url: str, *, private: bool = True, timeout: float = 10.0) -> AsyncIterator[Webhook]:
    opened = Webhook("webhook 1", url, SECRET, private=private, timeout=timeout, clock=SystemClock())
    try:
        yield opened
    finally:
        await opened.close()


async def test_a_receiver_can_check_who_sent_it(received: Receiver) -> None:
    async with webhook(received.url + "/hook") as target:
        await within(target.send(a_fire()))
    ((path, headers, body),) = received.posted
    assert (path, headers["content-type"]) == ("/hook", "application/json")
    # As docs/events.md tells receivers to.
    signed = headers["x-strandline-timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, headers["x-strandline-signature"])
    assert received.bodies("/hook")[0]["fire_id"] == headers["x-strandline-fire-id"] == FIRE_ID


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_whatever_is_not_taken_may_be_later(received: Receiver, status: int) -> None:
    received.answers = [(status, {"Retry-After": "7"})]
    async with webhook(received.url) as target:
        with pytest.raises(Transient, match=str(status)) as caught:
            await within(target.send(a_fire()))
        assert caught.value.retry_after == 7.0
        await within(target.send(a_fire()))
    assert len(received.posted) == 2


async def test_a_redirect_is_not_followed(received: Receiver) -> None:
    received.answers = [(302, {"Location": received.url + "/elsewhere"})]
    async with webhook(received.url + "/hook") as target:
        with pytest.raises(Permanent, match="redirect"):
            await within(target.send(a_fire()))
    assert [path for path, _, _ in received.posted] == ["/hook"]


@pytest.mark.parametrize("written", [lambda url: url, lambda url: url.replace("127.0.0.1", "localhost")])
async def test_a_private_address_is_not_even_dialled(
    received: Receiver, written: Callable[[str], str]
) -> None:
    async with webhook(written(received.url), private=False) as target:
        with pytest.raises(Permanent, match="STRANDLINE_WEBHOOK_PRIVATE"):
            await within(target.send(a_fire()))
    assert not received.posted


async def test_nobody_there_is_passing_trouble_that_tells_no_secret() -> None:
    for url in (f"http://127.0.0.1:{free_port()}/T0K3N", "http://no-such-name.invalid/T0K3N"):
        async with webhook(url) as target:
            with pytest.raises(Transient) as caught:
                await within(target.send(a_fire()))
        assert "T0K3N" not in str(caught.value)
