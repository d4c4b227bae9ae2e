"""Random markets with levels, random questions, and the plain answer to them."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from api.levels.question import NearAnswer, NearHit, NearQuestion, StoredLevel
from schemas.events import AnalysisCompleted, Level
from schemas.market import Market
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level

_QUOTES, _TIMEFRAMES = ("USDT", "BTC", "EUR"), ("5m", "1h", "4h", "1d")


def make_results(draw: random.Random, count: int, levels: int = 10) -> list[AnalysisCompleted]:
    """Return a result for each of `count` markets: instruments with up to four timeframes."""
    return [_make_result(draw, n, levels) for n in range(count)]


def _make_result(draw: random.Random, number: int, levels: int) -> AnalysisCompleted:
    base, timeframe = divmod(number, len(_TIMEFRAMES))
    symbol, exchange = f"C{base}{_QUOTES[base % 3]}", "binance" if base % 5 else "bybit"
    last = float(f"{10.0 ** draw.uniform(-6, 5):.8g}")
    found = tuple(_make_level(draw, last, n) for n in range(levels))
    return make_completed(
        Market.of(exchange, symbol, "future" if base % 7 == 0 else "spot", _TIMEFRAMES[timeframe]),
        last_price=last,
        candle_at=CANDLE + draw.randrange(9) * HOUR_MS,
        analyzed_at=NOON + timedelta(seconds=number),
        request_ids=(f"r{number}",),
        levels=found,
        support_levels=tuple(level.price for level in found if level.side == "support"),
        resistance_levels=tuple(level.price for level in found if level.side == "resistance"),
    )


def _make_level(draw: random.Random, last: float, number: int) -> Level:
    price = float(f"{last * (1 + draw.choice((-1, 1)) * draw.uniform(0.0005, 0.2)):.6g}")
    away = abs(price - last) / last * 100
    side = "support" if price < last else "resistance"
    return make_level(
        price,
        level_id=f"{side[0].upper()}{number}",
        last_price=last,
        side=side,
        touches=draw.randint(1, 8),
        p_reach_100=draw.choice((None, round(draw.random(), 3))),
        distance_pct=away,
        distance_atr=draw.choice((None, away * draw.uniform(0.3, 3))),
    )


def make_question(draw: random.Random) -> NearQuestion:
    within = draw.choice(("within_pct", "within_atr", None))
    return NearQuestion(
        **({within: draw.choice((0.2, 1.0, 3.0))} if within else {}),
        side=draw.choice((None, "support", "resistance")),
        is_fresh=draw.choice((None, None, True, False)),
        min_touches=draw.choice((None, None, 2, 5)),
        min_reach=draw.choice((None, None, 0.3)),
        timeframe=draw.choice((None, *_TIMEFRAMES, "3m")),
        exchange=draw.choice((None, None, "binance", "bybit")),
        market_type=draw.choice((None, None, "spot", "future")),
        quote=draw.choice((None, None, *_QUOTES)),
        limit=draw.choice((1, 10, 50, 500)),
    )


def answer_plainly(
    levels: Sequence[tuple[StoredLevel, float]], question: NearQuestion, live: Mapping[str, float]
) -> NearAnswer:
    """Return the answer by a look at every level, given with the price of its analysis."""
    found = []
    for level, analyzed in levels:
        now = live.get(level.market.instrument, analyzed)
        hit = NearHit(
            level,
            "support" if level.price <= now else "resistance",
            abs(level.price - now) / now * 100.0,
            None if level.atr is None else (max(level.price / now, now / level.price) - 1.0) / level.atr,
            now,
            level.market.instrument in live,
        )
        if _matches(hit, question):
            found.append(hit)
    found.sort(key=lambda hit: (_distance(hit, question), hit.level.market.key, hit.level.level_id))
    return NearAnswer(found[: question.limit], len(found))


def _distance(hit: NearHit, question: NearQuestion) -> float:
    return hit.distance_pct if question.within_atr is None else (hit.distance_atr or 0.0)


def _matches(hit: NearHit, question: NearQuestion) -> bool:
    level = hit.level
    within_atr = question.within_atr
    return (
        question.wants_market(level.market)
        and (question.within_pct is None or hit.distance_pct <= question.within_pct)
        and (within_atr is None or (hit.distance_atr is not None and hit.distance_atr <= within_atr))
        and question.side in {None, hit.side}
        and (question.is_fresh is None or (level.touches <= 1) == question.is_fresh)
        and (question.min_touches is None or level.touches >= question.min_touches)
        and (
            question.min_reach is None
            or (level.p_reach_100 is not None and level.p_reach_100 >= question.min_reach)
        )
    )
