"""A candle endpoint as a table row: how it reads a request, what it refuses, how it writes candles. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

HOUR = 3_600_000


class Bar(NamedTuple):
    """An hourly candle; `time` in ms."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None


class Request(NamedTuple):
    """A request as an endpoint reads it: ms, both ends included; None where absent."""

    start: int | None
    end: int | None
    limit: int | None
    now: int
    path: str

    @property
    def span(self) -> int:
        """Candles between both ends."""
        return 0 if self.start is None or self.end is None else (self.end - self.start) // HOUR


Refusal = tuple[int, Any]
Read = Callable[[str], int]


@dataclass(frozen=True)
class Endpoint:
    """One candle endpoint.

    start, end    names of its parameters; `read` turns their text into ms
    limit         name of its parameter; None: it has none. `default` candles without it, `cap` at most
    picks         which candles it returns where there are more: the newest, or the oldest with a start
    end_included  whether a candle that opens at the end is returned
    retention     candles that it keeps
    newest_first  the order of its rows
    refuse        what it does not answer
    """

    write: Callable[[Sequence[Bar]], Any]
    start: str | None = "startTime"
    end: str | None = "endTime"
    limit: str | None = "limit"
    read: Read = lambda text: int(float(text))
    cap: int = 1_000
    default: int = 500
    picks: Literal["newest", "oldest with start", "oldest without end"] = "newest"
    end_included: bool = True
    retention: int | None = None
    newest_first: bool = False
    refuse: Callable[[Request], Refusal | None] = lambda _: None

    def answer(self, path: str, params: Mapping[str, str], history: Sequence[Bar], now: int) -> Refusal:
        """Return the status and the body for a request."""
        request = self._parse(path, params, now)
        if refused := self.refuse(request):
            return refused
        kept = history[-self.retention :] if self.retention else history
        end = request.end if request.end is not None else now
        last = end if self.end_included else end - 1
        found = [bar for bar in kept if (request.start or 0) <= bar.time <= last]
        count = min(self.cap, self.default if request.limit is None else request.limit)
        chosen = found[:count] if self._picks_oldest(request) else found[-count:]
        return 200, self.write(chosen[::-1] if self.newest_first else chosen)

    def _parse(self, path: str, params: Mapping[str, str], now: int) -> Request:
        def read(name: str | None) -> int | None:
            return self.read(params[name]) if name and name in params else None

        limit = params.get(self.limit) if self.limit else None
        return Request(read(self.start), read(self.end), None if limit is None else int(limit), now, path)

    def _picks_oldest(self, request: Request) -> bool:
        if request.start is None or self.picks == "newest":
            return False
        return self.picks == "oldest with start" or request.end is None


def seconds(text: str) -> int:
    return int(float(text)) * 1_000


def texts(bar: Bar, order: str) -> list[str]:
    """Return prices and volume as text, in an order like "ohlcv"."""
    names = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
    return [str(getattr(bar, names[letter])) for letter in order]


def numbers(bar: Bar, order: str) -> list[float | None]:
    """As `texts`, as numbers; None for a value that is missing."""
    return [None if text == "None" else float(text) for text in texts(bar, order)]


def named(bar: Bar, **names: str) -> dict[str, str]:
    """Return an object: `named(bar, o="o", ...)` maps its keys to letters."""
    return {key: texts(bar, letter)[0] for key, letter in names.items()}
