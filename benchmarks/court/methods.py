"""The methods of the court: functions from closed candles to levels, best first. Each runs in a process of its own.

Ours and the plain reference, six that many charts draw, and two packages of PyPI that are installed for the court.
"""

from collections.abc import Iterable

import numpy as np

from levels import Candles, Params, analyze

Level = dict[str, float]
DAY_MS = 86_400_000
TOLERANCE = 1.005


def ours(candles: Candles) -> list[Level]:
    return [{"price": level.price, "score": level.score} for level in analyze(candles).levels]


def reference(candles: Candles) -> list[Level]:
    """The plain algorithm: extremes of every order, chained into zones."""
    found = analyze(candles, Params(method="reference")).levels
    return [{"price": level.price, "score": level.score} for level in found]


def classic_pivots(candles: Candles) -> list[Level]:
    """Floor trader's pivots of the last full period: a day, or a week of candles of a day or longer."""
    _, high, low, close = _last_period(candles)
    pivot = (high + low + close) / 3
    prices = (
        *(pivot, 2 * pivot - low, 2 * pivot - high, pivot + high - low, pivot - high + low),
        *(high + 2 * (pivot - low), low - 2 * (high - pivot)),
    )
    return _nearest_first(candles, prices)


def previous_extremes(candles: Candles) -> list[Level]:
    """Highs, lows and closes of the last two full periods."""
    prices: list[float] = []
    for back in (1, 2):
        open_, high, low, close = _last_period(candles, back)
        prices += [high, low, open_, close]
    return _nearest_first(candles, prices)


def volume_nodes(candles: Candles) -> list[Level]:
    """Local maxima of the volume profile: 100 bins of equal ratio, each bar's volume spread over its range."""
    edges = np.geomspace(candles.low.min(), candles.high.max() * (1 + 1e-9), 101)
    first = np.searchsorted(edges, candles.low, side="right") - 1
    last = np.searchsorted(edges, candles.high, side="right") - 1
    change = np.zeros(102)
    share = candles.volume / (last - first + 1)
    np.add.at(change, first, share)
    np.add.at(change, last + 1, -share)
    profile = np.convolve(np.cumsum(change)[:100], np.ones(3) / 3, mode="same")
    peaks = np.flatnonzero((profile[1:-1] > profile[:-2]) & (profile[1:-1] >= profile[2:])) + 1
    order = peaks[np.argsort(-profile[peaks], kind="stable")]
    middle = np.sqrt(edges[:-1] * edges[1:])
    return [{"price": float(middle[i]), "score": float(profile[i])} for i in order]


def round_numbers(candles: Candles) -> list[Level]:
    """Multiples of a round step of about 2 % of the price."""
    last = float(candles.close[-1])
    power = 10.0 ** np.floor(np.log10(last * 0.02))
    step = power * min((1, 2, 5, 10), key=lambda k: abs(k * power - last * 0.02))
    first = np.floor(last / step)
    return _nearest_first(candles, [float(step * (first + k)) for k in range(-5, 7) if first + k > 0])


def swing_extremes(candles: Candles, order: int = 10) -> list[Level]:
    """The last swing highs and lows over ten bars, newest first, none within half a percent of another."""
    prices: list[float] = []
    for i in range(len(candles) - order - 1, order - 1, -1):
        around = slice(i - order, i + order + 1)
        for price, extreme in (
            (candles.high[i], candles.high[around].max()),
            (candles.low[i], candles.low[around].min()),
        ):
            if price == extreme and all(max(price / p, p / price) > TOLERANCE for p in prices):
                prices.append(float(price))
        if len(prices) >= 20:
            break
    return [{"price": price} for price in prices]


def moving_averages(candles: Candles) -> list[Level]:
    """Simple means of the last 20, 50, 100 and 200 closes, and bands of two deviations about the first."""
    close = candles.close
    means = [float(close[-n:].mean()) for n in (20, 50, 100, 200)]
    band = 2 * float(close[-20:].std())
    return _nearest_first(candles, [*means, means[0] + band, means[0] - band])


def trendln_levels(candles: Candles) -> list[Level]:
    """Horizontal levels of trendln: extremes within half a percent, by the number of their touches."""
    import trendln  # noqa: PLC0415 - installed for the court alone

    sides = trendln.get_horizontal_levels((candles.low, candles.high), pctbound=0.005)
    found = [(float(touches), float(price)) for side in sides for price, touches, _ in side]
    return [{"price": price, "score": touches} for touches, price in sorted(found, reverse=True)]


def smart_money(candles: Candles) -> list[Level]:
    """Liquidity of smart-money-concepts: swing highs and lows that lie together and were not swept yet."""
    import pandas as pd  # noqa: PLC0415 - installed for the court alone
    from smartmoneyconcepts import smc  # noqa: PLC0415

    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: getattr(candles, name) for name in names})
    swings = smc.swing_highs_lows(frame, swing_length=10)
    liquidity = smc.liquidity(frame, swings, range_percent=0.01)
    open_ones = liquidity[liquidity["Liquidity"].notna() & (liquidity["Swept"].fillna(0) == 0)]
    return [{"price": float(price)} for price in open_ones["Level"].dropna().to_numpy()[::-1] if price > 0]


def _last_period(candles: Candles, back: int = 1) -> tuple[float, float, float, float]:
    """Return open, high, low and close of the last full day, or week where candles are days or longer."""
    step = int(np.median(np.diff(candles.time)))
    length = DAY_MS if step < DAY_MS else 7 * DAY_MS
    period = (candles.time + (0 if step < DAY_MS else 3 * DAY_MS)) // length
    now = int(period[-1])
    chosen = np.flatnonzero(period == now - back)
    if not chosen.size:
        chosen = np.arange(max(0, len(candles) - 24), len(candles))
    return (
        float(candles.open[chosen[0]]),
        float(candles.high[chosen].max()),
        float(candles.low[chosen].min()),
        float(candles.close[chosen[-1]]),
    )


def _nearest_first(candles: Candles, prices: Iterable[float]) -> list[Level]:
    last = float(candles.close[-1])
    positive = [price for price in prices if price > 0]
    return [{"price": price} for price in sorted(positive, key=lambda price: max(price / last, last / price))]
