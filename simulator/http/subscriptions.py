"""Messages of websocket clients and Binance's names of streams. Pure.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal["miniTicker", "ticker", "kline_1m", "trade", "aggTrade"]
_CHANNELS: dict[str, Channel] = {name: name for name in get_args(Channel)}
_EVERYTHING = {"!miniTicker@arr"}


@dataclass(frozen=True, slots=True)
class StreamSubscription:
    """`btcusdt@miniTicker`, `btcusdt@kline_1m`, `btcusdt@trade`; `symbol` None: all of them, in one message."""

    symbol: str | None
    channel: Channel


def parse_stream(stream: str) -> StreamSubscription | None:
    """Return the subscription a stream's name means; None for one that is not simulated, which then stays silent."""
    if stream in _EVERYTHING:
        return StreamSubscription(None, "miniTicker")
    symbol, _, channel = stream.partition("@")
    if not symbol or channel not in _CHANNELS:
        return None
    return StreamSubscription(symbol.upper(), _CHANNELS[channel])


def answer_message(text: str, streams: set[str]) -> str:
    """Return the answer to a client's message; updates `streams`, the names that it follows."""
    try:
        message = json.loads(text)
    except ValueError:
        return json.dumps({"error": {"code": 3, "msg": "Invalid JSON"}})
    match message:
        case {"method": "SUBSCRIBE", "params": [*names], "id": number} if _all_text(names):
            streams.update(names)
        case {"method": "UNSUBSCRIBE", "params": [*names], "id": number} if _all_text(names):
            streams.difference_update(names)
        case {"method": "LIST_SUBSCRIPTIONS", "id": number}:
            return json.dumps({"result": sorted(streams), "id": number})
        case _:
            return json.dumps({"error": {"code": 2, "msg": "Invalid request: unknown method or parameters"}})
    return json.dumps({"result": None, "id": number})


def _all_text(names: Iterable[object]) -> bool:
    return all(isinstance(name, str) for name in names)
