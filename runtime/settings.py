"""Every setting of a process. Loaded once at its start and passed down; no other module reads the environment."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from runtime.errors import ConfigurationError

SECRET_FILES = Path("/run/secrets")
"""Where Docker and Kubernetes mount secrets: a file `strandline_database_url` there replaces the variable."""

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


def split_urls(urls: str) -> tuple[str, ...]:
    """Split URLs separated by blanks or commas; a URL may contain commas, so it ends where the next scheme begins."""
    parts = re.split(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)", urls.strip().rstrip(","))
    return tuple(part for part in parts if part)


WatchEventType = Literal["fired", "expired", "blinded", "sighted"]


class Settings(BaseSettings):
    """Read from `STRANDLINE_*`, else from `SECRET_FILES`. docs/operations.md explains each."""

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
    """Whether HTTP reads need a key."""
    writes: Literal["auto", "open", "keys"] = "auto"
    """Whether HTTP writes need a key; auto: as soon as a key exists."""
    rate_limit: Annotated[int, Field(ge=0)] = 6_000
    rate_limit_key: Annotated[int, Field(ge=0)] = 12_000
    rate_limit_writes: Annotated[int, Field(ge=0)] = 600
    """Requests per minute: of one address, of one key, and how many of either may write. 0: unlimited."""
    streams: Annotated[int, Field(ge=1)] = 500
    streams_per_client: Annotated[int, Field(ge=1)] = 20
    """Maximum of open live streams per API process: in total, and of one address or key."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks of proxies whose X-Forwarded-For is trusted."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Other sites whose pages may call the API, such as https://desk.example."""
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = ()
    """Other sites whose pages may frame `/embed/chart`; every other page stays unframed."""
    api_key: SecretStr | None = None
    """The key that the command line sends to the API."""
    data_dir: Path = Path(".data")

    exchanges: Annotated[tuple[str, ...], NoDecode] = ("binance", "bybit")
    exchange: str = "binance"
    exchange_urls: dict[str, HttpUrl] = Field(default_factory=dict)
    exchange_timeout: Annotated[float, Field(gt=0)] = 10.0
    exchange_patience: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that a call may wait for the exchange's rate limit."""
    replicas: Annotated[int, Field(ge=1)] = 1
    """Processes that call exchanges from one address; without Redis each takes its share of the rate limit."""

    prices_of: Literal["wanted", "all"] = "wanted"
    """Which prices are published: of markets with a row or an active watch, or of all tradable markets."""
    prices_stream: bool = True
    """Stream prices by websocket where ccxt can, and poll only markets without a streamed price."""
    prices_interval: Annotated[float, Field(ge=0.2, le=60)] = 1.0
    """Seconds between two polls of prices."""
    blind_after: Annotated[float, Field(ge=15, le=86_400)] = 60.0
    """Seconds without a price after which a watch counts as blind; at least twice `prices_interval`."""
    blind_report_after: Annotated[float, Field(ge=0, le=86_400)] = 300.0
    """Seconds without a price after which an event reports that a watch is blind, and a notification; 0: never."""
    watchlist: Annotated[tuple[str, ...], NoDecode] = ()
    """Markets that the scheduler requests; `*` in a symbol, `>N` for a volume: producers/watchlist/entries.py."""
    watchlist_file: Path | None = None
    schedule_delay: Annotated[float, Field(ge=0, le=600)] = 2.0
    """Seconds from a candle's close to its first request: the exchange's clock may lag ours."""
    schedule_spread: Annotated[float, Field(ge=0, le=3_600)] = 30.0
    """Seconds over which the requests of one close are spread; a quarter of a candle at most."""
    schedule_rate: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    """Maximum of requests per second that one scheduler publishes."""

    feed_share: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$")] = "1/1"
    """Which part of the symbols this feed follows, of how many: `1/1` all, `2/3` the second third by hash."""

    feed_trades: Annotated[tuple[str, ...], NoDecode] = ()
    """Exchanges whose minutes are built from trades even where klines can be streamed, since those are late."""

    canary: str = "BTCUSDT"
    """The symbol that the scheduler requests every minute, to measure the pipeline from outside; off: none."""

    notify_urls: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Targets of notifications when a watch fires: apprise's URLs."""
    webhook_urls: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    level_webhooks: SecretStr | None = None
    """Webhooks for events of levels, each with its filter: a JSON list, which the notifier reads."""
    webhook_secret: SecretStr | None = None
    webhook_private: bool = False
    """Whether a webhook may have a private address."""
    vapid_public_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{87}$")] | None = None
    """The key that browsers subscribe to Web Push with, for the API: `strandline keys vapid` makes both."""
    vapid_private_key: SecretStr | None = None
    """The key that signs messages of Web Push, for the notifier."""
    vapid_contact: Annotated[str, Field(pattern=r"^(mailto:|https://).{3,200}$")] | None = None
    """Where operators of push services reach the one of this server: a mailto: or https: address."""
    notify_events: Annotated[tuple[WatchEventType, ...], NoDecode] = ("fired", "blinded", "sighted")
    """Which events of watches are delivered."""
    public_url: HttpUrl | None = None
    """Where the pages are for their users, for links in notifications. None: no links."""
    language: Literal["en", "zh"] = "en"
    """The language of notifications."""
    notify_within: Annotated[float, Field(ge=1, le=86_400)] = 900.0
    """Seconds after a fire within which it is delivered."""
    notify_timeout: Annotated[float, Field(ge=0.1, le=120)] = 15.0
    """Timeout in seconds of one delivery attempt."""

    topic_partitions: Annotated[int, Field(ge=1)] = 12
    topic_replication: Annotated[int, Field(ge=1)] = 1
    topic_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,100}$")] = ""
    """Begins the names of topics and groups on Kafka."""
    publish_timeout: Annotated[float, Field(gt=0)] = 30.0
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "gzip"
    """Compression of published records. Every client reads gzip; kafkajs reads the others only with a plug-in."""
    session_timeout: Annotated[float, Field(ge=6)] = 10.0
    max_poll_interval: Annotated[float, Field(gt=0)] = 300.0

    analyzer_concurrency: Annotated[int, Field(ge=1)] = 16
    analyzer_processes: Annotated[int, Field(ge=0, le=16)] = 1
    """Processes that an analyzer starts when more than 100 series wait to be analysed."""
    publish_every_closes: Annotated[int, Field(ge=1)] = 10
    """Of a market's closes that change no level each such one has a full result, the others a short event."""
    series_file: Path | None = None
    """Where an analyzer keeps its cached candles, to have them after a restart; `up` has one in its data folder."""
    shared_series: bool = True
    """Whether analyzers share their cached candles over Redis, where there is one."""
    candle_cache_mb: Annotated[int, Field(ge=0)] = 256
    """Memory for cached candles: 0.1 MB for a market of 2,000 candles."""
    sink_batch: Annotated[int, Field(ge=1)] = 500
    sink_linger: Annotated[float, Field(ge=0)] = 0.05
    partition_window: Annotated[int, Field(ge=1)] = 1_000
    drain_timeout: Annotated[float, Field(gt=0)] = 20.0
    flood_consecutive: Annotated[int, Field(ge=0)] = 100
    """Consecutive dead letters after which a consumer pauses; 0: unlimited."""
    flood_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of dead letters among the latest 200 records at which a consumer pauses; 1: never by share."""
    exit_on_flood: bool = False
    cache_seconds: Annotated[float, Field(ge=0, le=300)] = 300.0
    """Maximum seconds that Redis caches an API answer; 0: no caching."""
    history_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    level_events_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    """Days that events of levels are kept, and retired levels."""
    jobs_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    """Days that ended jobs are kept; queued ones are never pruned."""
    otlp_endpoint: HttpUrl | None = None
    """Base URL of the OTLP/HTTP collector that receives spans. None: no export."""
    log_format: str = "auto"
    log_level: str = "INFO"

    @field_validator(
        "exchanges",
        "feed_trades",
        "api_keys",
        "watchlist",
        "trusted_proxies",
        "cors_origins",
        "frame_ancestors",
        "notify_events",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        for one in written:
            ip_network(one)
        return written

    @field_validator("cors_origins", "frame_ancestors")
    @classmethod
    def _check_origins(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(one) for one in written):
            raise ValueError(
                "an origin must look like https://desk.example, without a path; * is not supported"
            )
        return written

    @field_validator("notify_urls", "webhook_urls", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        return split_urls(value) if isinstance(value, str) else value

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Load the settings. Raises ConfigurationError naming each invalid variable, never its value."""
        try:
            return cls(_secrets_dir=SECRET_FILES if SECRET_FILES.is_dir() else None, **overrides)
        except ValidationError as error:
            wrong = "; ".join(
                f"STRANDLINE_{'_'.join(str(part) for part in e['loc'][:1]).upper()}: {e['msg']}"
                for e in error.errors(include_input=False)
            )
            raise ConfigurationError(f"settings: {wrong}") from None
        except SettingsError as error:
            # Its message names the field; the cause, which is dropped, contains the value.
            raise ConfigurationError(f"settings: {error} (its value must be JSON)") from None

    def with_exchange(self, name: str, url: str) -> Self:
        """Return these settings with exchange `name` allowed and reached at `url`."""
        return self.model_copy(
            update={
                "exchanges": tuple(dict.fromkeys((*self.exchanges, name))),
                "exchange_urls": self.exchange_urls | {name: HttpUrl(url)},
            }
        )

    def with_default_database(self) -> Self:
        """Return these settings with SQLite in `data_dir`, unless a database is set."""
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
        return self._add_tls_options(url) if self.database_ssl and url.startswith("mysql") else url

    def _add_tls_options(self, url: str) -> str:
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
        if "@" in self.kafka_bootstrap or "://" in self.kafka_bootstrap:
            raise ConfigurationError(
                "STRANDLINE_KAFKA_BOOTSTRAP must be host:port,... without a scheme; the credentials belong into "
                "STRANDLINE_KAFKA_SASL_USERNAME and _PASSWORD"
            )
        return self.kafka_bootstrap
