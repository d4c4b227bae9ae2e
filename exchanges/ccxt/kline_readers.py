"""Read 1m klines, with their final flag, from the messages of exchanges: ccxt drops the flag. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from exchanges.ports import Candle


class PushedKline(NamedTuple):
    """A kline with the exchange's own id of its market. `sent_at`: ms."""

    market_id: str
    candle: Candle
    is_final: bool
    sent_at: int


KlineReader = Callable[[Mapping[str, Any]], Iterator[PushedKline]]


def read_binance(message: Mapping[str, Any]) -> Iterator[PushedKline]:
    """https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams."""
    kline = message.get("k") or {}
    if message.get("e") == "kline" and kline.get("i") == "1m":
        candle = _to_candle(kline["t"], (kline[name] for name in ("o", "h", "l", "c", "v")))
        yield PushedKline(str(kline["s"]), candle, kline["x"] is True, int(message["E"]))


def read_bybit(message: Mapping[str, Any]) -> Iterator[PushedKline]:
    """https://bybit-exchange.github.io/docs/v5/websocket/public/kline."""
    name, _, rest = str(message.get("topic", "")).partition(".")
    length, _, market_id = rest.partition(".")
    if name != "kline" or length != "1":
        return
    for kline in message.get("data") or ():
        fields = (kline[name] for name in ("open", "high", "low", "close", "volume"))
        yield PushedKline(
            market_id, _to_candle(kline["start"], fields), kline["confirm"] is True, int(kline["timestamp"])
        )


def _to_candle(time: object, fields: Iterator[object]) -> Candle:
    return Candle(int(str(time)), *(float(str(value)) for value in fields))


KLINE_READERS: Mapping[str, KlineReader] = {"binance": read_binance, "bybit": read_bybit}
"""By ccxt's id. The klines of others cannot be streamed: without a final flag only the clock would close them."""
