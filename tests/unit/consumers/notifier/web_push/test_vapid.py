import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consumers.notifier.web_push.encryption import decode_base64url
from consumers.notifier.web_push.vapid import build_authorization, generate_keys, read_private, read_public

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_generated_keys_belong_to_each_other() -> None:
    keys = generate_keys()
    assert read_public(read_private(keys.private)) == keys.public
    assert len(decode_base64url(keys.public)) == 65
    assert generate_keys() != keys


def test_authorization_is_a_token_that_the_public_key_verifies() -> None:
    keys = generate_keys()
    endpoint = "https://push.example:443/send/abc?x=1"
    header = build_authorization(read_private(keys.private), endpoint, "mailto:ops@example.com", NOW)
    scheme, token, key = header.replace(",", "").split(" ")
    assert (scheme, key) == ("vapid", f"k={keys.public}")
    head, claims, signature = token.removeprefix("t=").split(".")
    assert json.loads(decode_base64url(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decode_base64url(claims)) == {
        "aud": "https://push.example:443",
        "exp": int(NOW.timestamp()) + 43_200,
        "sub": "mailto:ops@example.com",
    }
    raw = decode_base64url(signature)
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode_base64url(keys.public))
    public.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize("text", ["", "short", "A" * 43, "_" * 43, "not base64!"])
def test_read_private_refuses_what_is_no_key_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="strandline keys vapid") as caught:
        read_private(text)
    assert not text or text not in str(caught.value)
