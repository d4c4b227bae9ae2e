"""The topics as an AsyncAPI 3.0 document: https://www.asyncapi.com/docs/reference/specification/v3.0.0."""

import json
from typing import Any

from schemas.contracts.events import EVENTS, Event
from schemas.contracts.examples import build_examples
from schemas.topics import DEAD_LETTERS, REQUESTS, TOPICS, Encoded, Topic

_ATTRIBUTES = "#/components/schemas/CloudEvent"
_TRACE_CONTEXT = "#/components/schemas/TraceContext"
_BINDING = "0.5.0"


def build_asyncapi(prefix: str = "") -> dict[str, Any]:
    """Build the document: channels, operations, messages; the payloads are the JSON Schemas beside it.

    prefix: STRANDLINE_TOPIC_PREFIX of an installation, for the addresses of its own document.
    """
    examples = build_examples()
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Strandline",
            "version": "1",
            "description": "Support and resistance levels of markets. CloudEvents 1.0 in Kafka's binary mode: "
            "attributes in headers, JSON in the value. Fields are only ever added within a version.",
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"},
            "tags": [{"name": "kafka"}, {"name": "cloudevents"}],
        },
        "servers": {"kafka": _server()},
        "defaultContentType": "application/json",
        "channels": {_channel_name(topic): _channel(topic, prefix) for topic in TOPICS},
        "operations": {f"{_verb(event)}{event.title}": _operation(event) for event in EVENTS},
        "components": {
            "messages": {event.title: _message(event, examples[event.title]) for event in EVENTS}
            | {"DeadLetter": _dead_letter()},
            "schemas": {"CloudEvent": _cloud_event(), "TraceContext": _trace_context()},
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The cluster of `STRANDLINE_KAFKA_BOOTSTRAP`.",
        "variables": {
            "bootstrap": {"default": "localhost:9092", "description": "`host:port` of one of its brokers."}
        },
    }


def _channel_name(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic, prefix: str) -> dict[str, Any]:
    titles = [event.title for event in EVENTS if event.topic == topic]
    titles += ["DeadLetter"] if topic == DEAD_LETTERS else []
    return {
        "address": prefix + topic.name,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {title: {"$ref": f"#/components/messages/{title}"} for title in titles},
        "bindings": {
            "kafka": {"topicConfiguration": _configuration(topic.config), "bindingVersion": _BINDING}
        },
    }


def _configuration(config: dict[str, str]) -> dict[str, Any]:
    # The binding requires numbers as numbers, and policies as a list.
    shaped = {name: int(value) if value.isdecimal() else value for name, value in config.items()}
    return shaped | {"cleanup.policy": config["cleanup.policy"].split(",")}


def _verb(event: Event) -> str:
    return "receive" if event.topic == REQUESTS else "send"


def _operation(event: Event) -> dict[str, Any]:
    channel = f"#/channels/{_channel_name(event.topic)}"
    return {
        "action": _verb(event),
        "description": _operation_description(event),
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.title}"}],
    }


def _operation_description(event: Event) -> str:
    if event.topic == REQUESTS:
        return "Publish a request here; it ends with an event on the results or failures topic."
    return f"Subscribe to {event.topic.name} with a consumer group of your own."


def _message(event: Event, example: Encoded) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": f"strandline.{event.name}",
        "title": event.title,
        "summary": _summary(event),
        "contentType": "application/json",
        "headers": _headers(event),
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{event.name}.json"},
        },
        "bindings": {
            "kafka": {"key": {"type": "string", "description": event.key}, "bindingVersion": _BINDING}
        },
        "examples": [_example(example)],
    }
    if event.correlation:
        message["correlationId"] = {"location": f"$message.payload#/{event.correlation}"}
    return message


def _summary(event: Event) -> str:
    if event.topic == REQUESTS:
        return "Headers and key may be absent: the market is read from the payload."
    return (event.model.__doc__ or "").splitlines()[0]


def _headers(event: Event) -> dict[str, Any]:
    """Return the schema of the headers; those of a request may be absent, because others write it."""
    optional = event.topic == REQUESTS
    named = {"type": "object", "properties": {"ce_type": {"const": f"strandline.{event.name}"}}}
    parts = [] if optional else [{"$ref": _ATTRIBUTES}]
    parts += [{"$ref": _TRACE_CONTEXT}] if event.is_traced else []
    return {"type": "object", "allOf": [*parts, named]}


def _example(record: Encoded) -> dict[str, Any]:
    return {
        "headers": {name: value.decode() for name, value in record.headers},
        "payload": json.loads(record.value),
    }


def _dead_letter() -> dict[str, Any]:
    return {
        "name": "strandline.DeadLetter",
        "title": "DeadLetter",
        "summary": "A record that could not be decoded: its bytes, key and headers unchanged, and the error.",
        "headers": {
            "type": "object",
            "required": [f"strandline_dl_{name}" for name in _DEAD_LETTER_HEADERS],
            "properties": {
                f"strandline_dl_{name}": {"type": "string", "description": meaning}
                for name, meaning in (_DEAD_LETTER_HEADERS | _OPTIONAL_DEAD_LETTER_HEADERS).items()
            },
        },
        "payload": {},
    }


_DEAD_LETTER_HEADERS = {
    "topic": "topic of the record",
    "partition": "partition of the record, as decimal digits",
    "offset": "offset of the record, as decimal digits",
    "error": "why it could not be decoded, at most 2,000 characters",
    "time": "time at which it was dead-lettered, RFC 3339 in UTC",
}
_OPTIONAL_DEAD_LETTER_HEADERS = {"value": "present only if the value was too large and was left out"}


def _cloud_event() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": text | {"description": "equal only for an equal event"},
            "ce_type": text | {"description": "name and version of the event"},
            "ce_source": text
            | {"description": "role that published it", "examples": ["/strandline/analyzer"]},
            "ce_time": text | {"format": "date-time", "description": "time of the event"},
            "ce_subject": text | {"description": "the market key, where the market is known"},
            "content-type": {"const": "application/json"},
        },
    }


def _trace_context() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "traceparent": {
                "type": "string",
                "description": "https://www.w3.org/TR/trace-context/; a result continues the trace of its request",
            }
        },
    }
