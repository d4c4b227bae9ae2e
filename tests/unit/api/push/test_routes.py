from contextlib import AbstractAsyncContextManager

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from storage import push_subscriptions as table
from tests.unit.api.fakes import client_of, dependencies

PUSH = "/api/v1/push"
KEY = "B" * 87
BODY = {
    "endpoint": "https://push.example/send/1",
    "keys": {"p256dh": "A" * 87, "auth": "a" * 22},
    "expirationTime": None,
}


def open_client(engine: AsyncEngine) -> AbstractAsyncContextManager[AsyncClient]:
    """The application of a server with keys."""
    return client_of(dependencies(engine, broker=MemoryBroker(), vapid_public_key=KEY))


async def test_server_without_keys_takes_no_subscription(client: AsyncClient) -> None:
    assert (await client.get(PUSH)).json() == {"public_key": None}
    refused = await client.post(f"{PUSH}/subscriptions", json=BODY)
    assert refused.status_code == 404
    assert "strandline keys vapid" in refused.json()["detail"]


async def test_browser_subscribes_and_unsubscribes(engine: AsyncEngine) -> None:
    async with open_client(engine) as client:
        assert (await client.get(PUSH)).json() == {"public_key": KEY}
        answers = [await client.post(f"{PUSH}/subscriptions", json=BODY) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        (stored,) = await table.load_all(engine)
        assert (stored["id"], stored["endpoint"]) == (answers[0].json()["id"], BODY["endpoint"])
        assert (await client.delete(f"{PUSH}/subscriptions/{stored['id']}")).status_code == 204
        assert await table.load_all(engine) == []
        assert (await client.delete(f"{PUSH}/subscriptions/{stored['id']}")).status_code == 204


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/1",
        "https://push.example:8443/1",
        "https://user@push.example/",
        "https:///1",
        "file:///etc/passwd",
    ],
)
async def test_endpoint_must_be_https_on_its_port(engine: AsyncEngine, endpoint: str) -> None:
    async with open_client(engine) as client:
        refused = await client.post(f"{PUSH}/subscriptions", json=BODY | {"endpoint": endpoint})
    assert refused.status_code == 422


async def test_number_of_subscriptions_is_bounded(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAX_SUBSCRIPTIONS", 1)
    async with open_client(engine) as client:
        await client.post(f"{PUSH}/subscriptions", json=BODY)
        again = await client.post(f"{PUSH}/subscriptions", json=BODY)
        other = await client.post(
            f"{PUSH}/subscriptions", json=BODY | {"endpoint": "https://push.example/send/2"}
        )
    assert (again.status_code, other.status_code) == (201, 409)
