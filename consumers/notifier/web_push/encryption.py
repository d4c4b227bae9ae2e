"""Encrypts a message so that only the subscribed browser reads it (RFC 8291, aes128gcm of RFC 8188). Pure."""

import base64
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_PLAIN = 3_993
"""Bytes of a message: push services take 4,096 after encryption."""
_RECORD_SIZE = 4_096
_LAST_RECORD = b"\x02"


def encrypt_message(
    plain: bytes,
    browser_key: bytes,
    browser_secret: bytes,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the body of the request; `salt` and `sender` are random unless they are given.

    `browser_key` and `browser_secret` are the subscription's `p256dh` and `auth`. Raises ValueError for a key that is
    no point of P-256, and for a message that is too long.
    """
    if len(plain) > MAX_PLAIN:
        raise ValueError(f"a message of {len(plain)} bytes: push services take {MAX_PLAIN}")
    salt = salt or os.urandom(16)
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser_key)
    own = encode_point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    material = _derive(shared, browser_secret, b"WebPush: info\0" + browser_key + own, 32)
    key = _derive(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(material, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD_SIZE.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


def encode_point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
