"""Credentials in URLs stay out of texts, and URLs that parsers would split wrongly are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from exchanges.rate_limit.redis_store import RedisBucketStore
from runtime.best_effort_redis import BestEffortRedis
from runtime.errors import ConfigurationError
from runtime.redaction import redact_urls
from runtime.settings import Settings
from storage.database import open_database
from tests.support.clock import ManualClock

SECRETS = ("hun@ter2", "hun/ter2", "hun#ter2", "hun?ter2", "hun@ter/2", "h:un@ter2", "12/ter2", "ter2@12")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET http://u:hunter2@proxy:80/x?y=1", "GET http://***@proxy:80/x?y=1"),
        ("('redis://:hun@ter2@h/0',)", "('redis://***@h/0',)"),
        ('{"a": "https://token@h", "b": "x@y"}', '{"a": "https://***@h", "b": "x@y"}'),
        ("https://h/@user", "https://h/@user"),
        ("mail a@b", "mail a@b"),
        ("https://a/b https://u:p@c", "https://a/b https://***@c"),
    ],
)
def test_redact_urls_hides_credentials_only(text: str, shown: str) -> None:
    assert redact_urls(text) == shown


def database_host(secret: str) -> Any:
    return open_database(f"mysql+aiomysql://u:{secret}@example/levels").url.host


def redis_host(secret: str) -> Any:
    redis = BestEffortRedis.from_url(f"redis://u:{secret}@example", ManualClock())
    return redis.client.connection_pool.connection_kwargs["host"]


def bucket_host(secret: str) -> Any:
    return RedisBucketStore.at(f"redis://u:{secret}@example")._client.connection_pool.connection_kwargs[
        "host"
    ]


def kafka_host(secret: str) -> Any:
    return Settings.load(kafka_bootstrap=f"u:{secret}@example:9092").require_kafka_bootstrap()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("find_host", [database_host, redis_host, bucket_host, kafka_host])
def test_services_never_take_a_part_of_a_password_for_a_host(
    find_host: Callable[[str], Any], secret: str
) -> None:
    try:
        shown = find_host(secret)
    except ConfigurationError as error:
        shown = str(error)
    assert "hun" not in shown
    assert "ter2" not in shown


@pytest.mark.parametrize("find_host", [database_host, redis_host, bucket_host])
def test_services_accept_an_escaped_password(find_host: Callable[[str], Any]) -> None:
    assert find_host("hun%40ter%2F2") == "example"
