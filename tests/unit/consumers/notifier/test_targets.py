"""Targets built from settings: errors name the number of the URL and never repeat it."""

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from consumers.notifier.targets import open_level_webhooks, open_targets
from runtime.clock import SystemClock
from runtime.errors import ConfigurationError
from runtime.settings import Settings, split_urls
from tests.support.fires import SECRET

HOOK = "https://hooks.example/T0K3N"


async def targets(**settings: Any) -> list[tuple[str, str]]:
    async with AsyncExitStack() as stack:
        made = await open_targets(Settings(_env_file=None, **settings), SystemClock(), stack)
        return [(target.kind, target.name) for target in made]


async def test_open_targets_gives_each_url_a_loggable_name() -> None:
    found = await targets(
        webhook_urls=f"{HOOK}, http://other.example:81/x",
        webhook_secret=SECRET,
        notify_urls="tgram://123456789:abcdefg_hijklmnop/12315544/ json://notify.example/T0K3N",
    )
    assert found == [
        ("webhook", "webhook 1 (hooks.example)"),
        ("webhook", "webhook 2 (other.example)"),
        ("telegram", "telegram 1"),
        ("json", "json 2"),
    ]


async def test_open_targets_without_urls_opens_nothing() -> None:
    assert await targets() == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"webhook_urls": HOOK}, "STRANDLINE_WEBHOOK_SECRET"),
        ({"webhook_urls": HOOK, "webhook_secret": "short"}, "STRANDLINE_WEBHOOK_SECRET"),
        ({"webhook_urls": f"{HOOK} ftp://T0K3N", "webhook_secret": SECRET}, "number 2"),
        ({"webhook_urls": "https:///T0K3N", "webhook_secret": SECRET}, "number 1"),
        ({"webhook_urls": "https://bücher.example/T0K3N", "webhook_secret": SECRET}, "number 1 .*punycode"),
        ({"webhook_urls": f"{HOOK}/ü", "webhook_secret": SECRET}, "number 1 .*%XX"),
        ({"webhook_urls": "https://hooks..example/T0K3N", "webhook_secret": SECRET}, "number 1"),
        ({"webhook_urls": f"https://{'a' * 64}.example/T0K3N", "webhook_secret": SECRET}, "number 1"),
        ({"webhook_urls": "https://hooks.example:99999/T0K3N", "webhook_secret": SECRET}, "number 1"),
        ({"webhook_urls": "https://[::1/T0K3N", "webhook_secret": SECRET}, "number 1"),
        ({"notify_urls": "json://notify.example/T0K3N nosuch://T0K3N"}, "number 2"),
        ({"vapid_private_key": "T0K3N"}, "STRANDLINE_DATABASE_URL"),
    ],
)
async def test_open_targets_names_the_wrong_setting_without_its_secret(
    settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        await targets(**settings)
    assert "T0K3N" not in str(caught.value)


def test_separated_splits_urls_where_the_next_begins() -> None:
    assert split_urls(" https://a.example/?x=1,2 , mailto://u:p@b.example,tgram://c/d,") == (
        "https://a.example/?x=1,2",
        "mailto://u:p@b.example",
        "tgram://c/d",
    )
    assert split_urls("") == ()


async def test_level_webhooks_have_names_of_their_own_and_their_filters() -> None:
    hooks = [{"url": HOOK, "types": ["broke"]}, {"url": "https://other.example", "min_touches": 3}]
    made = Settings(_env_file=None, level_webhooks=json.dumps(hooks), webhook_secret=SECRET)
    async with AsyncExitStack() as stack:
        first, second = open_level_webhooks(made, SystemClock(), stack)
    assert (first.target.kind, first.target.name) == ("level_webhook", "level webhook 1 (hooks.example)")
    assert (second.target.name, second.filter.min_touches) == ("level webhook 2 (other.example)", 3)


async def test_level_webhooks_name_the_wrong_setting_without_its_secret() -> None:
    made = Settings(_env_file=None, level_webhooks='[{"url": "ftp://T0K3N"}]', webhook_secret=SECRET)
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigurationError, match="STRANDLINE_LEVEL_WEBHOOKS: number 1") as caught:
            open_level_webhooks(made, SystemClock(), stack)
    assert "T0K3N" not in str(caught.value)
