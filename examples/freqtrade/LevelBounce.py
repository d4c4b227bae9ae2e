"""A freqtrade strategy: buys a bounce off a support, sells at the next resistance or once the support is lost.

Levels come as they were known at each close, so nothing here can look ahead: in a backtest from files that
`strandline replay-levels` writes, in a dry run or live from the export of a running API. Both hold the same numbers.
"""

from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pandas as pd
from freqtrade.enums import RunMode
from freqtrade.strategy import IStrategy

LIVE = {RunMode.LIVE, RunMode.DRY_RUN}


class LevelBounce(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    startup_candle_count = 1
    minimal_roi: ClassVar[dict[str, float]] = {}  # sells at levels only
    stoploss = -0.5
    use_exit_signal = True

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        levels = self._load_levels(metadata["pair"], dataframe["date"].iloc[0])
        near = find_nearest(levels)
        known = dataframe[["date"]].join(near, on="date")
        # The levels known before the candle began: it is the candle that meets them.
        dataframe["support"] = known["support"].shift(1)
        dataframe["resistance"] = known["resistance"].shift(1)
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        touched = dataframe["low"] <= dataframe["support"]
        dataframe.loc[touched & (dataframe["close"] > dataframe["support"]), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        lost = dataframe["close"] < dataframe["support"]
        dataframe.loc[lost | (dataframe["high"] >= dataframe["resistance"]), "exit_long"] = 1
        return dataframe

    def _load_levels(self, pair: str, start: pd.Timestamp) -> pd.DataFrame:
        settings, symbol = self.config["strandline"], pair.replace("/", "")
        if self.config["runmode"] not in LIVE:
            return pd.read_csv(Path(settings["folder"]) / f"{symbol}-{self.timeframe}.csv")
        query = {
            "market": f"{settings['market_prefix']}:{symbol}:{self.timeframe}",
            "from": start.isoformat(),
        }
        answer = httpx.get(f"{settings['api']}/api/v1/export", params=query, timeout=60, trust_env=False)
        return pd.read_csv(StringIO(answer.raise_for_status().text))


def find_nearest(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest support below and resistance above the price, by the open time of the candle."""
    dates = pd.to_datetime(levels["candle_at"], utc=True)
    supports, resistances = levels["side"] == "support", levels["side"] == "resistance"
    return pd.DataFrame(
        {
            "support": levels["price"].where(supports).groupby(dates).max(),
            "resistance": levels["price"].where(resistances).groupby(dates).min(),
        }
    )
