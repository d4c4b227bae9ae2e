"""What apprise's services receive: real plug-ins, whose call over the network is recorded instead."""

from typing import Any

import pytest
import requests

from consumers.notifier.apprise_target import open_target
from tests.support.fires import a_fire

NOTE = "<b>sell</b> & *run*"


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the bodies of every call of `requests`, each of which is answered with 200."""
    bodies: list[str] = []

    def post(*_: Any, **sent: Any) -> requests.Response:
        bodies.append(str(sent.get("data") or sent.get("json")))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b'{"ok": true}'
        return answer

    monkeypatch.setattr(requests, "post", post)
    return bodies


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "&lt;b&gt;sell&lt;/b&gt; &amp; *run*"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", r"\\<b\\>sell\\</b\\> \\& \\*run\\*"),
    ],
)
async def test_apprise_target_escapes_the_note_for_its_service(
    posted: list[str], url: str, written: str
) -> None:
    target = open_target(url, 1, timeout=10)
    assert target is not None
    await target.send(a_fire(note=NOTE))
    await target.close()
    assert written in posted[-1]
