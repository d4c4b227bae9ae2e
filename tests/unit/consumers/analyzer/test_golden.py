"""What is published, byte for byte, headers included: a change of it must be deliberate.

`STRANDLINE_UPDATE_GOLDEN=1 pytest tests/unit/consumers/analyzer/test_golden.py` writes the file again.
"""

import json
import os
import secrets
from itertools import count
from pathlib import Path

import pytest

from broker.ports import Message, Record
from exchanges.ports import Candle, Series
from levels.evaluation.synthetic import HOUR_MS, make_planted_market, make_random_walk
from runtime.errors import Permanent, Transient
from schemas.topics import REQUESTS
from tests.support.analyzing import AnalyzerBench
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series

FILE = Path(__file__).parents[3] / "data" / "analyzer" / "published.json"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def with_unclosed(candles: Series, price: float) -> Series:
    unclosed = Candle(int(candles.closed.time[-1]) + HOUR_MS, price, price, price, price, 1.0)
    return Series(candles.closed, unclosed, (), ("2 candles dropped: é", "1 repaired"))


PLANTED = Series(make_planted_market(1).candles, None, ())
SCENES: dict[str, tuple[Series | Exception, list[dict[str, object]]]] = {
    "planted": (PLANTED, [{"symbol": "BTCUSDT", "request_id": "planted"}]),
    "unclosed": (with_unclosed(PLANTED, 101.237), [{"symbol": "ETH/USDT", "timeframe": "15m"}]),
    "p_hold": (PLANTED, [{"symbol": "BTCUSDT", "params": {"method": "p_hold"}}]),
    "reference": (PLANTED, [{"symbol": "BTCUSDT", "params": {"method": "reference"}}]),
    "walk": (Series(make_random_walk(2), None, ()), [{"symbol": "X/USDT:USDT", "market_type": "future"}]),
    "cheap": (Series(make_random_walk(3, start=0.000123), None, ()), [{"symbol": "PEPEUSDT"}]),
    "no levels": (series(45), [{"symbol": "BTCUSDT", "params": {"min_touches": 50}}]),
    "joined": (PLANTED, [{"symbol": "BTCUSDT", "request_id": f"joined-{n}"} for n in (2, 1, 3)]),
    "too few": (series(5), [{"symbol": "BTCUSDT", "request_id": "short"}]),
    "unknown": (Permanent("unknown_symbol", "not listed"), [{"symbol": "NOUSDT", "request_id": "none"}]),
    "expired": (Transient("banned", retry_after=7_200), [{"symbol": "BTCUSDT", "request_id": "late"}]),
    "refused": (PLANTED, [{"symbol": "BTCUSDT", "limit": 0, "request_id": "zero"}]),
    "internal": (RuntimeError("a bug"), [{"symbol": "BTCUSDT", "request_id": "bug"}]),
}


async def publish_scene(name: str) -> list[Message]:
    """Handle the requests of a scene, within a trace but for one."""
    answer, bodies = SCENES[name]
    bench = AnalyzerBench(ScriptedSource(answer))
    headers = (("traceparent", TRACEPARENT.encode()),) if name != "walk" else ()
    stamp = int(START.timestamp() * 1_000)
    records = [
        Record(REQUESTS.name, 3, offset, b"key", json.dumps(body).encode(), headers, stamp)
        for offset, body in enumerate(bodies)
    ]
    await within(bench.handle_records(*records))
    return bench.broker.messages


def to_json(message: Message) -> dict[str, object]:
    return {
        "topic": message.topic,
        "key": (message.key or b"").decode(),
        "headers": [[name, value.decode()] for name, value in message.headers],
        "value": (message.value or b"").decode(),
    }


async def test_published_records_equal_the_golden_file(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(1)
    monkeypatch.setattr(secrets, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    published = {name: [to_json(one) for one in await publish_scene(name)] for name in SCENES}
    text = json.dumps(published, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("STRANDLINE_UPDATE_GOLDEN"):
        FILE.write_text(text)
    assert text == FILE.read_text()
