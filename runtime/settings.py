"""Every setting, once. Built in a composition root and passed down; nobody reads the environment elsewhere."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from runtime.errors import ConfigurationError

SECRET_FILES = Path("/run/secrets")
"""Where Docker and Kubernetes put secrets: a file `strandline_database_url` there is as good as the variable."""

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


def split_urls(urls: str) -> tuple[str, ...]:
    """URLs out of one text, by blanks or commas; one may have commas in it, and so ends where another begins."""
    parts = re.split(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)", urls.strip().rstrip(","))
    return tuple(part for part in parts if part)


class Settings(BaseSettings):
    """Read from `STRANDLINE_*`, else from `SECRET_FILES`. See docs/operations.md for what each is for."""

    model_config = SettingsConfigDict(
        env_prefix="STRANDLINE_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    kafka_bootstrap: str | None = None
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    database_url: SecretStr | None = None
    database_ssl: bool = False
    database_ssl_cafile: Path | None = None
    redis_url: SecretStr | None = None

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    http_workers: Annotated[int, Field(ge=1)] = 1
    ops_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    reads: Literal["open", "keys"] = "open"
    """Whether reading over HTTP takes a key."""
    writes: Literal["auto", "open", "keys"] = "auto"
    """Whether writing does; auto: as soon as there is a key."""
    rate_limit: Annotated[int, Field(ge=0)] = 6_000
    rate_limit_key: Annotated[int, Field(ge=0)] = 12_000
    rate_limit_writes: Annotated[int, Field(ge=0)] = 600
    """Requests a minute: of one address, of one key, and how many of either may write. 0: any number."""
    streams: Annotated[int, Field(ge=1)] = 500
    streams_per_client: Annotated[int, Field(ge=1)] = 20
    """Live streams that one process of the API has open at most: in all, and of one address or key."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks of proxies whose X-Forwarded-For is believed."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Other sites whose pages may call the API, such as https://desk.example."""
    api_key: SecretStr | None = None
    """What the command line sends to an API that asks for a key."""
    data_dir: Path = Path(".data")

    exchanges: Annotated[tuple[str, ...], NoDecode] = ("binance", "bybit")
    exchange: str = "binance"
    exchange_urls: dict[str, HttpUrl] = Field(default_factory=dict)
    exchange_timeout: Annotated[float, Field(gt=0)] = 10.0
    exchange_patience: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that a call may wait for its turn in the exchange's budget."""
    replicas: Annotated[int, Field(ge=1)] = 1
    """How many processes call exchanges from one address: each keeps to its part of the budget without Redis."""

    prices_of: Literal["wanted", "all"] = "wanted"
    """Whose prices are told: markets with a row or an active watch, or all that can be traded."""
    prices_stream: bool = True
    """Follow prices by websocket where ccxt can, and poll only what is not heard of."""
    prices_interval: Annotated[float, Field(ge=0.2, le=60)] = 1.0
    """Seconds between two polls of prices."""
    watchlist: Annotated[tuple[str, ...], NoDecode] = ()
    """Markets that the scheduler keeps fresh; `*` in a symbol, `>N` for a volume: producers/scheduler/watchlist.py."""
    watchlist_file: Path | None = None
    schedule_delay: Annotated[float, Field(ge=0, le=600)] = 2.0
    """Seconds from a candle's close to its first request: the exchange's clock may be behind ours."""
    schedule_spread: Annotated[float, Field(ge=0, le=3_600)] = 30.0
    """Seconds over which the requests of one close are spread; a quarter of a candle at most."""
    schedule_rate: Annotated[float, Field(gt=0, le=10_000)] = 20.0
    """Requests a second that one scheduler publishes at most."""

    notify_urls: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Where people are told that a watch fired: apprise's URLs."""
    webhook_urls: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    webhook_secret: SecretStr | None = None
    webhook_private: bool = False
    """Whether a webhook may be at a private address."""
    notify_within: Annotated[float, Field(ge=1, le=86_400)] = 900.0
    """Seconds from a fire until it is no news any more."""
    notify_timeout: Annotated[float, Field(ge=0.1, le=120)] = 15.0
    """Seconds of one attempt to deliver."""

    topic_partitions: Annotated[int, Field(ge=1)] = 12
    topic_replication: Annotated[int, Field(ge=1)] = 1
    publish_timeout: Annotated[float, Field(gt=0)] = 30.0
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "gzip"
    """Of what is published. Every client reads gzip; kafkajs, for one, reads the others only with a plug-in."""
    session_timeout: Annotated[float, Field(ge=6)] = 30.0
    max_poll_interval: Annotated[float, Field(gt=0)] = 300.0

    analyzer_concurrency: Annotated[int, Field(ge=1)] = 16
    candle_cache_mb: Annotated[int, Field(ge=0)] = 256
    """Memory for the candles of markets analysed before: 0.1 MB for a market of 2,000 candles."""
    sink_batch: Annotated[int, Field(ge=1)] = 500
    sink_linger: Annotated[float, Field(ge=0)] = 0.05
    partition_window: Annotated[int, Field(ge=1)] = 1_000
    drain_timeout: Annotated[float, Field(gt=0)] = 20.0
    flood_consecutive: Annotated[int, Field(ge=0)] = 100
    """So many unreadable records in a row go to the dead letters before a consumer pauses; 0: any number."""
    flood_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """And so large a part of the latest 200; 1: all of them."""
    exit_on_flood: bool = False
    cache_seconds: Annotated[float, Field(ge=0, le=300)] = 300.0
    """How long Redis keeps an answer of the API at most; 0: not at all."""
    history_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    jobs_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    """How long ended jobs are kept; a queued one is never pruned."""
    otlp_endpoint: HttpUrl | None = None
    """Where spans go: the base URL of a collector that speaks OTLP over HTTP. None: nowhere."""
    log_format: str = "auto"
    log_level: str = "INFO"

    @field_validator("exchanges", "api_keys", "watchlist", "trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        for one in written:
            ip_network(one)
        return written

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(one) for one in written):
            raise ValueError("write origins like https://desk.example, without a path; there is no *")
        return written

    @field_validator("notify_urls", "webhook_urls", mode="before")
    @classmethod
    def _urls(cls, value: object) -> object:
        return split_urls(value) if isinstance(value, str) else value

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """The settings of this process. Raises ConfigurationError naming each bad variable, never its value."""
        try:
            return cls(_secrets_dir=SECRET_FILES if SECRET_FILES.is_dir() else None, **overrides)
        except ValidationError as error:
            wrong = "; ".join(
                f"STRANDLINE_{'_'.join(str(part) for part in e['loc'][:1]).upper()}: {e['msg']}"
                for e in error.errors(include_input=False)
            )
            raise ConfigurationError(f"settings: {wrong}") from None
        except SettingsError as error:
            # Its message names the field; the cause, which is left behind, has the value.
            raise ConfigurationError(f"settings: {error} (this one is written in JSON)") from None

    def with_exchange(self, name: str, url: str) -> Self:
        """These settings with `name` allowed and reached at `url`."""
        return self.model_copy(
            update={
                "exchanges": tuple(dict.fromkeys((*self.exchanges, name))),
                "exchange_urls": self.exchange_urls | {name: HttpUrl(url)},
            }
        )

    def with_default_database(self) -> Self:
        """These settings with SQLite in `data_dir`, unless a database is set."""
        if self.database_url is not None:
            return self
        file = self.data_dir.absolute() / "strandline.sqlite3"
        return self.model_copy(update={"database_url": SecretStr(f"sqlite+aiosqlite:///{file}")})

    def require_database_url(self) -> str:
        if self.database_url is None:
            raise ConfigurationError(
                "STRANDLINE_DATABASE_URL is not set: mysql+aiomysql://user:password@host/db "
                "or sqlite+aiosqlite:///file"
            )
        url = self.database_url.get_secret_value()
        if self.database_ssl_cafile and not self.database_ssl:
            raise ConfigurationError(
                "STRANDLINE_DATABASE_SSL_CAFILE is set, but not STRANDLINE_DATABASE_SSL: set it to true"
            )
        return self._over_tls(url) if self.database_ssl and url.startswith("mysql") else url

    def _over_tls(self, url: str) -> str:
        words = {"ssl": "true"} | (
            {"ssl_ca": str(self.database_ssl_cafile)} if self.database_ssl_cafile else {}
        )
        _, _, database = url.rpartition("/")
        return f"{url}{'&' if '?' in database else '?'}{urlencode(words)}"

    def require_kafka_bootstrap(self) -> str:
        if not self.kafka_bootstrap:
            raise ConfigurationError(
                "STRANDLINE_KAFKA_BOOTSTRAP is not set (host:port,...); `strandline up` needs no Kafka"
            )
        return self.kafka_bootstrap
