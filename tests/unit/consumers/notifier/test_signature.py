"""The signature, against one that openssl made: `printf '1767614400.{"a":1}' | openssl dgst -sha256 -hmac ...`."""

from datetime import UTC, datetime

from consumers.notifier.signature import headers, signed
from tests.support.fires import FIRE_ID, SECRET, a_fire


def test_it_is_hmac_sha256_over_timestamp_and_body() -> None:
    expected = "fdf0272c4173b4342463d5b083c8a1745ae0edb24ba6a22cd311358922cb2ffa"
    assert signed(SECRET, "1767614400", b'{"a":1}') == expected
    assert signed(SECRET, "1767614401", b'{"a":1}') != expected
    assert signed(SECRET + "!", "1767614400", b'{"a":1}') != expected


def test_every_message_has_its_fire_id_and_its_time() -> None:
    body = a_fire().model_dump_json().encode()
    made = headers(SECRET, a_fire(), body, datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert made["X-Strandline-Fire-Id"] == FIRE_ID
    assert made["X-Strandline-Timestamp"] == "1767614400"
    assert made["X-Strandline-Signature"] == f"v1={signed(SECRET, '1767614400', body)}"
    assert made["X-Strandline-Event"] == "strandline.WatchFired.v1"
