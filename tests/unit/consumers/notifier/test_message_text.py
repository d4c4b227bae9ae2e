"""The text of a message: note first, escaped for its reader, in the language of the installation."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from consumers.notifier.message_text import build_test_notice, write_message
from schemas.watch_events import WatchBlinded, WatchExpired, WatchSighted
from schemas.watches import NearbyLevel, WatchDelivery
from tests.support.events import NOON, make_expired, make_market
from tests.support.fires import FIRE_ID, a_fire


def test_message_title_names_symbol_condition_and_target() -> None:
    assert write_message(a_fire()).title == "BTCUSDT touched 64000.5 (long)"
    fire = a_fire(condition="close_below", side="short", target=1.04e-05)
    assert write_message(fire).title == "BTCUSDT closed below 1.04e-05 (short)"
    assert write_message(a_fire(), language="zh").title == "BTCUSDT 触及 64000.5（做多）"


def test_message_body_has_note_first_then_market_chart_and_fire_id() -> None:
    fire = a_fire(note="<b>sell & *run*", timeframe="4h")
    lines = write_message(fire, public_url="https://desk.example/levels/").body.splitlines()
    assert lines[0] == "<b>sell & *run*"
    assert lines[1].startswith("sim spot, simulated: price 64000.25 at")
    assert lines[2] == (
        "https://desk.example/levels/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=4h"
    )
    assert lines[-1] == f"fire_id {FIRE_ID}"
    assert "simulated" not in write_message(a_fire(exchange="binance")).body
    assert "chart" not in write_message(fire).body


def test_message_of_a_late_fire_says_so() -> None:
    assert "prices were missing" in write_message(a_fire(late=True)).body
    assert "缺少行情" in write_message(a_fire(late=True), language="zh").body
    assert "missing" not in write_message(a_fire()).body


def test_message_of_an_expiry_has_its_end() -> None:
    gone = WatchExpired(**a_fire(note="n").model_dump(exclude={"type", "fire_id", "price", "arm", "late"}))
    message = write_message(gone)
    assert message.title == "BTCUSDT: the watch at 64000.5 has expired (long)"
    assert message.body.startswith("n\nsim spot, simulated: expired at ")
    assert "已到期" in write_message(gone, language="zh").title


def test_markdown_message_keeps_its_link() -> None:
    body = write_message(a_fire(note="a_b"), public_url="https://desk.example", markup="markdown").body
    assert body.startswith("a\\_b\n")
    assert "\nhttps://desk.example/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h\n" in body


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40))
def test_markdown_message_escapes_every_sign_of_a_note(note: str) -> None:
    written = write_message(a_fire(note=note), markup="markdown").body.split("\nsim", 1)[0]
    if "http" not in note:
        assert re.sub(r"\\(.)", r"\1", written) == note
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`<\[]", written)


def test_message_about_blindness_names_the_time_without_prices() -> None:
    fields = make_expired().model_dump(exclude={"type"})
    blinded = WatchBlinded(**fields)
    sighted = WatchSighted(**fields, blind_from=NOON - timedelta(minutes=6))
    assert write_message(blinded).title == "BTCUSDT: no price, so its watches cannot fire"
    assert "no price since 2025-11-22 12:00:00 UTC" in write_message(blinded).body
    assert "no price from 2025-11-22 11:54:00 to 2025-11-22 12:00:00 UTC" in write_message(sighted).body
    assert write_message(sighted, language="zh").title == "BTCUSDT：盯盘的行情已恢复"


def test_message_of_a_template_replaces_note_and_description_and_keeps_the_ids() -> None:
    fire = a_fire().model_copy(
        update={
            "note": "half size",
            "delivery": WatchDelivery(template="{symbol} {condition} {target}!\n{note}"),
        }
    )
    body = write_message(fire, markup="markdown").body.splitlines()
    assert body[0] == r"BTCUSDT touched 64000\.5\!"
    assert body[1:3] == ["half size", rf"watch {fire.watch_id}".replace("-", r"\-")]


def test_message_of_a_test_names_no_watch_as_fired() -> None:
    message = write_message(build_test_notice("t-1", NOON), language="zh")
    assert message.title == "Strandline：通知目标测试"
    assert "没有盯盘触发" in message.body


def test_message_of_a_digest_lists_the_other_levels_after_its_template() -> None:
    other = NearbyLevel(market=make_market("ETHUSDT"), level_id="S2", target=3_000.0, price=3_001.0)
    fire = a_fire().model_copy(
        update={
            "condition": "near",
            "others": (other,),
            "others_total": 3,
            "delivery": WatchDelivery(template="{symbol}!"),
        }
    )
    first, *lines = write_message(fire).body.splitlines()
    assert first == f"{fire.symbol}!"
    assert lines[:2] == ["ETHUSDT 1h: 3000 (3001)", "and 2 more"]
