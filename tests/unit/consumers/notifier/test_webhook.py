"""The signature, against one that openssl made: `printf '1767614400.{"a":1}' | openssl dgst -sha256 -hmac ...`."""

from datetime import UTC, datetime

from consumers.notifier.webhook import build_headers, sign_body
from tests.support.fires import FIRE_ID, SECRET, a_fire


def test_sign_body_is_hmac_sha256_over_timestamp_and_body() -> None:
    expected = "fdf0272c4173b4342463d5b083c8a1745ae0edb24ba6a22cd311358922cb2ffa"
    assert sign_body(SECRET, "1767614400", b'{"a":1}') == expected
    assert sign_body(SECRET, "1767614401", b'{"a":1}') != expected
    assert sign_body(SECRET + "!", "1767614400", b'{"a":1}') != expected


def test_build_headers_has_fire_id_time_and_signature() -> None:
    body = a_fire().model_dump_json().encode()
    headers = build_headers(SECRET, a_fire(), body, datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert headers["X-Strandline-Fire-Id"] == FIRE_ID
    assert headers["X-Strandline-Timestamp"] == "1767614400"
    assert headers["X-Strandline-Signature"] == f"v1={sign_body(SECRET, '1767614400', body)}"
    assert headers["X-Strandline-Event"] == "strandline.WatchFired.v1"
