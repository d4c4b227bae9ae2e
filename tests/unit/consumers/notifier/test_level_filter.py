"""Which events of levels a webhook wants."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from consumers.notifier.level_filter import LevelFilter, read_level_webhooks
from runtime.errors import ConfigurationError
from tests.support.events import make_market
from tests.support.level_notices import make_appeared, make_broke, make_touched

BTC = make_market("BTCUSDT", "4h")


@pytest.mark.parametrize(
    ("chosen", "is_wanted"),
    [
        ({}, True),
        ({"types": ["broke", "flipped"]}, True),
        ({"types": ["touched"]}, False),
        ({"stages": ["confirmed"]}, True),
        ({"stages": ["live"]}, False),
        ({"exchange": "Binance"}, True),
        ({"exchange": "bybit"}, False),
        ({"market_type": "future"}, False),
        ({"markets": ["BINANCE:spot:btc/usdt"]}, True),
        ({"markets": ["binance:spot:ETHUSDT"]}, False),
        ({"timeframe": "4h"}, True),
        ({"timeframe": "1h"}, False),
        ({"quote": "usdt"}, True),
        ({"quote": "BTC"}, False),
        ({"side": "support"}, True),
        ({"side": "resistance"}, False),
    ],
)
def test_level_filter_wants_events_that_pass_each_of_its_parts(
    chosen: dict[str, Any], is_wanted: bool
) -> None:
    assert LevelFilter(**chosen).wants(make_broke(BTC)) is is_wanted


def test_level_filter_distinguishes_the_stages_of_a_touch() -> None:
    confirmed = LevelFilter(stages={"confirmed"})
    assert confirmed.wants(make_touched())
    assert not confirmed.wants(make_touched(stage="live"))
    assert confirmed.wants(make_appeared())


def test_level_filter_wants_levels_with_enough_visits_and_those_that_are_unknown() -> None:
    three = LevelFilter(min_touches=3)
    assert [three.wants_touches(touches) for touches in (2, 3, 4, None)] == [False, True, True, True]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"types": ["vanished"]}, "number 1, types"),
        ({"types": []}, "must not be empty"),
        ({"timeframe": "7x"}, "number 1, timeframe"),
        ({"markets": ["BTCUSDT"]}, "binance:spot:BTCUSDT"),
        ({"kind": "broke"}, "number 1, kind"),
        ({"min_touches": 0}, "number 1, min_touches"),
    ],
)
def test_level_webhook_names_what_is_wrong_without_its_url(wrong: dict[str, Any], named: str) -> None:
    setting = SecretStr(json.dumps([{"url": "https://hooks.example/T0K3N"} | wrong]))
    with pytest.raises(ConfigurationError, match=f"STRANDLINE_LEVEL_WEBHOOKS: .*{named}") as caught:
        read_level_webhooks(setting)
    assert "T0K3N" not in str(caught.value)


def test_level_webhooks_that_are_no_json_are_named() -> None:
    with pytest.raises(ConfigurationError, match="STRANDLINE_LEVEL_WEBHOOKS: Invalid JSON"):
        read_level_webhooks(SecretStr("https://hooks.example"))
    assert read_level_webhooks(None) == ()
