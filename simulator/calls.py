"""The log of calls, for tests and people that count them."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

MAX_CALLS = 20_000


@dataclass(slots=True)
class Call:
    """One call. `status` is None while the answer is delayed, or was never read; `weight` is the cost of this call."""

    time_ms: int
    path: str
    query: dict[str, str]
    status: int | None
    weight: int


class CallLog:
    """The newest MAX_CALLS calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MAX_CALLS)

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def clear(self) -> None:
        self._calls.clear()

    def to_dicts(self) -> list[dict[str, object]]:
        return [asdict(call) for call in self._calls]


def plain_symbol(written: str) -> str:
    """Return `BTCUSDT` for `BTC/USDT` and `btc/usdt:usdt` too: a convenience of the controls, not of the market API."""
    return written.partition(":")[0].replace("/", "").upper()


def symbols_of(query: Mapping[str, str]) -> Sequence[str]:
    """Return the symbols in `symbol`, or in the JSON list `symbols`; none means all, or that the call needs none."""
    if "symbol" in query:
        return (query["symbol"],)
    try:
        named = json.loads(query.get("symbols", "[]"))
    except ValueError:
        return ("",)
    return tuple(map(str, named)) if isinstance(named, list) else ("",)
