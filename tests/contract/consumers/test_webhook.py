"""The signed webhook against a real HTTP server on loopback."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from consumers.notifier.targets import TargetRefused
from consumers.notifier.webhook import Webhook
from runtime import metrics
from runtime.clock import SystemClock
from runtime.errors import Permanent, Transient
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.fires import FIRE_ID, SECRET, Receiver, a_fire, receiver


@pytest.fixture
async def received() -> AsyncIterator[Receiver]:
    async with receiver() as there:
        yield there


@asynccontextmanager
async def webhook(url: str, *, private: bool = True, timeout: float = 10.0) -> AsyncIterator[Webhook]:
    target = Webhook("webhook 1", url, SECRET, private=private, timeout=timeout, clock=SystemClock())
    try:
        yield target
    finally:
        await target.close()


async def test_webhook_signature_is_verifiable_by_receiver(received: Receiver) -> None:
    async with webhook(received.url + "/hook") as target:
        await within(target.send(a_fire()))
    ((path, headers, body),) = received.posted
    assert (path, headers["content-type"]) == ("/hook", "application/json")
    assert Verifier(base64.b64encode(SECRET.encode()).decode()).verify(body, headers)["fire_id"] == FIRE_ID
    assert headers["webhook-id"] == FIRE_ID
    assert not [name for name in headers if name.startswith("x-")]


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_webhook_reports_http_error_as_transient(received: Receiver, status: int) -> None:
    received.answers = [(status, {"Retry-After": "7"})]
    async with webhook(received.url) as target:
        with pytest.raises(Transient, match=str(status)) as caught:
            await within(target.send(a_fire()))
        assert caught.value.retry_after == 7.0
        await within(target.send(a_fire()))
    assert len(received.posted) == 2


@pytest.mark.parametrize(
    ("status", "is_refusal"),
    [(400, True), (401, True), (404, True), (408, False), (429, False), (500, False)],
)
async def test_webhook_tells_a_refusal_from_trouble(
    received: Receiver, status: int, is_refusal: bool
) -> None:
    received.answers = [(status, {"Content-Type": "text/html"})]
    async with webhook(received.url) as target:
        with pytest.raises(Transient) as caught:
            await within(target.send(a_fire()))
    assert isinstance(caught.value, TargetRefused) == is_refusal


async def test_webhook_waits_until_the_date_of_retry_after(received: Receiver) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    received.answers = [(503, {"Retry-After": at})]
    async with webhook(received.url) as target:
        with pytest.raises(Transient) as caught:
            await within(target.send(a_fire()))
    assert caught.value.retry_after is not None
    assert 40 <= caught.value.retry_after <= 61


async def test_webhook_sends_nothing_more_after_410(received: Receiver) -> None:
    received.answers = [(410, {})]
    async with webhook(received.url) as target:
        for _ in range(3):
            with pytest.raises(Permanent, match="410 Gone"):
                await within(target.send(a_fire()))
        assert metrics.NOTIFICATION_TARGET_UP.labels(target.name)._value.get() == 0
    assert len(received.posted) == 1


async def test_webhook_sends_nothing_that_waited_for_a_slot_after_410(received: Receiver) -> None:
    received.answers = [(410, {})] * 20
    async with webhook(received.url) as target:
        sent = (target.send(a_fire()) for _ in range(20))
        errors = await within(asyncio.gather(*sent, return_exceptions=True))
    assert {type(error) for error in errors} == {Permanent}
    assert len(received.posted) <= 8


async def test_webhook_refuses_redirect(received: Receiver) -> None:
    received.answers = [(302, {"Location": received.url + "/elsewhere"})]
    async with webhook(received.url + "/hook") as target:
        with pytest.raises(Permanent, match="redirect"):
            await within(target.send(a_fire()))
    assert [path for path, _, _ in received.posted] == ["/hook"]


@pytest.mark.parametrize("written", [lambda url: url, lambda url: url.replace("127.0.0.1", "localhost")])
async def test_webhook_refuses_private_address_before_connecting(
    received: Receiver, written: Callable[[str], str]
) -> None:
    async with webhook(written(received.url), private=False) as target:
        with pytest.raises(Permanent, match="STRANDLINE_WEBHOOK_PRIVATE"):
            await within(target.send(a_fire()))
    assert not received.posted


async def test_webhook_reports_refused_connection_without_the_url_path() -> None:
    for url in (f"http://127.0.0.1:{find_free_port()}/T0K3N", "http://no-such-name.invalid/T0K3N"):
        async with webhook(url) as target:
            with pytest.raises(Transient) as caught:
                await within(target.send(a_fire()))
        assert "T0K3N" not in str(caught.value)


def test_webhook_address_cannot_be_tried_without_the_secret() -> None:
    url = "https://hooks.example/T0/guessable"
    hashes = [
        Webhook("w", address, secret, private=True, timeout=1.0, clock=SystemClock()).address_hash
        for address, secret in (
            (url, SECRET),
            (url, SECRET),
            (url + "2", SECRET),
            (url, "another secret of hooks"),
        )
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert hashlib.sha256(url.encode()).hexdigest()[:16] not in hashes
