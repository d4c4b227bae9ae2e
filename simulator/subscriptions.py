"""What a websocket client may say, and what it then follows: Binance's names of streams. Pure.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Channel = Literal["miniTicker", "ticker"]
_CHANNELS: dict[str, Channel] = {"miniTicker": "miniTicker", "ticker": "ticker"}
_EVERYTHING = {"!miniTicker@arr"}


@dataclass(frozen=True, slots=True)
class Followed:
    """`btcusdt@miniTicker`; `symbol` None: all of them, in one message."""

    symbol: str | None
    channel: Channel


def followed(stream: str) -> Followed | None:
    """What a stream's name stands for; None for those that are not simulated, which stay silent as unknown ones do."""
    if stream in _EVERYTHING:
        return Followed(None, "miniTicker")
    symbol, _, channel = stream.partition("@")
    if not symbol or channel not in _CHANNELS:
        return None
    return Followed(symbol.upper(), _CHANNELS[channel])


def answered(said: str, streams: set[str]) -> str:
    """The answer to a client's message; `streams`, the names that it follows, are changed as it asks."""
    try:
        message = json.loads(said)
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
