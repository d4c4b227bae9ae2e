"""The text of a message sent through apprise."""

from consumers.notifier.apprise_target import message_text, message_title
from tests.support.fires import FIRE_ID, a_fire


def test_message_title_names_symbol_condition_and_target() -> None:
    assert message_title(a_fire()) == "BTCUSDT touched 64000.5 (long)"
    assert message_title(a_fire(condition="close_below", side="short", target=1.04e-05)) == (
        "BTCUSDT closed below 1.04e-05 (short)"
    )


def test_message_text_has_fire_id_and_marks_simulated_market() -> None:
    assert f"fire_id {FIRE_ID}" in message_text(a_fire())
    assert "sim spot, simulated: price 64000.25 at" in message_text(a_fire())
    assert "simulated" not in message_text(a_fire(exchange="binance"))
