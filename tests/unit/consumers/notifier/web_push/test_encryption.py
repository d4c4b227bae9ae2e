"""Against the example of RFC 8291, appendix A."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from consumers.notifier.web_push.encryption import (
    MAX_PLAIN,
    decode_base64url,
    encode_base64url,
    encrypt_message,
)
from consumers.notifier.web_push.vapid import read_private

BROWSER_KEY = decode_base64url(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
BROWSER_SECRET = decode_base64url("BTBZMqHH6r4Tts7J_aSIgg")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_encrypt_message_gives_the_example_of_the_standard() -> None:
    body = encrypt_message(
        b"When I grow up, I want to be a watermelon",
        BROWSER_KEY,
        BROWSER_SECRET,
        salt=decode_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=read_private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert encode_base64url(body) == BODY


def test_encrypt_message_never_repeats_itself_and_fits_a_push_service() -> None:
    bodies = {encrypt_message(b"x" * MAX_PLAIN, BROWSER_KEY, BROWSER_SECRET) for _ in range(3)}
    assert len(bodies) == 3
    assert {len(body) for body in bodies} == {4_096}
    with pytest.raises(ValueError, match="push services take"):
        encrypt_message(b"x" * (MAX_PLAIN + 1), BROWSER_KEY, BROWSER_SECRET)


def test_encrypt_message_refuses_a_key_that_is_no_point() -> None:
    with pytest.raises(ValueError, match="Invalid EC key"):
        encrypt_message(b"", b"\x04" + b"\x01" * 64, BROWSER_SECRET)


def test_curve_of_the_tests_is_that_of_the_keys() -> None:
    assert isinstance(read_private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").curve, ec.SECP256R1)
