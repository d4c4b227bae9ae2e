"""How Kafka is spoken to: verified TLS or none, and compressed records."""

import ssl

import pytest

from broker.kafka.options import connection_options, producer_options
from runtime.settings import Settings


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_tls_verifies_certificate_and_host_name(protocol: str) -> None:
    options = connection_options(
        Settings.load(kafka_bootstrap="kafka:9092", kafka_security_protocol=protocol)
    )
    context = options["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_options_without_tls_have_no_context() -> None:
    options = connection_options(
        Settings.load(kafka_bootstrap="kafka:9092", kafka_security_protocol="SASL_PLAINTEXT")
    )
    assert "ssl_context" not in options


@pytest.mark.parametrize(("setting", "option"), [("none", None), ("gzip", "gzip"), ("zstd", "zstd")])
def test_producer_compresses_as_the_settings_say(setting: str, option: str | None) -> None:
    settings = Settings.load(kafka_bootstrap="localhost:9092", kafka_compression=setting)
    assert producer_options(settings)["compression_type"] == option
