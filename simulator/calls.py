"""What was asked of the exchange, for whoever wants to count."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

KEPT = 20_000


@dataclass(slots=True)
class Call:
    """`status` is None while the answer is held back, or was never fetched. `weight` is what this call cost."""

    time_ms: int
    path: str
    query: dict[str, str]
    status: int | None
    weight: int


class CallLog:
    """The newest KEPT calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def clear(self) -> None:
        self._calls.clear()

    def listed(self) -> list[dict[str, object]]:
        return [asdict(call) for call in self._calls]


def plain_symbol(written: str) -> str:
    """`BTCUSDT` out of `BTC/USDT` and `btc/usdt:usdt` too, for people at the controls; Binance itself takes but one."""
    return written.partition(":")[0].replace("/", "").upper()


def symbols_of(query: Mapping[str, str]) -> Sequence[str]:
    """The symbols that a call names, as `symbol` or as a JSON list in `symbols`; none: it means all, or needs none."""
    if "symbol" in query:
        return (query["symbol"],)
    try:
        named = json.loads(query.get("symbols", "[]"))
    except ValueError:
        return ("",)
    return tuple(map(str, named)) if isinstance(named, list) else ("",)
