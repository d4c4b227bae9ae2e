"""What people read."""

from consumers.notifier.message import body, title
from tests.support.fires import FIRE_ID, a_fire


def test_the_title_says_what_happened() -> None:
    assert title(a_fire()) == "BTCUSDT touched 64000.5 (long)"
    assert title(a_fire(condition="close_below", side="short", target=1.04e-05)) == (
        "BTCUSDT closed below 1.04e-05 (short)"
    )


def test_the_body_has_the_fire_id_and_says_what_is_simulated() -> None:
    assert f"fire_id {FIRE_ID}" in body(a_fire())
    assert "sim spot, simulated: price 64000.25 at" in body(a_fire())
    assert "simulated" not in body(a_fire(exchange="binance"))
