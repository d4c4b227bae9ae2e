"""Load the series to evaluate: a folder of candle files, a file, a market, or synthetic candles."""

from pathlib import Path

from levels import Candles
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from runtime.settings import Settings
from schemas.market import Market
from strandline import options
from strandline.levels.candle_file import InvalidCandleFile, read_candles
from strandline.levels.fetch import fetch_series
from strandline.market_args import parse_market

SYNTHETIC = ("synthetic-walk", "synthetic-planted")
SEEDS, LENGTH, FETCH_LIMIT = 8, 12_000, 10_000


def load_series(source: str) -> dict[str, Candles]:
    """Return series by name. Raises InvalidCandleFile, InvalidMarketArguments, Transient, Permanent."""
    path = Path(source)
    if source in SYNTHETIC:
        return make_synthetic_series(source)
    if path.is_dir():
        found = read_directory(path)
        if not found:
            raise InvalidCandleFile(f"{path}: no *.csv in this folder")
        return found
    if path.is_file():
        return {path.stem: read_candles(path, leave_out_last=True)}
    parse_market(source.split())  # raises before anything is loaded
    settings = Settings.load()
    return {source: fetch_series(settings, complete_market(settings, source), FETCH_LIMIT).closed}


def read_directory(folder: Path) -> dict[str, Candles]:
    """Read every `*.csv` of a folder by name; the last candle of each is taken for unclosed and left out."""
    return {path.stem: read_candles(path, leave_out_last=True) for path in sorted(folder.glob("*.csv"))}


def complete_market(settings: Settings, source: str) -> Market:
    """Return the market named by `source`, such as 'binance BTC/USDT 4h', completed by the settings."""
    body = options.build_request_body(source.split(), None, "spot", FETCH_LIMIT, "{}")
    return options.complete_request(body, exchange=settings.exchange).market


def make_synthetic_series(name: str) -> dict[str, Candles]:
    """Make eight seeded series, each in a time of its own because they share nothing."""
    found = {}
    for seed in range(SEEDS):
        made = (
            make_random_walk(seed, LENGTH)
            if name == "synthetic-walk"
            else make_planted_market(seed, LENGTH).candles
        )
        later = seed * (int(made.time[-1] - made.time[0]) + 100 * 86_400_000)
        prices = (made.open, made.high, made.low, made.close)
        found[f"{name}-{seed}"] = Candles(made.time + later, *prices, made.volume)
    return found
