"""Which markets the watchlist selects once an operator has changed it."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from producers.watchlist.changes import is_covered, to_priorities
from producers.watchlist.entries import WatchlistEntry, parse_entry
from producers.watchlist.selection import (
    ListedMarket,
    WatchlistChange,
    index_markets,
    match_markets,
    matches_symbol,
    select_markets,
)
from runtime.settings import Settings

SETTINGS = Settings(exchanges=("sim",), exchange="sim")
NAMES = ("AAUSDT", "ABUSDT", "BBUSDT", "AABTC")
OFFERS = index_markets(
    {"sim": [ListedMarket("spot", name, float(number)) for number, name in enumerate(NAMES)]}
)

entries = st.builds(
    lambda symbol, timeframe, volume, priority: read(f"sim:spot:{symbol}:{timeframe}{volume}", priority),
    st.sampled_from([*NAMES, "*USDT", "A*", "*", "GONEUSDT"]),
    st.sampled_from(["1h", "4h"]),
    st.sampled_from(["", "", ">1"]),
    st.integers(-2, 2),
)
changes = st.lists(
    st.builds(WatchlistChange, entries, st.booleans()), max_size=6, unique_by=lambda change: change.entry.keys
)


def read(key: str, priority: int = 0) -> WatchlistEntry:
    return parse_entry(key, "test", SETTINGS).model_copy(update={"priority": priority})


def select(*keys: str, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> list[str]:
    found = [WatchlistChange(read(key), is_followed=True) for key in added]
    found += [WatchlistChange(read(key), is_followed=False) for key in removed]
    return [market.key for market in select_markets([read(key) for key in keys], OFFERS, found).markets]


def test_added_and_removed_markets_change_the_selection() -> None:
    assert select("sim:spot:*USDT:1h", added=("sim:spot:AABTC:1h",), removed=("sim:spot:ABUSDT:1h",)) == [
        "sim:spot:AAUSDT:1h",
        "sim:spot:BBUSDT:1h",
        "sim:spot:AABTC:1h",
    ]


def test_market_by_name_counts_more_than_a_pattern() -> None:
    assert select(added=("sim:spot:AAUSDT:1h",), removed=("sim:spot:A*:1h",)) == ["sim:spot:AAUSDT:1h"]
    assert select(added=("sim:spot:A*USDT:1h",), removed=("sim:spot:AAUSDT:1h",)) == ["sim:spot:ABUSDT:1h"]


@given(st.lists(entries, max_size=5), changes)
def test_selection_follows_the_most_specific_change(
    configured: list[WatchlistEntry], changed: list[WatchlistChange]
) -> None:
    selection = select_markets(configured, OFFERS, changed)
    keys = [market.key for market in selection.markets]
    assert len(set(keys)) == len(keys)
    priorities = [selection.priorities.get(key, 0) for key in keys]
    assert priorities == sorted(priorities, reverse=True)
    for name in NAMES:
        for timeframe in ("1h", "4h"):
            key = f"sim:spot:{name}:{timeframe}"
            assert (key in keys) == is_followed(key, configured, changed)


def is_followed(key: str, configured: list[WatchlistEntry], changed: list[WatchlistChange]) -> bool:
    """Decide for one market: by its own change, else by the patterns."""
    own = [change.is_followed for change in changed if change.entry.keys == (key,)]
    if own:
        return own[0]
    patterns = [change for change in changed if change.entry.needs_market_list and means(change.entry, key)]
    if any(not change.is_followed for change in patterns):
        return False
    return bool(patterns) or any(means(entry, key) for entry in configured)


def means(entry: WatchlistEntry, key: str) -> bool:
    return key in {market.key for market in match_markets(entry, OFFERS)}


@given(entries)
def test_keys_of_an_entry_parse_to_the_same_entry(entry: WatchlistEntry) -> None:
    (key,) = entry.keys
    assert read(key, entry.priority) == entry
    assert to_priorities([entry, entry]) == {key: entry.priority}


@given(st.text("AB*", max_size=12), st.text("AB", max_size=12))
def test_stars_match_as_those_of_the_shell(pattern: str, symbol: str) -> None:
    assert matches_symbol(pattern, symbol) == fnmatchcase(symbol, pattern)


def test_many_stars_take_no_time() -> None:
    assert not matches_symbol("*" * 90 + "X" + "*" * 90 + "Y", "X" * 60)


def test_market_is_covered_by_its_own_entry_or_a_pattern() -> None:
    pattern = read("sim:spot:A*:1h>1000")
    assert is_covered(read("sim:spot:AAUSDT:1h"), [pattern])
    assert is_covered(read("sim:spot:A*:1h>1000"), [pattern])
    assert not is_covered(read("sim:spot:AAUSDT:4h"), [pattern])
    assert not is_covered(read("sim:spot:BBUSDT:1h"), [pattern])
    assert not is_covered(read("sim:spot:A*:1h"), [pattern])
