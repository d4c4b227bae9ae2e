"""The signature of Standard Webhooks, against its own library."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from consumers.notifier.webhook import build_headers, read_key
from tests.support.fires import FIRE_ID, a_fire

KEY = b"24 bytes that are random"
ENCODED = base64.b64encode(KEY).decode()


@pytest.mark.parametrize("secret", [f"whsec_{ENCODED}", ENCODED])
def test_webhook_library_verifies_the_signature(secret: str) -> None:
    body = a_fire().model_dump_json().encode()
    headers = build_headers(read_key(secret), a_fire(), body, datetime.now(UTC))
    assert Webhook(secret).verify(body, dict(headers))["fire_id"] == FIRE_ID == headers["webhook-id"]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", dict(headers))


def test_webhook_library_verifies_any_secret_by_its_base64() -> None:
    secret, body = "not base64: 0123456789", b"{}"
    headers = build_headers(read_key(secret), a_fire(), body, datetime.now(UTC))
    assert Webhook(base64.b64encode(secret.encode()).decode()).verify(body, dict(headers)) == {}


def test_read_key_refuses_a_prefix_without_base64() -> None:
    with pytest.raises(ValueError, match="is not base64"):
        read_key("whsec_not base64: 0123456789")


def test_build_headers_has_the_three_of_the_standard_and_no_other() -> None:
    headers = build_headers(KEY, a_fire(), b"{}", datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert headers["webhook-timestamp"] == "1767614400"
    assert sorted(headers) == [
        "content-type",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ]
