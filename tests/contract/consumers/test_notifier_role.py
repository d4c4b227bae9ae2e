"""The notifier role: fires reach webhooks and apprise targets, events of levels the webhooks that want them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from standardwebhooks.webhooks import Webhook as Verifier

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Message
from consumers.notifier.__main__ import run
from consumers.tracker.__main__ import run as run_tracker
from producers.role_process import RoleProcess
from runtime.settings import Settings
from schemas.records import TargetRecord
from schemas.tables import metadata
from schemas.topics import (
    DEAD_LETTERS,
    TOPICS,
    encode_completed,
    encode_level_event,
    encode_watch_event,
)
from schemas.watch_events import WatchExpired, WatchFired
from storage.database import open_database
from storage.notification_targets import list_targets
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.events import make_completed, make_market
from tests.support.fires import FIRE_ID, SECRET, Receiver, a_fire, receiver
from tests.support.level_notices import make_broke


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


@pytest.fixture
async def sqlite_engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()


@asynccontextmanager
async def notifying(
    broker: Broker, *, engine: AsyncEngine | None = None, **settings: Any
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    made = Settings(
        _env_file=None, webhook_secret=SECRET, webhook_private=True, drain_timeout=1.0, **settings
    )
    task = asyncio.create_task(run(RoleProcess(made, broker, stop), engine))
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


async def test_level_events_of_the_tracker_reach_the_webhook_that_wants_them(
    broker: MemoryBroker, received: Receiver, sqlite_engine: AsyncEngine
) -> None:
    hooks = [
        {"url": received.url + "/supports", "types": ["appeared"], "side": "support", "timeframe": "4h"},
        {"url": received.url + "/none", "exchange": "bybit"},
    ]
    stop = asyncio.Event()
    made = Settings(_env_file=None, drain_timeout=1.0)
    tracking = asyncio.create_task(run_tracker(RoleProcess(made, broker, stop), sqlite_engine))
    result = make_completed(make_market(timeframe="4h"))
    async with notifying(broker, level_webhooks=json.dumps(hooks)):
        await broker.publish(Message(*encode_completed(result, source="/test")))
        supports = {level.level_id for level in result.levels if level.side == "support"}
        await received.has(len(supports))
    stop.set()
    await within(tracking)
    assert {path for path, _, _ in received.posted} == {"/supports"}
    assert {body["level_id"] for body in received.bodies("/supports")} == supports
    _, headers, body = received.posted[0]
    verified = Verifier(base64.b64encode(SECRET.encode()).decode()).verify(body, headers)
    assert headers["webhook-id"] == verified["event_id"] == json.loads(body)["event_id"]


async def test_level_webhook_that_is_away_holds_up_no_fire(broker: MemoryBroker, received: Receiver) -> None:
    away = [{"url": f"http://127.0.0.1:{find_free_port()}/away"}]
    async with notifying(broker, level_webhooks=json.dumps(away), webhook_urls=received.url + "/hook"):
        for _ in range(3):
            await broker.publish(Message(*encode_level_event(make_broke(), source="/test")))
        await publish(broker)
        await received.has(1)
    assert [path for path, _, _ in received.posted] == ["/hook"]


async def find_target(engine: AsyncEngine, field: Literal["gone_at", "error"]) -> TargetRecord:
    """Return the first target whose `field` is set."""
    while True:
        for target in await list_targets(engine):
            if target[field] is not None:
                return target


async def test_level_webhook_that_is_gone_is_reported(
    broker: MemoryBroker, received: Receiver, sqlite_engine: AsyncEngine
) -> None:
    received.answers = [(410, {})]
    hooks = json.dumps([{"url": received.url + "/levels"}])
    async with notifying(broker, engine=sqlite_engine, level_webhooks=hooks):
        await broker.publish(Message(*encode_level_event(make_broke(), source="/test")))
        target = await within(find_target(sqlite_engine, "gone_at"))
    assert target["name"] == "level webhook 1 (127.0.0.1)"


async def test_level_webhook_that_refuses_is_reported(
    broker: MemoryBroker, received: Receiver, sqlite_engine: AsyncEngine
) -> None:
    received.answers = [(302, {})]
    hooks = json.dumps([{"url": received.url + "/levels"}])
    async with notifying(broker, engine=sqlite_engine, level_webhooks=hooks):
        await broker.publish(Message(*encode_level_event(make_broke(), source="/test")))
        target = await within(find_target(sqlite_engine, "error"))
    assert "redirect" in str(target["error"])
