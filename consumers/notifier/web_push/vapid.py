"""The server's keys, and the token by which a push service knows the server (VAPID, RFC 8292). Pure."""

import json
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consumers.notifier.web_push.encryption import decode_base64url, encode_base64url, encode_point

_VALIDITY = timedelta(hours=12)
"""RFC 8292 allows a day; a clock may be wrong."""
_KEY_BYTES = 32
_CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class VapidKeys(NamedTuple):
    """Both in base64url: the point that browsers get, and the scalar that stays with the server."""

    public: str
    private: str


def generate_keys() -> VapidKeys:
    """Return new random keys."""
    key = ec.generate_private_key(ec.SECP256R1())
    scalar = key.private_numbers().private_value.to_bytes(_KEY_BYTES, "big")
    return VapidKeys(read_public(key), encode_base64url(scalar))


def read_private(text: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError, which does not repeat the key."""
    try:
        scalar = decode_base64url(text.strip())
    except ValueError:
        scalar = b""
    if len(scalar) != _KEY_BYTES or not 0 < int.from_bytes(scalar, "big") < _CURVE_ORDER:
        raise ValueError("is no key of P-256 in base64url: make one with `strandline keys vapid`")
    return ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())


def read_public(key: ec.EllipticCurvePrivateKey) -> str:
    return encode_base64url(encode_point(key.public_key()))


def build_authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: datetime) -> str:
    """Return the Authorization header for a request to `endpoint`; `contact` is a mailto: or https: URI."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + _VALIDITY).timestamp()),
        "sub": contact,
    }
    signed = f"{_encode_json({'typ': 'JWT', 'alg': 'ES256'})}.{_encode_json(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = encode_base64url(r.to_bytes(_KEY_BYTES, "big") + s.to_bytes(_KEY_BYTES, "big"))
    return f"vapid t={signed}.{signature}, k={read_public(key)}"


def _encode_json(value: object) -> str:
    return encode_base64url(json.dumps(value, separators=(",", ":")).encode())
