"""The notifier role: a fire on the topic reaches a webhook and an apprise target."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Message
from consumers.notifier.__main__ import run
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.topics import DEAD_LETTERS, TOPICS, encode_watch_event
from schemas.watch_events import WatchExpired, WatchFired
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.fires import FIRE_ID, SECRET, Receiver, a_fire, receiver


@pytest.fixture
async def received() -> AsyncIterator[Receiver]:
    async with receiver() as there:
        yield there


@pytest.fixture
async def broker() -> AsyncIterator[MemoryBroker]:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=2, replication=1)
    yield broker
    await broker.close()


@asynccontextmanager
async def notifying(broker: Broker, **settings: Any) -> AsyncIterator[None]:
    stop = asyncio.Event()
    made = Settings(
        _env_file=None, webhook_secret=SECRET, webhook_private=True, drain_timeout=1.0, **settings
    )
    task = asyncio.create_task(run(RoleProcess(made, broker, stop)))
    try:
        yield
    finally:
        stop.set()
        await within(task)


async def publish(broker: Broker, event: WatchFired | WatchExpired | None = None) -> None:
    await broker.publish(Message(*encode_watch_event(event or a_fire(), source="/test")))


async def test_notifier_delivers_fire_to_every_target(broker: MemoryBroker, received: Receiver) -> None:
    apprise = received.url.replace("http://", "json://") + "/people"
    async with notifying(broker, webhook_urls=received.url + "/hook", notify_urls=apprise):
        await publish(broker)
        await received.has(2)
    (hook,), (people,) = received.bodies("/hook"), received.bodies("/people")
    assert hook["fire_id"] == FIRE_ID
    assert people["title"] == "BTCUSDT touched 64000.5 (long)"
    assert FIRE_ID in people["message"]


async def test_notifier_delivers_note_link_and_expiry_in_the_language_of_the_installation(
    broker: MemoryBroker, received: Receiver
) -> None:
    apprise = received.url.replace("http://", "json://") + "/people"
    fields = a_fire(note="卖 <b>").model_dump(exclude={"type", "fire_id", "price", "arm", "late"})
    settings = {"public_url": "https://desk.example", "language": "zh", "notify_events": "fired,expired"}
    async with notifying(broker, webhook_urls=received.url + "/hook", notify_urls=apprise, **settings):
        await publish(broker, WatchExpired(**fields))
        await received.has(2)
    (hook,), (people,) = received.bodies("/hook"), received.bodies("/people")
    assert (hook["type"], hook["note"]) == ("expired", "卖 <b>")
    assert hook["chart_url"].startswith("https://desk.example/chart?symbol=BTCUSDT&exchange=sim")
    assert "已到期" in people["title"]
    assert people["message"].startswith("卖 <b>\n")
    assert hook["image_url"] == hook["chart_url"].replace("/chart?", "/chart.png?")
    assert hook["chart_url"] in people["message"]


async def test_notifier_dead_letters_undeliverable_fire_and_continues(
    broker: MemoryBroker, received: Receiver
) -> None:
    urls = f"http://127.0.0.1:{find_free_port()}/away {received.url}/hook"
    async with (
        broker.read([DEAD_LETTERS.name], Edge.END) as letters,
        notifying(broker, webhook_urls=urls, notify_within=2.0),
    ):
        await publish(broker)
        await received.has(1)
        await publish(broker)
        await received.has(2)
        letter = await within(anext(aiter(letters)))
    assert b"not delivered to webhook 1" in dict(letter.headers)["strandline_dl_error"]
    assert received.bodies("/hook")[0]["fire_id"] == FIRE_ID


async def test_notifier_retries_apprise_target_that_refuses(broker: MemoryBroker, received: Receiver) -> None:
    received.answers = [(500, {})]
    async with notifying(broker, notify_urls=received.url.replace("http://", "json://") + "/people"):
        await publish(broker)
        await received.has(2)
    assert len(received.bodies("/people")) == 2
