"""The message to a person about an event of a watch: its note first, then what happened, in their language. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from schemas.level_events import AnyLevelEvent, LevelEventBase
from schemas.market import SIMULATED
from schemas.watch_events import (
    AnyWatchEvent,
    WatchBlinded,
    WatchExpired,
    WatchFired,
    WatchNotice,
    WatchSighted,
)
from schemas.watches import render_template

Language = Literal["en", "zh"]
Markup = Literal["text", "markdown"]
"""How a service reads a message. Apprise itself escapes what it converts to HTML."""


class TargetTestNotice(WatchNotice):
    """A test of a target, which a user requested. It is on no topic, and about no watch."""

    type: Literal["test"] = "test"
    test_id: str

    @property
    def event_id(self) -> str:
        return self.test_id


Notification = AnyWatchEvent | TargetTestNotice
"""An event that can be delivered."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~@&])")
_URL = re.compile(r"(https?://\S+)")
_DEFAULT_INTERVAL = "1h"
_MAX_LINES = 20
"""Of a digest."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language; `outcomes` and `sides` by their names in the event."""

    outcomes: Mapping[str, str]
    sides: Mapping[str, str]
    fired: str
    expired: str
    price: str
    ended: str
    late: str
    blinded: str
    sighted: str
    unknown_since: str
    unknown_between: str
    simulated: str
    watch: str
    test: str
    tested: str
    more: str


_PHRASES: dict[Language, Phrases] = {
    "en": Phrases(
        outcomes={
            "touch": "touched",
            "approach": "approached",
            "cross_up": "crossed up",
            "cross_down": "crossed down",
            "close_above": "closed above",
            "close_below": "closed below",
            "near": "is near",
        },
        sides={"long": "long", "short": "short"},
        fired="{symbol} {outcome} {target} ({side})",
        expired="{symbol}: the watch at {target} has expired ({side})",
        price="{market}: price {price} at {at} UTC",
        ended="{market}: expired at {at} UTC",
        late="; seen late, in a candle: prices were missing",
        blinded="{symbol}: no price, so its watches cannot fire",
        sighted="{symbol}: the price for its watches is back",
        unknown_since="{market}: no price since {at} UTC",
        unknown_between="{market}: no price from {blind_from} to {at} UTC",
        simulated=", simulated",
        watch="watch",
        test="Strandline: a test of this target",
        tested="Fires of watches arrive here. No watch has fired.",
        more="and {count} more",
    ),
    "zh": Phrases(
        outcomes={
            "touch": "触及",
            "approach": "接近",
            "cross_up": "上穿",
            "cross_down": "下穿",
            "close_above": "收于其上：",
            "close_below": "收于其下：",
            "near": "接近",
        },
        sides={"long": "做多", "short": "做空"},
        fired="{symbol} {outcome} {target}（{side}）",
        expired="{symbol}：{target} 的盯盘已到期（{side}）",
        price="{market}：价格 {price}，时间 {at} UTC",
        ended="{market}：到期时间 {at} UTC",
        late="；当时缺少行情，事后由 K 线发现",
        blinded="{symbol}：没有行情，其盯盘无法触发",
        sighted="{symbol}：盯盘的行情已恢复",
        unknown_since="{market}：自 {at} UTC 起没有行情",
        unknown_between="{market}：{blind_from} 至 {at} UTC 没有行情",
        simulated="，模拟行情",
        watch="盯盘",
        test="Strandline：通知目标测试",
        tested="盯盘触发时会发送到这里。现在没有盯盘触发。",
        more="另有 {count} 个",
    ),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A subject line and a body."""

    title: str
    body: str


def write_message(
    event: Notification, *, language: Language = "en", public_url: str | None = None, markup: Markup = "text"
) -> Message:
    """Return the message about `event`, escaped for `markup`; the link to the chart is last but for the ids."""
    words = _PHRASES[language]
    of_market = isinstance(event, WatchBlinded | WatchSighted)  # one notice for all watches of the market
    own = write_own_text(event, language)
    lines = [
        *(own.splitlines() if own is not None else _standard_lines(event, words, of_market)),
        *_list_others(event, words),
        *([chart_url(event, public_url)] if public_url else []),
        *([] if of_market else [f"{words.watch} {event.watch_id}"]),
        *([f"fire_id {event.fire_id}"] if isinstance(event, WatchFired) else []),
    ]
    return Message(
        _escape(write_title(event, words), markup), "\n".join(_escape(line, markup) for line in lines)
    )


def write_own_text(event: Notification, language: Language) -> str | None:
    """Return the message of the watch's own template; None without one, and for other events than fires."""
    if not isinstance(event, WatchFired) or event.delivery is None or event.delivery.template is None:
        return None
    words = _PHRASES[language]
    values = {
        "symbol": event.symbol,
        "exchange": event.exchange,
        "market_type": event.market_type,
        "side": words.sides[event.side],
        "condition": words.outcomes.get(event.condition, event.condition),
        "target": f"{event.target:.12g}",
        "price": f"{event.price:.12g}",
        "note": event.note or "",
        "timeframe": event.timeframe or "",
        "time": _write_time(event.at),
    }
    return render_template(event.delivery.template, values)


def build_test_notice(test_id: str, at: datetime) -> TargetTestNotice:
    """Return the test of a target. Its market is simulated and its watch does not exist: nothing can act on it."""
    return TargetTestNotice(
        test_id=test_id,
        watch_id="test",
        exchange=SIMULATED,
        market_type="spot",
        symbol="TEST",
        condition="touch",
        target=1.0,
        side="long",
        at=at,
    )


def _standard_lines(event: Notification, words: Phrases, of_market: bool) -> list[str]:
    noted = [event.note] if event.note and not of_market else []
    return [*noted, _describe(event, words)]


def _list_others(event: Notification, words: Phrases) -> list[str]:
    """Return a line for each of the other levels of a digest, and one for those that it does not name."""
    if not isinstance(event, WatchFired) or not event.others_total:
        return []
    lines = [
        f"{other.market.symbol} {other.market.timeframe}: {other.target:.12g} ({other.price:.12g})"
        for other in event.others[:_MAX_LINES]
    ]
    left = event.others_total - len(lines)
    return [*lines, *([words.more.format(count=left)] if left else [])]


def write_title(event: Notification, words: Phrases) -> str:
    """Return the subject line, such as `BTCUSDT touched 64000.5 (long)`."""
    return _title_phrase(event, words).format(
        symbol=event.symbol,
        outcome=words.outcomes.get(event.condition, event.condition),
        target=f"{event.target:.12g}",
        side=words.sides[event.side],
    )


def _title_phrase(event: Notification, words: Phrases) -> str:
    match event:
        case WatchFired():
            return words.fired
        case WatchExpired():
            return words.expired
        case WatchBlinded():
            return words.blinded
        case WatchSighted():
            return words.sighted
        case TargetTestNotice():
            return words.test


def chart_url(event: Notification | AnyLevelEvent, public_url: str) -> str:
    """Return the address of the chart of the event's market, on the pages at `public_url`."""
    return _market_url(event, public_url, "chart")


def image_url(event: Notification | AnyLevelEvent, public_url: str) -> str:
    """Return the address of a picture of that chart."""
    return _market_url(event, public_url, "chart.png")


def _market_url(event: Notification | AnyLevelEvent, public_url: str, path: str) -> str:
    market = event.market if isinstance(event, LevelEventBase) else event
    query = {
        "symbol": market.symbol,
        "exchange": market.exchange,
        "market_type": market.market_type,
        "interval": market.timeframe or _DEFAULT_INTERVAL,
    }
    return f"{public_url.rstrip('/')}/{path}?{urlencode(query)}"


def _describe(event: Notification, words: Phrases) -> str:
    simulated = words.simulated if event.exchange == SIMULATED else ""
    market = f"{event.exchange} {event.market_type}{simulated}"
    at = _write_time(event.at)
    match event:
        case WatchFired():
            seen = words.price.format(market=market, price=f"{event.price:.12g}", at=at)
            return seen + (words.late if event.late else "")
        case WatchExpired():
            return words.ended.format(market=market, at=at)
        case WatchBlinded():
            return words.unknown_since.format(market=market, at=at)
        case WatchSighted():
            return words.unknown_between.format(
                market=market, blind_from=_write_time(event.blind_from), at=at
            )
        case TargetTestNotice():
            return words.tested


def _write_time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}"


def _escape(line: str, markup: Markup) -> str:
    """Escape what Markdown would read as markup, except in addresses, which it shows as they are."""
    if markup == "text":
        return line
    parts = _URL.split(line)
    return "".join(part if place % 2 else _MARKDOWN.sub(r"\\\1", part) for place, part in enumerate(parts))
