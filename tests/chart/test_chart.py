"""The Helm chart as rendered by helm. Skipped without helm; `make chart` builds it first."""

from typing import Any

import jsonschema
import pytest
from kubernetes_validate.utils import SchemaNotFoundError

from tests.support import chart
from tests.support.chart import HelmError, Manifest, render, select_kind, validate

pytestmark = pytest.mark.skipif(
    chart.find_helm() is None, reason="helm is not installed: `make chart` builds it"
)

MINIMAL: dict[str, Any] = {"kafka": {"bootstrap": "k1:9094,k2:9094"}}
PLAINTEXT: dict[str, Any] = {
    "kafka": {"bootstrap": "kafka:9092", "securityProtocol": "PLAINTEXT"},
    "database": {"tls": {"enabled": False}},
    "autoscaling": {"enabled": False},
    "networkPolicy": {"enabled": False},
}
FULL: dict[str, Any] = {
    "kafka": {"bootstrap": "k1:9094,k2:9094", "caSecret": "kafka-ca", "topicPartitions": 6},
    "database": {"tls": {"caSecret": "mysql-ca"}},
    "redis": {"secret": "redis"},
    "api": {"keysSecret": "keys"},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls", "annotations": {"a": "b"}},
    "imagePullSecrets": [{"name": "pull"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "k", "operator": "Exists"}],
    "networkPolicy": {
        "kafka": {"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]},
        "apiFrom": [{"namespaceSelector": {}}],
    },
}
ROLES = {
    "api",
    "analysis-service",
    "analyzer",
    "sink",
    "scheduler",
    "feed",
    "prices",
    "watcher",
    "notifier",
    "tracker",
}


@pytest.mark.parametrize("values", [MINIMAL, PLAINTEXT, FULL], ids=["minimal", "plaintext", "full"])
def test_chart_manifests_match_their_schemas(values: dict[str, Any]) -> None:
    manifests = render(values)
    assert len(manifests) > 15
    for manifest in manifests:
        validate(manifest)


def test_validate_fails_for_a_kind_without_a_schema() -> None:
    with pytest.raises(SchemaNotFoundError):
        validate({"apiVersion": "keda.sh/v1alpha1", "kind": "Made", "metadata": {"name": "up"}})
    with pytest.raises(SchemaNotFoundError):
        validate({"apiVersion": "made.up/v1", "kind": "Thing", "metadata": {"name": "up"}})


def test_validate_fails_for_an_unknown_keda_field() -> None:
    scaled: dict[str, Any] = dict(select_kind(render(MINIMAL), "ScaledObject")["analyzer"])
    scaled["spec"] = scaled["spec"] | {"maxReplicas": 3}
    with pytest.raises(jsonschema.ValidationError, match="maxReplicas"):
        validate(scaled)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kafka": {}},
        {"kafka": {"bootstrap": "no-port"}},
        MINIMAL | {"kafkaa": {}},
        MINIMAL | {"settings": {"DATABASE_URL": "mysql+aiomysql://u:p@h/d"}},
        MINIMAL | {"roles": {"sink": {"replicas": -1}}},
    ],
    ids=["no-kafka", "no-port", "misspelt", "secret-in-settings", "negative-replicas"],
)
def test_chart_refuses_wrong_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(HelmError):
        render(wrong)


def test_deployments_have_probes_limits_and_a_restricted_security_context() -> None:
    deployments = select_kind(render(FULL), "Deployment")
    assert deployments.keys() == ROLES
    for deployment in deployments.values():
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "ops"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}
        assert container["resources"]["limits"]["memory"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False


def test_disruption_budgets_exist_for_every_role() -> None:
    assert select_kind(render(MINIMAL), "PodDisruptionBudget").keys() == ROLES


@pytest.mark.parametrize(("max_replicas", "partitions", "expected"), [(12, 6, 6), (3, 12, 3)])
def test_autoscaler_limits_analyzers_to_the_partitions(
    max_replicas: int, partitions: int, expected: int
) -> None:
    manifests = render(
        {
            "kafka": {"bootstrap": "k:9092", "topicPartitions": partitions},
            "autoscaling": {"maxReplicas": max_replicas},
        }
    )
    spec = select_kind(manifests, "ScaledObject")["analyzer"]["spec"]
    assert spec["maxReplicaCount"] == expected
    assert "replicas" not in select_kind(manifests, "Deployment")["analyzer"]["spec"]
    trigger = spec["triggers"][0]["metadata"]
    assert (trigger["topic"], trigger["consumerGroup"]) == ("strandline.requests.v1", "strandline.analyzer")


def test_chart_connects_to_kafka_and_mysql_over_tls_with_scram() -> None:
    manifests = render(FULL)
    pod = select_kind(manifests, "Deployment")["sink"]["spec"]["template"]["spec"]
    environment = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
    assert environment["STRANDLINE_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert environment["STRANDLINE_KAFKA_SASL_MECHANISM"] == "SCRAM-SHA-512"
    assert environment["STRANDLINE_KAFKA_SSL_CAFILE"] == "/run/secrets/kafka-ca.crt"
    assert environment["STRANDLINE_DATABASE_SSL"] == "true"
    assert _files(pod) == {
        "strandline_database_url": "strandline-database-write",
        "database-ca.crt": "mysql-ca",
        "strandline_kafka_sasl_username": "strandline-kafka",
        "strandline_kafka_sasl_password": "strandline-kafka",
        "kafka-ca.crt": "kafka-ca",
        "strandline_redis_url": "redis",
    }
    trigger = select_kind(manifests, "ScaledObject")["analyzer"]["spec"]["triggers"][0]
    assert trigger["metadata"]["sasl"] == "scram_sha512"
    assert trigger["metadata"]["tls"] == "enable"
    assert "analyzer" in select_kind(manifests, "TriggerAuthentication")


def test_hooks_create_topics_before_tables_and_alone_may_migrate() -> None:
    manifests = render(MINIMAL)
    jobs = select_kind(manifests, "Job")
    weights = {name: int(job["metadata"]["annotations"]["helm.sh/hook-weight"]) for name, job in jobs.items()}
    assert weights["topics"] < weights["migrations"]
    assert "strandline-database-migrate" in _files(jobs["migrations"]["spec"]["template"]["spec"]).values()
    for deployment in select_kind(manifests, "Deployment").values():
        assert "strandline-database-migrate" not in _files(deployment["spec"]["template"]["spec"]).values()


def test_network_policies_open_only_the_api_and_restrict_egress() -> None:
    policies = select_kind(render(MINIMAL), "NetworkPolicy")
    assert policies.keys() == ROLES | {"setup"}
    unrestricted = {
        name for name, one in policies.items() if any("from" not in rule for rule in one["spec"]["ingress"])
    }
    assert unrestricted == {"api"}
    assert {name for name, one in policies.items() if _reaches(one, 443)} == {
        "analyzer",
        "api",
        "feed",
        "notifier",
        "prices",
        "scheduler",
        "watcher",
    }
    assert not _reaches(policies["analyzer"], 3306)
    assert _reaches(policies["sink"], 3306)


def test_ingress_exposes_only_public_paths() -> None:
    ingress = select_kind(render(FULL), "Ingress")["api"]
    paths = {(one["path"], one["pathType"]) for one in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert {path for path, kind in paths if kind == "Prefix"} == {"/api", "/assets", "/udf"}
    assert not {path for path, _ in paths} & {
        "/analyze",
        "/results",
        "/metrics",
        "/livez",
        "/readyz",
        "/health",
    }


def _files(pod: Manifest) -> dict[str, str]:
    """Map each file in /run/secrets to its secret."""
    volume = next(one for one in pod["volumes"] if one["name"] == "secrets")
    secrets = [source["secret"] for source in volume["projected"]["sources"]]
    return {item["path"]: secret["name"] for secret in secrets for item in secret["items"]}


def _reaches(policy: Manifest, port: int) -> bool:
    return any(one["port"] == port for way in policy["spec"]["egress"] for one in way["ports"])
