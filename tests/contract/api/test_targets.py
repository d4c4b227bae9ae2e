"""`/api/v1/targets`: the targets that the notifier reports, and tests of them."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from consumers.notifier.message_text import Notification, TargetTestNotice, build_test_notice
from consumers.notifier.target_board import TargetBoard
from consumers.notifier.targets import TargetRefused
from consumers.notifier.webhook import Webhook
from runtime.clock import Clock, SystemClock
from runtime.errors import Permanent
from runtime.tasks import cancel_and_wait
from storage.notification_targets import TargetTest, request_test
from tests.support.deadlines import within
from tests.support.events import NOON
from tests.support.fires import SECRET, Receiver, a_fire, receiver
from tests.support.sinks import SwiftClock
from tests.unit.api.fakes import client_of, dependencies

TARGETS = "/api/v1/targets"


class ScriptedTarget:
    """A target that keeps what it accepts, or refuses everything."""

    kind = "fake"

    def __init__(self, name: str, error: str | None = None) -> None:
        self.name = name
        self.accepted: list[Notification] = []
        self._error = error

    async def send(self, event: Notification) -> None:
        if self._error:
            raise TargetRefused(self._error)
        self.accepted.append(event)

    async def close(self) -> None: ...


async def test_targets_are_those_of_the_notifier(client: AsyncClient, engine: AsyncEngine) -> None:
    assert (await client.get(TARGETS)).json() == {"data": []}
    board = TargetBoard([ScriptedTarget("mail 1"), ScriptedTarget("webhook 1 (bot)")], engine, SystemClock())
    await board.update(engine)
    board.note("mail 1", "it answers HTTP 500")
    board.note("webhook 1 (bot)", None)
    await board.update(engine)
    listed = (await client.get(TARGETS)).json()["data"]
    assert [(one["name"], one["state"], one["error"]) for one in listed] == [
        ("mail 1", "failing", "it answers HTTP 500"),
        ("webhook 1 (bot)", "ok", None),
    ]
    assert listed[1]["delivered_at"] is not None

    await TargetBoard([ScriptedTarget("mail 1")], engine, SystemClock()).update(engine)
    (kept,) = (await client.get(TARGETS)).json()["data"]
    assert (kept["name"], kept["state"]) == ("mail 1", "failing")


@pytest.mark.parametrize("error", [None, "it answers HTTP 401"])
async def test_target_test_is_sent_by_the_notifier(
    engine: AsyncEngine, broker: MemoryBroker, error: str | None
) -> None:
    target = ScriptedTarget("webhook 1 (bot)", error)
    board = TargetBoard([target], engine, SystemClock())
    await board.update(engine)
    following = asyncio.create_task(board.follow())
    try:
        # Both on the real clock: with the client's own, the time to wait would pass at once.
        async with client_of(dependencies(engine, broker=broker, clock=SystemClock())) as client:
            answer = await client.post(f"{TARGETS}/webhook%201%20(bot)/test")
    finally:
        await cancel_and_wait(following)
    assert answer.json() == {"name": "webhook 1 (bot)", "delivered": error is None, "error": error}
    assert all(isinstance(event, TargetTestNotice) and event.type == "test" for event in target.accepted)
    assert len(target.accepted) == (error is None)


async def test_target_that_does_not_exist_cannot_be_tested(client: AsyncClient) -> None:
    assert (await client.post(f"{TARGETS}/mail%209/test")).status_code == 404


def open_webhook(received: Receiver, path: str = "/hook?token=secret") -> Webhook:
    url = received.url + path
    return Webhook("webhook 1 (bot)", url, SECRET, private=True, timeout=10.0, clock=SystemClock())


async def start_notifier(target: Webhook, engine: AsyncEngine, clock: Clock | None = None) -> TargetBoard:
    board = TargetBoard([target], engine, clock or SystemClock())
    await board.restore()
    return board


async def test_target_that_is_gone_stays_so_over_a_restart_and_operators_see_it(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    async with receiver() as received:
        received.answers = [(410, {})]
        first = open_webhook(received)
        board = await start_notifier(first, engine)
        with pytest.raises(Permanent, match="410"):
            await within(first.send(a_fire()))
        await board.update(engine)

        second = open_webhook(received)
        await start_notifier(second, engine)
        with pytest.raises(Permanent, match="410"):
            await within(second.send(a_fire()))
        assert len(received.posted) == 1
        for answer in (await client.get(TARGETS), await client.get("/api/v1/pipeline")):
            listed = answer.json().get("data") or answer.json()["targets"]
            assert [(one["state"], one["address_hash"]) for one in listed] == [("gone", first.address_hash)]
            assert listed[0]["gone_at"] is not None
            assert "secret" not in answer.text

        another = open_webhook(received, "/new")
        await start_notifier(another, engine)
        await within(another.send(a_fire()))
        assert (await client.get(TARGETS)).json()["data"][0]["state"] == "ok"


async def test_target_that_is_gone_is_back_once_it_accepts_a_test(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    async with receiver() as received:
        received.answers = [(410, {}), (410, {})]
        target = open_webhook(received)
        board = await start_notifier(target, engine)
        for event in (a_fire(), build_test_notice("t", NOON)):
            with pytest.raises(Permanent, match="410"):
                await within(target.send(event))
        await board.update(engine)
        assert (await client.get(TARGETS)).json()["data"][0]["state"] == "gone"
        await within(target.send(build_test_notice("t", NOON)))
        await within(target.send(a_fire()))
        await board.update(engine)
        assert (await client.get(TARGETS)).json()["data"][0]["state"] == "ok"


async def test_target_that_is_gone_is_back_once_another_notifier_tested_it(
    client: AsyncClient, engine: AsyncEngine
) -> None:
    clock = SwiftClock()
    async with receiver() as received:
        received.answers = [(410, {})]
        target, another = open_webhook(received), open_webhook(received)
        board = await start_notifier(target, engine, clock)
        tester = await start_notifier(another, engine, clock)
        with pytest.raises(Permanent, match="410"):
            await within(target.send(a_fire()))
        await board.update(engine)
        assert await request_test(engine, TargetTest(target.name, "t"))
        await tester.update(engine)
        assert (await client.get(TARGETS)).json()["data"][0]["state"] == "ok"
        await clock.sleep(10.0)
        await board.update(engine)
        await within(target.send(a_fire()))


async def test_target_that_is_gone_is_sent_nothing_by_any_notifier(engine: AsyncEngine) -> None:
    clock = SwiftClock()
    async with receiver() as received:
        received.answers = [(410, {})]
        target, another = open_webhook(received), open_webhook(received)
        moved = open_webhook(received, "/new")
        board = await start_notifier(target, engine, clock)
        follower = await start_notifier(another, engine, clock)
        with pytest.raises(Permanent, match="410"):
            await within(target.send(a_fire()))
        await board.update(engine)
        await clock.sleep(10.0)
        await follower.update(engine)
        with pytest.raises(Permanent, match="410"):
            await within(another.send(a_fire()))
        assert len(received.posted) == 1

        # A notifier with another address comes while those before it still run.
        newest = await start_notifier(moved, engine, clock)
        target.gone_at = NOON
        await board.update(engine)
        await clock.sleep(10.0)
        await newest.update(engine)
        await within(moved.send(a_fire()))
