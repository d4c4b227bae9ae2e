"""The registration of schemas: subjects, the dialect, and what is sent to a registry."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from jsonschema import Draft7Validator

from schemas.contracts.register import RegistryError, build_subjects, connect, main, register
from tests.support.events import make_completed, make_fired

RESULTS = "strandline.results.v1-value"
FIRED = "strandline.watch-events.v1-strandline.WatchFired.v1"


class Registry(BaseHTTPRequestHandler):
    """A registry that knows each schema by the order of its arrival, and refuses subjects with `bad`."""

    schemas: list[str]
    calls: list[tuple[str, str, str | None]]

    def do_POST(self) -> None:
        schema = self._read()["schema"]
        if schema not in self.schemas:
            self.schemas.append(schema)
        refused = "bad" in self.path
        self._answer(409 if refused else 200, {"id": self.schemas.index(schema) + 1})

    def do_PUT(self) -> None:
        self._answer(200, self._read())

    def _read(self) -> Any:
        self.calls.append((self.command, self.path, self.headers["Authorization"]))
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def registry() -> Iterator[ThreadingHTTPServer]:
    Registry.schemas, Registry.calls = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_subjects_have_the_prefix_and_the_type_where_a_topic_has_several() -> None:
    subjects = build_subjects("desk.")
    assert {f"desk.{RESULTS}", f"desk.{FIRED}"} <= subjects.keys()
    assert "desk.strandline.watch-events.v1-value" not in subjects


@pytest.mark.parametrize(("subject", "event"), [(RESULTS, make_completed()), (FIRED, make_fired())])
def test_registered_schema_reads_events_as_draft_7(subject: str, event: Any) -> None:
    schema = json.loads(build_subjects()[subject])
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    payload = json.loads(event.model_dump_json())
    validator.validate(payload)
    assert list(validator.iter_errors(payload | {"symbol": 7, "market": {}}))


def test_registration_sends_schema_and_compatibility_and_can_be_repeated() -> None:
    sent: list[tuple[str, str, Mapping[str, Any]]] = []

    def send(method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        sent.append((method, path, body))
        return {"id": 5}

    assert list(register({"a/b": "{}"}, send)) == ["a/b: id 5"]
    assert sent == [
        ("POST", "/subjects/a%2Fb/versions", {"schemaType": "JSON", "schema": "{}"}),
        ("PUT", "/config/a%2Fb", {"compatibility": "FORWARD"}),
    ]


def test_command_registers_all_schemas(
    registry: ThreadingHTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://user:p%40ss@127.0.0.1:{registry.server_port}/"
    assert main([url]) == 0
    first = capsys.readouterr().out
    assert main([url]) == 0
    assert capsys.readouterr().out == first
    assert len(first.splitlines()) == len(build_subjects())
    credentials = f"Basic {base64.b64encode(b'user:p@ss').decode()}"
    assert {call[2] for call in Registry.calls} == {credentials}


def test_refusal_has_the_words_of_the_registry_and_no_password(
    registry: ThreadingHTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    port = registry.server_port
    with pytest.raises(RegistryError, match="POST /subjects/bad/versions: 409"):
        list(register({"bad": "{}"}, connect(f"http://127.0.0.1:{port}")))
    assert main(["http://user:secret@127.0.0.1:1"]) == 1
    assert "secret" not in capsys.readouterr().err
