"""Request weight as Binance counts it: per minute, spot and futures apart; 429 beyond the limit, then 418."""

from dataclasses import dataclass, field

from simulator.history.timeline import MINUTE

SPOT_LIMIT = 6_000
FUTURES_LIMIT = 2_400

IGNORED_BEFORE_BAN = 10
"""Requests after a 429, within its minute, before the address is banned."""

UNDER_WAY_MS = 1_000
"""Requests this soon after the first 429 were sent before it was read, and do not count towards a ban."""

FIRST_BAN_MS = 2 * MINUTE
MAX_BAN_MS = 3 * 24 * 60 * MINUTE

_SPOT = {"ping": 1, "time": 1, "exchangeInfo": 20, "klines": 2, "depth": 5}
_FUTURES = {"ping": 1, "time": 1, "exchangeInfo": 1, "depth": 2}


def call_weight(futures: bool, endpoint: str, symbols: int, limit: int) -> int:
    """Return the weight of a call. `symbols` 0: all of them; `limit` is that of klines."""
    if endpoint == "klines" and futures:
        return next(cost for below, cost in ((100, 1), (500, 2), (1_001, 5), (10**9, 10)) if limit < below)
    if endpoint == "ticker/price":
        one, every = (1, 2) if futures else (2, 4)
        return one if symbols == 1 else every
    if endpoint == "ticker/24hr":
        if futures:
            return 1 if symbols == 1 else 40
        return 2 if 1 <= symbols <= 20 else 40 if 1 <= symbols <= 100 else 80
    return (_FUTURES if futures else _SPOT).get(endpoint, 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` 0: accepted. Else 429 or 418, to be retried after `retry_after` seconds."""

    status: int
    used: int
    retry_after: int = 0
    banned_until: int = 0


@dataclass(slots=True)
class WeightMeter:
    """The budget of one client address on one of the two systems. Times are ms of the exchange's clock."""

    limit: int
    _minute: int = 0
    used: int = 0
    _warned_at: int | None = None
    _ignored: int = 0
    _banned_until: int = 0
    _next_ban: int = field(default=FIRST_BAN_MS)

    def charge(self, cost: int, now: int) -> Verdict:
        """Count a call of `cost` at `now`, or refuse it."""
        if now < self._banned_until:
            return self._refuse(418, self._banned_until, now)
        if now // MINUTE != self._minute:
            self._minute, self.used = now // MINUTE, 0
            self._warned_at, self._ignored = None, 0
        if self.used + cost <= self.limit:
            self.used += cost
            return Verdict(0, self.used)
        if self._warned_at is None:
            self._warned_at = now
        self._ignored += now > self._warned_at + UNDER_WAY_MS
        if self._ignored <= IGNORED_BEFORE_BAN:
            return self._refuse(429, (self._minute + 1) * MINUTE, now)
        self._banned_until = now + self._next_ban
        self._next_ban = min(2 * self._next_ban, MAX_BAN_MS)
        return self._refuse(418, self._banned_until, now)

    def _refuse(self, status: int, until: int, now: int) -> Verdict:
        return Verdict(status, self.used, max(1, -(-(until - now) // 1000)), until)
