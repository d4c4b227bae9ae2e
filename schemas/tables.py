"""The tables. Other backends share `analysis_results`: they read it, and write rows of their own."""

from sqlalchemy import (
    JSON,
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import mysql

from schemas.events import MAX_MESSAGE_LENGTH

metadata = MetaData()

_ID = BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(Integer(), "sqlite")
# Times are UTC and naive in every table: MySQL's own types know no zone.
_MICROSECONDS = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
_REQUEST_ID = String(128).with_variant(mysql.VARCHAR(128, charset="ascii", collation="ascii_bin"), "mysql")
_MARKET_KEY = String(128).with_variant(
    mysql.VARCHAR(128, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
)
_UUID = String(36).with_variant(mysql.VARCHAR(36, charset="ascii", collation="ascii_bin"), "mysql")
_HASH = String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql")

_LEVEL_ID = String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql")

_WATCHLIST_ENTRY = String(191).with_variant(
    mysql.VARCHAR(191, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
)

_EXACT_SYMBOL = String(64).with_variant(
    mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"
)

# MySQL's default collation treats 1m (a minute) and 1M (a month) as equal, and would give them one row.
_TIMEFRAME = String(8).with_variant(mysql.VARCHAR(8, charset="utf8mb4", collation="utf8mb4_bin"), "mysql")


analysis_results = Table(
    "analysis_results",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("exchange", String(32), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("market_type", String(16), nullable=False),
    Column("timeframe", _TIMEFRAME, nullable=False),
    Column("input_limit", Integer, nullable=False),
    Column("support_levels", JSON, nullable=False),
    Column("resistance_levels", JSON, nullable=False),
    Column("last_price", Double, nullable=False),
    Column("created_at", TIMESTAMP, nullable=False),
    Column("updated_at", TIMESTAMP, nullable=False),
    Column("levels", JSON(none_as_null=True), nullable=True),
    Column("candle_at", BigInteger, nullable=True),
    Column("analyzed_at", _MICROSECONDS, nullable=True),
    Column("request_id", String(128), nullable=True),
    Column("algorithm", String(64), nullable=True),
    UniqueConstraint("exchange", "symbol", "market_type", "timeframe", name="uq_analysis_results_market"),
    Index("ix_analysis_results_symbol", "symbol"),
    Index("ix_analysis_results_updated_at_id", "updated_at", "id"),
    # All that a search reads to filter and to sort, so that it reads the rows of its page only.
    Index("ix_analysis_results_search", "symbol", "updated_at", "exchange", "market_type", "timeframe"),
)
"""One row per market. `id` and `created_at` never change; `candle_at` is in ms."""

analysis_jobs = Table(
    "analysis_jobs",
    metadata,
    Column("request_id", _REQUEST_ID, primary_key=True),
    Column("market", _MARKET_KEY, nullable=True),
    Column("status", String(16), nullable=False),
    Column("reason", String(32), nullable=True),
    Column("message", String(MAX_MESSAGE_LENGTH), nullable=True),
    Column("attempts", Integer, nullable=True),
    Column("queued_at", _MICROSECONDS, nullable=True),
    Column("ended_at", _MICROSECONDS, nullable=True),
    Column("result_id", _ID, nullable=True),
    Column("request", JSON(none_as_null=True), nullable=True),
    # With these the list of jobs, unfiltered and by each filter, is read newest first without sorting.
    Index("ix_analysis_jobs_queued_at", "queued_at", "ended_at"),
    Index("ix_analysis_jobs_status", "status", "queued_at", "ended_at"),
    Index("ix_analysis_jobs_market", "market", "queued_at", "ended_at"),
    Index("ix_analysis_jobs_ended_at", "ended_at"),
)
"""One row per request: `queued`, then `failed` or `completed`. `request` is republished after a restart."""

analysis_history = Table(
    "analysis_history",
    metadata,
    Column("market", _MARKET_KEY, primary_key=True),
    Column("candle_at", BigInteger, primary_key=True, autoincrement=False),
    Column("analyzed_at", _MICROSECONDS, primary_key=True),
    Column("params_hash", _HASH, primary_key=True),
    Column("candles_hash", _HASH, primary_key=True),
    Column("recorded_at", _MICROSECONDS, nullable=False),
    Column("input_limit", Integer, nullable=False),
    Column("last_price", Double, nullable=False),
    Column("support_levels", JSON, nullable=False),
    Column("resistance_levels", JSON, nullable=False),
    Column("levels", JSON, nullable=False),
    Column("request_id", _REQUEST_ID, nullable=False),
    Column("algorithm", String(64), nullable=False),
    Index("ix_analysis_history_market_analyzed_at", "market", "analyzed_at"),
    Index("ix_analysis_history_recorded_at", "recorded_at"),
)
"""One row per published result, never changed: the levels of a market, their time (`analyzed_at`) and their input.

`recorded_at` is when the sink wrote the row. The same analysis, consumed twice or split into several events because it
answers many requests, is one row.
"""

watches = Table(
    "watches",
    metadata,
    Column("id", _UUID, primary_key=True),
    Column("client_key", _REQUEST_ID, nullable=True),
    Column("requested", _HASH, nullable=False),
    Column("exchange", String(32), nullable=False),
    Column("market_type", String(16), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("timeframe", _TIMEFRAME, nullable=True),
    Column("condition", String(16), nullable=False),
    Column("target", Double, nullable=False),
    Column("side", String(8), nullable=False),
    Column("level_id", String(64), nullable=True),
    Column("level_price", Double, nullable=True),
    Column("level_low", Double, nullable=True),
    Column("level_high", Double, nullable=True),
    Column("on_move", String(8), nullable=True),
    Column("repeat", String(8), nullable=False),
    Column("cooldown_seconds", Integer, nullable=False),
    Column("expires_at", _MICROSECONDS, nullable=True),
    Column("note", String(200), nullable=True),
    Column("state", String(16), nullable=False),
    Column("since", _MICROSECONDS, nullable=False),
    Column("fires", Integer, nullable=False),
    Column("armed_at", _MICROSECONDS, nullable=True),
    Column("last_fired_at", _MICROSECONDS, nullable=True),
    Column("last_fired_price", Double, nullable=True),
    Column("version", Integer, nullable=False),
    Column("created_at", _MICROSECONDS, nullable=False),
    Column("updated_at", _MICROSECONDS, nullable=False),
    Column("deleted_at", _MICROSECONDS, nullable=True),
    Column("delivery", JSON(none_as_null=True), nullable=True),
    Column("last_fired_late", Boolean, nullable=False, server_default=text("0")),
    Column("within_pct", Double, nullable=True),
    Column("within_atr", Double, nullable=True),
    Column("atr", Double, nullable=True),
    UniqueConstraint("client_key", name="uq_watches_client_key"),
    Index("ix_watches_created_at", "deleted_at", "created_at", "id"),
    Index("ix_watches_updated_at", "updated_at"),
    Index("ix_watches_market", "symbol", "exchange", "market_type"),
    Index("ix_watches_bound", "symbol", "on_move"),
)
"""One row per watch. `requested` is a hash of the request body that created it; `level_price`, `level_low` and
`level_high` are the last known position of its level. `atr`: what `within_atr` counts in, as a price.

`since`: no price published before it fires the watch in its present state. `fires` is the highest arming that fired.
`armed_at`: the price that armed a close condition, if after the last fire. `version` and `updated_at` change with every
update except of `armed_at`; the watcher finds changes by them. Deleted rows are kept for a while, so that the watcher
sees the deletion.
"""

watch_fires = Table(
    "watch_fires",
    metadata,
    Column("fire_id", _UUID, primary_key=True),
    Column("watch_id", _UUID, nullable=False),
    Column("arm", Integer, nullable=False),
    Column("condition", String(16), nullable=False),
    Column("target", Double, nullable=False),
    Column("price", Double, nullable=False),
    Column("side", String(8), nullable=False),
    Column("level_id", String(64), nullable=True),
    Column("at", _MICROSECONDS, nullable=False),
    Column("recorded_at", _MICROSECONDS, nullable=False),
    Column("late", Boolean, nullable=False, server_default=text("0")),
    Column("exchange", String(32), nullable=True),
    Column("market_type", String(16), nullable=True),
    Column("symbol", _EXACT_SYMBOL, nullable=True),
    Index("ix_watch_fires_watch_id", "watch_id", "at"),
    Index("ix_watch_fires_recorded_at", "recorded_at"),
)
"""One row per fire, however often its event is consumed; never changed. `late`: a candle showed it, not a price.

Fires of watches that were recorded before the table had the market have none; that of their watch is theirs.
"""

watched_prices = Table(
    "watched_prices",
    metadata,
    Column("exchange", String(32), primary_key=True),
    Column("market_type", String(16), primary_key=True),
    Column("symbol", _EXACT_SYMBOL, primary_key=True),
    Column("price", Double, nullable=False),
    Column("traded_at", BigInteger, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("unchecked_from", BigInteger, nullable=True),
)
"""One row per market with watches: the last price that the watcher evaluated. Times are in ms.

`traded_at` is by the exchange's clock. `known_at`: until when the price is known, which decides whether watches are
blind. `unchecked_from`: candles since then are still to be checked for what no price has shown; null where none are.
"""

feeds = Table(
    "feeds",
    metadata,
    Column("exchange", String(32), primary_key=True),
    Column("market_type", String(16), primary_key=True),
    Column("share", String(8), primary_key=True),
    Column("markets", Integer, nullable=False),
    Column("closed_until", BigInteger, nullable=False),
)
"""One row per part of an exchange that a feed follows. `closed_until` (ms): the end of its newest closed minute, by the
exchange's clock.
"""

watchlist_entries = Table(
    "watchlist_entries",
    metadata,
    Column("role", String(16), primary_key=True),
    Column("entry", _WATCHLIST_ENTRY, primary_key=True),
    Column("priority", Integer, nullable=False),
)
"""One row per entry of the watchlist in the settings of a role."""

watchlist_changes = Table(
    "watchlist_changes",
    metadata,
    Column("entry", _WATCHLIST_ENTRY, primary_key=True),
    Column("is_followed", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("changed_at", _MICROSECONDS, nullable=False),
)
"""One row per entry of the watchlist that an operator added or removed while the pipeline ran."""

levels = Table(
    "levels",
    metadata,
    Column("market", _MARKET_KEY, primary_key=True),
    Column("level_id", _LEVEL_ID, primary_key=True),
    Column("exchange", String(32), nullable=False),
    Column("market_type", String(16), nullable=False),
    Column("symbol", _EXACT_SYMBOL, nullable=False),
    Column("timeframe", _TIMEFRAME, nullable=False),
    Column("side", String(16), nullable=False),
    Column("origin_side", String(16), nullable=False),
    Column("price", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("score", Double, nullable=False),
    Column("p_reach_100", Double, nullable=True),
    Column("touches", Integer, nullable=False),
    Column("bounces", Integer, nullable=False),
    Column("breaks", Integer, nullable=False),
    Column("first_touch_at", BigInteger, nullable=False),
    Column("last_touch_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("appeared_at", BigInteger, nullable=False),
    Column("candle_at", BigInteger, nullable=False),
    Column("updated_at", _MICROSECONDS, nullable=False),
    Index("ix_levels_price", "symbol", "exchange", "market_type", "price"),
    Index("ix_levels_state", "state", "updated_at"),
)
"""One row per level that was published, as of its last event at a close: that of the candle at `candle_at`.

`state` is `fresh`, `tested`, `touched`, `held`, `broken` or `retired`. `score` and `p_reach_100` are as of its
appearance, at the close of the candle at `appeared_at`. Times of candles are in ms.
"""

level_events = Table(
    "level_events",
    metadata,
    Column("event_id", _UUID, primary_key=True),
    Column("market", _MARKET_KEY, nullable=False),
    Column("level_id", _LEVEL_ID, nullable=False),
    Column("type", String(16), nullable=False),
    Column("at", _MICROSECONDS, nullable=False),
    Column("event", JSON, nullable=False),
    Column("recorded_at", _MICROSECONDS, nullable=False),
    Index("ix_level_events_level", "market", "level_id", "at"),
    Index("ix_level_events_recorded_at", "recorded_at"),
)
"""One row per event of a level, however often it is consumed; never changed. `event` is its payload."""

tracked_markets = Table(
    "tracked_markets",
    metadata,
    Column("market", _MARKET_KEY, primary_key=True),
    Column("candle_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
)
"""One row per market whose levels are tracked: the state as of the close of the candle at `candle_at` (ms).

Written by the tracker once the events of that close are acknowledged; its form is that of
`consumers/tracker/market_state.py`.
"""

open_level_events = Table(
    "open_level_events",
    metadata,
    Column("event_id", _UUID, primary_key=True),
    Column("market", _MARKET_KEY, nullable=False),
    Column("level_id", _LEVEL_ID, nullable=False),
    Column("type", String(16), nullable=False),
    Column("candle_at", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Index("ix_open_level_events_market", "market"),
)
"""One row per live event of a level that no close has confirmed or withdrawn. `event` is its payload.

The tracker writes it before it publishes the event, and publishes it again when it starts.
"""

standing_watches = Table(
    "standing_watches",
    metadata,
    Column("id", _UUID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("question", JSON, nullable=False),
    Column("delivery", JSON(none_as_null=True), nullable=True),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _MICROSECONDS, nullable=False),
    Column("updated_at", _MICROSECONDS, nullable=False),
    Index("ix_standing_watches_created_at", "created_at", "id"),
)
"""One row per standing watch. `question` is a StandingQuestion."""

standing_members = Table(
    "standing_members",
    metadata,
    Column("watch_id", _UUID, primary_key=True),
    Column("market", _MARKET_KEY, primary_key=True),
    Column("level_id", _LEVEL_ID, primary_key=True),
    Column("instrument", _MARKET_KEY, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("is_inside", Boolean, nullable=False),
    Column("entry", Text, nullable=True),
    Column("fire_id", _UUID, nullable=True),
    Index("ix_standing_members_instrument", "instrument"),
    Index("ix_standing_members_fire_id", "fire_id"),
)
"""One row per level in the answer of a standing watch.

`entry`: what its fire has of it, until that is published; `fire_id`: that fire, from just before it is published.
"""

markets = Table(
    "markets",
    metadata,
    Column("exchange", String(32), primary_key=True),
    Column("market_type", String(16), primary_key=True),
    Column("symbol", _EXACT_SYMBOL, primary_key=True),
    Column("volume", Double, nullable=True),
    Column("refreshed_at", _MICROSECONDS, nullable=False),
)
"""One row per market that an exchange lists, as of `refreshed_at`; `volume`: 24 hours, in the quote currency."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("hash", _HASH, nullable=False),
    Column("scopes", String(64), nullable=False),
    Column("created_at", _MICROSECONDS, nullable=False),
    Column("expires_at", _MICROSECONDS, nullable=True),
    Column("revoked_at", _MICROSECONDS, nullable=True),
)
"""One row per key, never deleted. `hash` is the SHA-256 of the key, which itself is not stored; `scopes` as `a,b`."""

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("endpoint", String(2048), nullable=False),
    Column("p256dh", String(128), nullable=False),
    Column("auth", String(64), nullable=False),
    Column("created_at", _MICROSECONDS, nullable=False),
)
"""Browsers that get notifications; `id` is the SHA-256 of the endpoint."""

notification_targets = Table(
    "notification_targets",
    metadata,
    Column(
        "name",
        String(128).with_variant(mysql.VARCHAR(128, charset="utf8mb4", collation="utf8mb4_bin"), "mysql"),
        primary_key=True,
    ),
    Column("kind", String(64), nullable=False),
    Column("seen_at", _MICROSECONDS, nullable=False),
    Column("delivered_at", _MICROSECONDS, nullable=True),
    Column("error", String(500), nullable=True),
    Column("test_id", String(36), nullable=True),
    Column("test_state", String(16), nullable=True),
    Column("test_error", String(500), nullable=True),
    Column("address_hash", String(16), nullable=True),
    Column("gone_at", _MICROSECONDS, nullable=True),
)
"""The targets of the notifier, and the last test that was requested of each. `gone_at`: since when one is ended."""
