"""What must not matter, does not: the unit of price, the time of day, which way up the market is."""

from dataclasses import replace

import pytest

from levels import Candles, Level, analyze
from levels.evaluation.synthetic import make_planted_market, make_random_walk

MARKETS = [make_planted_market(seed).candles for seed in range(3)] + [
    make_random_walk(seed) for seed in range(3)
]


def made(candles: Candles, *, scale: float = 1.0, later: int = 0, volume: float = 1.0) -> Candles:
    prices = (scale * x for x in (candles.open, candles.high, candles.low, candles.close))
    return Candles(candles.time + later, *prices, candles.volume * volume)


def upside_down(candles: Candles) -> Candles:
    """1 / price: what was a high is a low, and ratios stay what they were."""
    turned = (1e4 / candles.open, 1e4 / candles.low, 1e4 / candles.high, 1e4 / candles.close)
    return Candles(candles.time, *turned, candles.volume)


@pytest.mark.parametrize("candles", MARKETS)
@pytest.mark.parametrize("scale", [2.0**-40, 2.0**20])
def test_analyze_scales_with_the_unit_of_price(candles: Candles, scale: float) -> None:
    """By a power of two, which rounds nothing: only the 12 digits of the last price move scores a little."""

    def scaled(level: Level) -> Level:
        return replace(
            level,
            price=0,
            low=0,
            high=0,
            score=0,
            score_parts={},
            distance_pct=0,
            distance_atr=0,
            p_reach_24=0,
            p_reach_100=0,
        )

    one, two = analyze(candles), analyze(made(candles, scale=scale))
    assert [scaled(level) for level in one.levels] == [scaled(level) for level in two.levels]
    assert [level.score for level in one.levels] == pytest.approx([level.score for level in two.levels])
    assert [level.p_reach_100 for level in one.levels] == pytest.approx(
        [level.p_reach_100 for level in two.levels]
    )
    assert [level.price * scale for level in one.levels] == pytest.approx(
        [level.price for level in two.levels]
    )


@pytest.mark.parametrize("candles", MARKETS)
def test_analyze_shifts_with_time(candles: Candles) -> None:
    day = 86_400_000

    def earlier(level: Level) -> Level:
        names = ("first_touch_at", "last_touch_at", "confirmed_at", "known_at")
        moved = {name: getattr(level, name) - day for name in names}
        return replace(level, **moved, level_id=f"{level.level_id[0]}{int(level.level_id[1:]) - day}")  # type: ignore[arg-type]

    one, two = analyze(candles), analyze(made(candles, later=day))
    assert list(one.levels) == [earlier(level) for level in two.levels]


@pytest.mark.parametrize("candles", MARKETS)
def test_analyze_ignores_the_unit_of_volume(candles: Candles) -> None:
    assert analyze(candles).levels == analyze(made(candles, volume=2.0**30)).levels


@pytest.mark.parametrize("candles", MARKETS)
def test_analyze_mirrors_an_inverted_market(candles: Candles) -> None:
    """Only among zones that both ways round are chosen: a bar's high is asked before its low, and rounding."""
    one, two = analyze(candles), analyze(upside_down(candles))

    def facts(levels: tuple[Level, ...]) -> list[tuple[str, int, int, int]]:
        return [(level.level_id[1:], level.touches, level.bounces, level.breaks) for level in levels]

    assert facts(one.supports) == facts(two.resistances)
    assert facts(one.resistances) == facts(two.supports)
