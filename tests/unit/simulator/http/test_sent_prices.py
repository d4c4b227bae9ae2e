"""Which prices a connection to the simulator sends."""

import pytest

from simulator.http.sent_prices import TRADE_INTERVAL_MS, SentPrices

STREAM = ("BTCUSDT", "ticker")


@pytest.mark.parametrize("is_pushed", [False, True])
def test_sent_prices_are_those_that_changed(is_pushed: bool) -> None:
    sent = SentPrices()
    taken = [
        sent.take(STREAM, price, second * 1_000, is_pushed=is_pushed)
        for second, price in enumerate([1.0, 1.0, 2.0, 2.0])
    ]
    assert taken == [True, False, True, False]
    assert sent.take(("ETHUSDT", "ticker"), 2.0, 4_000, is_pushed=is_pushed)


def test_pushed_price_is_sent_again_while_it_holds() -> None:
    """Else a stream of one market would be silent for a minute, and its reader would open another every 10 s."""
    sent = SentPrices()
    assert sent.take(STREAM, 2.0, 0, is_pushed=True)
    due = [sent.take(STREAM, 2.0, second * 1_000, is_pushed=True) for second in range(1, 21)]
    assert due.count(True) == 20_000 // TRADE_INTERVAL_MS
    assert not sent.take(STREAM, 2.0, 100_000, is_pushed=False)
