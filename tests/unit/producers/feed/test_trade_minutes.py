"""Minutes are built from trades, and only where none of them can be missing."""

from exchanges.ports import Candle, Tradable, Trade
from producers.feed.minutes import MINUTE
from producers.feed.trade_minutes import SETTLE_MS, BuiltMinutes, TradeMinutes

START = 1_767_614_400_000
SOL = Tradable("sim", "spot", "SOLUSDT")


def trade(number: int, second: float, price: float = 10.0, amount: float = 0.1) -> Trade:
    """Return a trade with id `number`, `second` seconds after the start."""
    return Trade(SOL, str(number), price, amount, START + int(second * 1_000))


def build(*trades: Trade, until: float, has_ids: bool = True) -> tuple[TradeMinutes, BuiltMinutes]:
    """Return what is closed of `trades` when the stream has come to `until` (seconds)."""
    minutes = TradeMinutes(has_consecutive_ids=has_ids)
    for one in trades:
        minutes.push(one)
    return minutes, minutes.close(START + int(until * 1_000))


BEFORE = trade(1, 59)
TRADES = (BEFORE, trade(2, 61, 10.0), trade(3, 80, 12.0), trade(4, 100, 9.0, 0.2), trade(5, 119, 11.0))
WHOLE = Candle(START + MINUTE, 10.0, 12.0, 9.0, 11.0, 0.5)


def test_minute_is_closed_by_the_trade_that_follows_its_last() -> None:
    _, built = build(*TRADES, until=119.5)
    assert built.closed == ()
    _, built = build(*TRADES, trade(6, 120), until=120)
    assert built.closed == ((START + MINUTE, WHOLE),)


def test_minute_without_a_following_trade_is_closed_by_the_time_of_the_stream() -> None:
    settle = SETTLE_MS / 1_000
    assert build(*TRADES, until=119.99 + settle)[1].closed == ()
    assert build(*TRADES, until=120 + settle)[1].closed == ((START + MINUTE, WHOLE),)


def test_minute_in_which_the_stream_began_is_not_built() -> None:
    assert build(*TRADES, until=70)[1].closed == ()


def test_volume_is_added_as_decimals() -> None:
    tenths = [trade(number, 60 + number) for number in range(1, 4)]
    _, built = build(trade(0, 59), *tenths, until=200)
    candle = built.closed[0][1]
    assert candle is not None
    assert candle.volume == 0.3


def test_doubled_trade_counts_once_and_order_follows_the_ids() -> None:
    _, built = build(BEFORE, *reversed(TRADES[1:]), *TRADES[1:], trade(6, 120), until=120)
    assert built.closed == ((START + MINUTE, WHOLE),)
    assert built.doubtful == frozenset()


def test_minute_with_a_missing_id_is_not_built() -> None:
    _, built = build(*TRADES[:2], *TRADES[3:], trade(6, 120), until=130)
    assert built.closed == ()


def test_missing_id_at_the_end_makes_the_closed_minute_doubtful() -> None:
    minutes, built = build(*TRADES[:-1], until=122)
    assert [time for time, _ in built.closed] == [START + MINUTE]
    minutes.push(trade(6, 125))
    minutes.push(trade(7, 180))
    again = minutes.close(START + 180_000)
    assert again.closed == ()
    minutes.push(trade(8, 181))
    assert minutes.close(START + 181_000).doubtful == {START + MINUTE}


def test_missing_id_in_the_first_minute_makes_no_earlier_one_doubtful() -> None:
    minutes, built = build(trade(1, 10), trade(3, 20), until=70)
    assert built == BuiltMinutes()
    for one in (trade(4, 70), trade(5, 120)):
        minutes.push(one)
    assert [time for time, _ in minutes.close(START + 120_000).closed] == [START + MINUTE]


def test_first_trade_of_long_ago_begins_no_minute_of_long_ago() -> None:
    _, built = build(Trade(SOL, "1", 10.0, 0.1, 5), *TRADES[1:], until=181)
    assert built == BuiltMinutes(((START + 2 * MINUTE, None),))


def test_late_trade_counts_until_its_minute_is_closed_and_makes_it_doubtful_after() -> None:
    minutes, built = build(*TRADES[:-1], trade(6, 120), until=120.5)
    assert built.closed == (), "trade 5 is missing yet"
    minutes.push(TRADES[-1])
    assert minutes.close(START + 120_600).closed == ((START + MINUTE, WHOLE),)
    minutes.push(trade(99, 118))
    assert minutes.close(START + 120_700).doubtful == {START + MINUTE}


def test_minute_without_trades_is_closed_without_a_candle() -> None:
    _, built = build(*TRADES, trade(6, 190), until=190)
    assert built.closed == ((START + MINUTE, WHOLE), (START + 2 * MINUTE, None))


def test_ids_with_gaps_only_show_what_came_twice() -> None:
    odd = [Trade(SOL, f"x{one.id}", one.price, one.amount, one.at) for one in TRADES]
    minutes, built = build(*odd, *odd, until=120.5, has_ids=False)
    assert built.closed == ()
    assert minutes.close(START + 121_000).closed == ((START + MINUTE, WHOLE),)
