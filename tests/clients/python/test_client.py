"""The Python client against a server of its own answers: what it sends, retries, and raises."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx
import pytest

from strandline_client import AnalysisFailed, Client, NotFound, Refused, Unavailable
from strandline_client.http import find_proxy

RESULT: dict[str, Any] = {
    "id": 7,
    "exchange": "binance",
    "symbol": "BTCUSDT",
    "market_type": "spot",
    "timeframe": "1h",
    "input_limit": 1999,
    "support_levels": [64000.5],
    "resistance_levels": [],
    "last_price": 65432.1,
    "created_at": "2026-11-20T08:00:03Z",
    "updated_at": "2026-11-22T12:00:04Z",
    "candle_at": "2026-11-22T11:00:00Z",
    "analyzed_at": "2026-11-22T12:00:03.5Z",
    "levels": None,
    "a_later_field": {"x": 1},
}

Answer = httpx.Response | Exception


class Server(httpcore.ConnectionPool):
    """Answers calls in order, and records them."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.calls: list[httpx.Request] = []
        self._answers = list(answers)

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        url = f"http://server{request.url.target.decode()}"
        body = b"".join(request.stream)  # type: ignore[arg-type]  # it is that of a synchronous client
        self.calls.append(httpx.Request(request.method, url, headers=request.headers, content=body))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpcore.Response(answer.status_code, headers=answer.headers.raw, content=answer.content)


Connect = Callable[..., tuple[Client, Server, list[float]]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Return a function that connects a client to a server with these answers; its pauses are recorded."""
    opened: list[Client] = []

    def connect(*answers: Answer, **options: Any) -> tuple[Client, Server, list[float]]:
        server, pauses = Server(*answers), []
        client = Client("http://server", pool=server, **options)
        client._sleep = pauses.append
        opened.append(client)
        return client, server, pauses

    yield connect
    for client in opened:
        client.close()


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def problem(status: int, detail: str, **headers: str) -> httpx.Response:
    return answer({"title": "x", "status": status, "detail": detail}, status, **headers)


def test_result_reads_times_and_keeps_unknown_fields(connect: Connect) -> None:
    client, server, _ = connect(answer({"data": RESULT}))
    result = client.result_of("binance:spot:BTCUSDT:1h", at=datetime(2026, 11, 22, 13, tzinfo=UTC))
    assert result.analyzed_at == datetime(2026, 11, 22, 12, 0, 3, 500_000, UTC)
    assert (result.market, result.levels) == ("binance:spot:BTCUSDT:1h", ())
    assert result.raw["a_later_field"] == {"x": 1}
    assert server.calls[0].url.path == "/api/v1/analysis/by-market/binance:spot:BTCUSDT:1h"
    assert server.calls[0].url.params["at"] == "2026-11-22T13:00:00+00:00"


def test_all_results_follow_the_cursor(connect: Connect) -> None:
    client, server, _ = connect(
        answer({"data": [RESULT, RESULT], "next": "9"}), answer({"data": [RESULT], "next": None})
    )
    assert [result.id for result in client.all_results(exchange="binance")] == [7, 7, 7]
    assert [call.url.params["after"] for call in server.calls] == ["0", "9"]
    assert {call.url.params["include"] for call in server.calls} == {"levels"}


def test_near_levels_ask_with_what_is_given(connect: Connect) -> None:
    near = {
        "market": {"exchange": "binance", "market_type": "spot", "symbol": "BTCUSDT", "timeframe": "1h"},
        "level_id": "S1700000000000",
        "side": "support",
        "origin_side": "support",
        "price": 64_000.5,
        "low": 63_990.0,
        "high": 64_010.0,
        "distance_pct": 0.1,
        "distance_atr": None,
        "last_price": 64_064.5,
        "is_live": True,
        "score": 0.5,
        "touches": 3,
        "bounces": 2,
        "breaks": 0,
        "first_touch_at": "2026-11-22T12:00:00Z",
        "last_touch_at": "2026-11-22T13:00:00Z",
        "known_at": "2026-11-22T14:00:00Z",
    }
    client, server, _ = connect(answer({"data": [near], "total": 1}))
    (level,) = client.near_levels(within_atr=0.5, side="support", fresh=False, quote=None)
    assert (level.level_id, level.is_live, level.distance_atr) == ("S1700000000000", True, None)
    assert level.first_touch_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert str(level.market) == "binance:spot:BTCUSDT:1h"
    assert server.calls[0].url.path == "/api/v1/levels/near"
    assert dict(server.calls[0].url.params) == {"within_atr": "0.5", "side": "support", "fresh": "false"}


def test_candles_are_those_of_a_market_key(connect: Connect) -> None:
    candle = {"timestamp": 1_795_345_200_000, "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 9}
    client, server, _ = connect(answer({"data": [candle | {"is_closed": True}]}))
    since = datetime(2026, 11, 22, 12, tzinfo=UTC)
    (read,) = client.candles("binance:spot:BTCUSDT:1h", 5, since=since)
    assert (read.timestamp, read.close) == (datetime(2026, 11, 22, 11, tzinfo=UTC), 1.5)
    market = {"exchange": "binance", "market_type": "spot", "symbol": "BTCUSDT", "interval": "1h"}
    span = {"limit": "5", "since": str(int(since.timestamp() * 1000))}
    assert dict(server.calls[0].url.params) == market | span
    with pytest.raises(ValueError, match="BTCUSDT is not a market key"):
        client.candles("BTCUSDT")


def test_packed_answers_are_unpacked(connect: Connect) -> None:
    packed = httpx.Response(
        200, content=gzip.compress(json.dumps({"data": RESULT}).encode()), headers={"X-Encoding": "gzip"}
    )
    packed.headers["Content-Encoding"] = packed.headers.pop("X-Encoding")
    client, server, _ = connect(packed)
    assert client.result(7).id == 7
    assert server.calls[0].headers["Accept-Encoding"] == "gzip"


def test_proxy_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    proxy = find_proxy("http://strandline.example")
    assert proxy is not None
    assert proxy.url.host == b"proxy"
    assert find_proxy("http://inside.example:8000") is None


def test_result_refuses_a_time_without_zone(connect: Connect) -> None:
    client, server, _ = connect()
    with pytest.raises(ValueError, match="time zone"):
        client.result(7, at=datetime(2026, 11, 22))  # noqa: DTZ001 - the point
    assert server.calls == []


def test_api_key_is_sent(connect: Connect) -> None:
    client, server, _ = connect(answer({"data": RESULT}), api_key="k")
    client.result(7)
    assert server.calls[0].headers["X-API-Key"] == "k"


@pytest.mark.parametrize(
    "trouble",
    [
        problem(503, "busy"),
        httpcore.ConnectError("refused"),
        httpcore.ReadTimeout("slow"),
        httpx.Response(502, text="bad"),
    ],
)
def test_calls_are_retried_while_the_server_is_away(connect: Connect, trouble: Answer) -> None:
    client, server, pauses = connect(trouble, answer({"data": RESULT}))
    assert client.result(7).id == 7
    assert (len(server.calls), pauses) == (2, [0.5])


def test_retries_wait_as_long_as_the_server_demands(connect: Connect) -> None:
    client, _, pauses = connect(
        problem(429, "slower", **{"Retry-After": "7"}), problem(503, "busy"), answer({"data": RESULT})
    )
    client.result(7)
    assert pauses == [7.0, 1.0]


def test_unavailable_is_raised_when_the_retries_are_used_up(connect: Connect) -> None:
    client, server, _ = connect(*(problem(503, "the broker is away") for _ in range(3)), retries=2)
    with pytest.raises(Unavailable, match="the broker is away"):
        client.result(7)
    assert len(server.calls) == 3


def test_deletion_is_not_repeated(connect: Connect) -> None:
    client, server, _ = connect(problem(503, "busy"))
    with pytest.raises(Unavailable):
        client.delete_watch("w")
    assert len(server.calls) == 1


def test_requests_have_an_id_that_retries_repeat(connect: Connect) -> None:
    accepted = answer({"request_id": "x", "status": "queued"}, 202)
    client, server, _ = connect(httpcore.ReadTimeout("slow"), accepted)
    client.request("BTC/USDT", "4h", limit=3000)
    first, second = (call.read() for call in server.calls)
    assert first == second
    assert b"request_id" in first


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (422, Refused), (401, Refused)])
def test_refusals_have_the_words_of_the_server(connect: Connect, status: int, kind: type[Refused]) -> None:
    client, _, pauses = connect(problem(status, "limit: too small"))
    with pytest.raises(kind, match="limit: too small") as error:
        client.result(7)
    assert (error.value.status, pauses) == (status, [])


def test_analyze_returns_the_result_of_the_waiting_call(connect: Connect) -> None:
    client, server, _ = connect(answer({"request_id": "x", "status": "completed", "result": RESULT}))
    assert client.analyze("BTC/USDT", within=30).id == 7
    assert server.calls[0].url.params["wait"] == "30"


def test_analyze_follows_the_job_until_it_ends(connect: Connect) -> None:
    queued = answer({"request_id": "x", "status": "queued"}, 202)
    running = answer({"request_id": "x", "status": "queued"})
    done = answer({"request_id": "x", "status": "completed", "result_id": 7})
    client, server, pauses = connect(queued, running, done, answer({"data": RESULT}))
    assert client.analyze("BTC/USDT").id == 7
    assert ([call.url.path for call in server.calls[1:]], pauses) == (
        ["/api/v1/jobs/x", "/api/v1/jobs/x", "/api/v1/analysis/7"],
        [1.0],
    )


def test_analyze_raises_the_reason_of_a_failure(connect: Connect) -> None:
    failed = {"request_id": "x", "status": "failed", "reason": "unknown_symbol", "message": "no such market"}
    client, _, _ = connect(answer(failed))
    with pytest.raises(AnalysisFailed, match="unknown_symbol: no such market") as error:
        client.analyze("NOPE/USDT")
    assert (error.value.reason, error.value.request_id) == ("unknown_symbol", "x")


def stream(*lines: str) -> httpx.Response:
    return httpx.Response(200, text="\n".join(lines) + "\n")


FIRE = 'data: {"type":"fired","fire_id":"f1"}'


def test_stream_resumes_after_a_cut_without_repeating(connect: Connect) -> None:
    first = stream(
        ": following", "retry: 3000", "", "id: a-1", "event: watch", FIRE, "", "id: a-2", "event: wat"
    )
    second = stream("id: a-1", "event: watch", FIRE, "", "id: a-3", "event: price", 'data: {"price":1}', "")
    client, server, _ = connect(first, httpcore.ConnectError("refused"), second)
    events = client.stream(types=iter(["watch", "price"]))
    assert [(event.id, event.kind) for event in (next(events), next(events))] == [
        ("a-1", "watch"),
        ("a-3", "price"),
    ]
    events.close()  # type: ignore[attr-defined]
    assert [call.headers.get("Last-Event-ID") for call in server.calls] == [None, "a-1", "a-1"]
    assert {call.url.params["types"] for call in server.calls} == {"watch,price"}


def test_stream_raises_a_refusal(connect: Connect) -> None:
    client, _, _ = connect(problem(422, "types: unknown 'x'"))
    with pytest.raises(Refused, match="types: unknown"):
        next(client.stream(types=["x"]))


def test_stream_gives_up_when_the_server_stays_away(connect: Connect) -> None:
    client, server, _ = connect(*(httpcore.ConnectError("refused") for _ in range(4)), retries=3)
    with pytest.raises(Unavailable):
        next(client.stream())
    assert len(server.calls) == 4
