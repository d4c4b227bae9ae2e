"""Web Push against a push service on loopback."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.notifier.web_push.encryption import MAX_PLAIN, encode_base64url, encode_point
from consumers.notifier.web_push.target import WebPush, build_payload
from consumers.notifier.web_push.vapid import generate_keys, read_private
from runtime.clock import SystemClock
from runtime.errors import Transient
from schemas.records import PushSubscriptionRecord
from schemas.tables import metadata
from storage import push_subscriptions as table
from storage.database import open_database
from tests.support.events import NOON
from tests.support.fires import Receiver, a_fire, receiver

BROWSER = encode_base64url(encode_point(read_private(generate_keys().private).public_key()))


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()


@asynccontextmanager
async def open_target(engine: AsyncEngine, *, private: bool = True) -> AsyncIterator[WebPush]:
    key = read_private(generate_keys().private)
    target = WebPush(
        key,
        "mailto:ops@example.com",
        engine,
        language="en",
        timeout=30,
        clock=SystemClock(),
        private=private,
    )
    yield target
    await target.close()


async def subscribe(engine: AsyncEngine, endpoint: str, key: str = BROWSER) -> None:
    auth = encode_base64url(b"a" * 16)
    await table.store(
        engine,
        PushSubscriptionRecord(
            id=table.build_id(endpoint), endpoint=endpoint, p256dh=key, auth=auth, created_at=NOON
        ),
    )


async def list_endpoints(engine: AsyncEngine) -> list[str]:
    return [one["endpoint"] for one in await table.load_all(engine)]


async def test_fire_is_sent_encrypted_and_signed_to_each_browser(engine: AsyncEngine) -> None:
    async with receiver() as service, open_target(engine) as target:
        for name in ("one", "two"):
            await subscribe(engine, f"{service.url}/{name}")
        await target.send(a_fire())
    assert sorted(path for path, _, _ in service.posted) == ["/one", "/two"]
    for _, headers, body in service.posted:
        assert headers["content-encoding"] == "aes128gcm"
        assert headers["authorization"].startswith("vapid t=")
        assert (headers["ttl"], headers["urgency"]) == ("3600", "high")
        assert b"BTCUSDT" not in body


@pytest.mark.parametrize("status", [404, 410, 301])
async def test_subscription_that_is_gone_is_deleted(engine: AsyncEngine, status: int) -> None:
    async with receiver() as service, open_target(engine) as target:
        await subscribe(engine, f"{service.url}/gone")
        service.answers.append((status, {"location": "http://127.0.0.1/"}))
        await target.send(a_fire())
        assert len(service.posted) == 1
    assert await list_endpoints(engine) == []


async def test_another_attempt_goes_only_to_those_that_have_nothing(engine: AsyncEngine) -> None:
    async with receiver() as service, open_target(engine) as target:
        await subscribe(engine, f"{service.url}/one")
        service.answers.append((503, {}))
        with pytest.raises(Transient, match="1 of 1"):
            await target.send(a_fire())
        await target.send(a_fire())
        await target.send(a_fire())
    assert [path for path, _, _ in service.posted] == ["/one", "/one"]


async def test_browser_that_always_fails_holds_up_no_other_and_is_deleted(engine: AsyncEngine) -> None:
    async with receiver() as service, receiver() as away, open_target(engine) as target:
        away.is_away = True
        await subscribe(engine, f"{service.url}/good")
        await subscribe(engine, f"{away.url}/bad")
        for number in range(20):
            assert len(await list_endpoints(engine)) == 2
            await target.send(a_fire(fire_id=f"fire-{number}"))
    assert len(service.posted) == 20
    assert await list_endpoints(engine) == [f"{service.url}/good"]


async def test_longest_note_fits_and_deletes_no_subscription(engine: AsyncEngine) -> None:
    fire = a_fire(note="\U0001f600" * 5_000)
    assert len(build_payload(fire, "zh")) <= MAX_PLAIN
    assert len(build_payload(a_fire(note="\n" * 5_000), "zh")) <= MAX_PLAIN
    async with receiver() as service, open_target(engine) as target:
        await subscribe(engine, f"{service.url}/one")
        await target.send(fire)
        assert len(service.posted) == len(await list_endpoints(engine)) == 1


async def test_private_address_is_never_called(engine: AsyncEngine) -> None:
    async with receiver() as service, open_target(engine, private=False) as target:
        await subscribe(engine, f"{service.url}/x")
        await subscribe(engine, service.url.replace("127.0.0.1", "localhost"))
        await target.send(a_fire())
        assert service.posted == []
    assert await list_endpoints(engine) == []


async def test_broken_key_of_one_browser_does_not_stop_another(engine: AsyncEngine) -> None:
    service: Receiver
    async with receiver() as service, open_target(engine) as target:
        await subscribe(engine, f"{service.url}/bad", key=encode_base64url(b"\x04" + b"\x01" * 64))
        await subscribe(engine, f"{service.url}/good")
        await target.send(a_fire())
        assert [path for path, _, _ in service.posted] == ["/good"]
        assert await list_endpoints(engine) == [f"{service.url}/good"]


def test_payload_has_words_a_tag_and_an_address_of_the_pages() -> None:
    shown = json.loads(build_payload(a_fire(), "zh"))
    assert shown["tag"] == a_fire().event_id
    assert "触及" in shown["title"]
    assert shown["url"] == "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h"
