"""Several requests in one call: each is accepted or refused by itself."""

import json

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from api.requests.batch import find_repeated_ids
from broker.memory.broker import MemoryBroker
from schemas.http.jobs import MAX_BATCH
from tests.unit.api.fakes import AwayBroker, client_of, dependencies, put_job
from tests.unit.api.requests.test_submission import read_published

PATH = "/api/v1/analysis/batch"


async def test_batch_accepts_each_valid_request_and_refuses_the_others(
    client: AsyncClient, broker: MemoryBroker
) -> None:
    answer = await client.post(
        PATH,
        json={
            "requests": [
                {"symbol": "BTCUSDT", "request_id": "a"},
                {"symbol": "BTCUSDT", "limit": 0},
                {"symbol": "ETH/USDT", "timeframe": "7h", "request_id": "c"},
                {"timeframe": "1h"},
                {"symbol": "SOLUSDT", "request_id": "a"},
                {"symbol": "SOLUSDT"},
            ]
        },
    )
    assert answer.status_code == 202
    body = answer.json()
    assert [one["index"] for one in body["accepted"]] == [0, 5]
    assert body["accepted"][0]["request_id"] == "a"
    refused = {one["index"]: one for one in body["refused"]}
    assert list(refused) == [1, 2, 3, 4]
    assert refused[1]["error"].startswith("limit: ")
    assert (refused[2]["request_id"], "7h" in refused[2]["error"]) == ("c", True)
    assert refused[3] == {
        "index": 3,
        "error": "symbol: Field required",
        "request_id": None,
        "retryable": False,
    }
    assert (refused[4]["request_id"], refused[4]["error"]) == (
        "a",
        "request_id: is that of an earlier request here",
    )
    records = await read_published(broker, 2)
    assert {json.loads(record.value or b"")["symbol"] for record in records} == {"BTCUSDT", "SOLUSDT"}


async def test_batch_refuses_an_id_of_another_market(engine: AsyncEngine, client: AsyncClient) -> None:
    await put_job(engine, "mine", status="queued", market="binance:spot:ETHUSDT:1h")
    answer = await client.post(
        PATH, json={"requests": [{"symbol": "BTCUSDT", "request_id": "mine"}, {"symbol": "BTCUSDT"}]}
    )
    (refused,) = answer.json()["refused"]
    assert (refused["index"], refused["request_id"], refused["retryable"]) == (0, "mine", False)
    assert "binance:spot:ETHUSDT:1h" in refused["error"]


@pytest.mark.parametrize("requests", [[], None, ["BTCUSDT"], [{"symbol": "BTCUSDT"}] * (MAX_BATCH + 1)])
async def test_batch_refuses_a_body_that_is_no_batch(client: AsyncClient, requests: object) -> None:
    answer = await client.post(PATH, json={"requests": requests})
    assert answer.status_code == 422
    assert "requests" in answer.json()["detail"]


async def test_batch_takes_the_largest_number_of_requests(client: AsyncClient, broker: MemoryBroker) -> None:
    body = {
        "symbol": "BTC/USDT",
        "exchange": "binance",
        "market_type": "spot",
        "timeframe": "15m",
        "limit": 2000,
    }
    requests = [body | {"request_id": f"{number:0>36}"} for number in range(MAX_BATCH)]
    answer = await client.post(PATH, json={"requests": requests})
    assert len(answer.json()["accepted"]) == MAX_BATCH
    assert len(await read_published(broker, MAX_BATCH)) == MAX_BATCH


async def test_batch_is_unavailable_while_the_broker_is_away(engine: AsyncEngine) -> None:
    async with client_of(dependencies(engine, broker=AwayBroker())) as client:
        answer = await client.post(PATH, json={"requests": [{"symbol": "BTCUSDT"}, {"symbol": ""}]})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


@given(ids=st.lists(st.sampled_from(["a", "b", "c", None, 3])))
def test_repeated_ids_leave_each_id_once(ids: list[object]) -> None:
    bodies = [{"request_id": one} for one in ids]
    repeated = find_repeated_ids(bodies)
    kept = [one for index, one in enumerate(ids) if index not in repeated and isinstance(one, str)]
    assert sorted(kept) == sorted({one for one in ids if isinstance(one, str)})
    assert all(isinstance(ids[index], str) for index in repeated)
