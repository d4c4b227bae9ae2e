"""API keys: format, hash and validity."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.api_key_format import find_valid_key, generate_key, hash_key, parse_key_id

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_generate_key_returns_secret_and_stores_only_hash() -> None:
    secret, key = generate_key("desk", ["read"], NOW)
    assert secret.startswith(f"sl_{key.id}_")
    assert secret.split("_", 2)[2] not in repr(key)
    assert key.hash == hash_key(secret)
    assert generate_key("desk", ["read"], NOW)[0] != secret


def test_find_valid_key_accepts_only_the_exact_secret() -> None:
    secret, key = generate_key("desk", ["read"], NOW)
    _, another = generate_key("bot", ["read"], NOW)
    keys = {key.id: key, another.id: another}
    assert find_valid_key(keys, secret, NOW) is key
    assert find_valid_key(keys, secret.replace(key.id, another.id), NOW) is None
    assert find_valid_key(keys, secret[:-1] + ("A" if secret[-1] != "A" else "B"), NOW) is None
    assert find_valid_key({}, secret, NOW) is None


@pytest.mark.parametrize(
    "given", ["", "sl_", "x" * 60, "sl_00_" + "a" * 43, "sl_0123456789ab_\udc80" + "a" * 42]
)
def test_parse_key_id_rejects_other_formats(given: str) -> None:
    assert parse_key_id(given) is None
    assert find_valid_key({}, given, NOW) is None


def test_find_valid_key_refuses_expired_key() -> None:
    secret, key = generate_key("desk", ["read"], NOW, NOW + timedelta(days=1))
    keys = {key.id: key}
    assert find_valid_key(keys, secret, NOW + timedelta(hours=23)) is key
    assert find_valid_key(keys, secret, NOW + timedelta(days=1)) is None
