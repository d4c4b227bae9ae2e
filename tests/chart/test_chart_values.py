"""What the values of the Helm chart change: names, secrets, networks, scaling, and the pods."""

import re
from typing import Any

import pytest

from tests.support import chart
from tests.support.chart import HelmError, Manifest, render, select_kind, validate

pytestmark = pytest.mark.skipif(
    chart.find_helm() is None, reason="helm is not installed: `make chart` builds it"
)

KAFKA: dict[str, Any] = {"kafka": {"bootstrap": "k1:9094"}}
LONGEST = "a123456789b123456789c123456789d123456789e123456789fff"
"""53 letters, which is as long as helm lets the name of a release be."""
ALL: dict[str, Any] = KAFKA | {
    "ingress": {"enabled": True},
    "serviceAccount": {"create": True},
    "annotations": {"team": "a"},
    "networkPolicy": {"mail": {"enabled": True}},
}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The pod templates of deployments and jobs by name."""
    owners = select_kind(manifests, "Deployment") | select_kind(manifests, "Job")
    return {name: one["spec"]["template"] for name, one in owners.items()}


def environment(pod: Manifest) -> dict[str, Any]:
    return {one["name"]: one.get("value", one) for one in pod["spec"]["containers"][0]["env"]}


def names(manifests: list[Manifest]) -> set[tuple[str, str]]:
    return {(one["kind"], one["metadata"]["name"]) for one in manifests}


@pytest.mark.parametrize("release", ["s", "strandline", LONGEST])
@pytest.mark.parametrize("by", ["lag", "cpu"])
def test_names_are_valid_and_short_enough_for_what_is_appended(release: str, by: str) -> None:
    manifests = render(ALL | {"autoscaling": {"by": by}}, release=release)
    for manifest in manifests:
        validate(manifest)
        name = manifest["metadata"]["name"]
        assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name)
        assert len(f"keda-hpa-{name}") <= 63
        assert all(len(value) <= 63 for value in manifest["metadata"]["labels"].values())
    assert len(names(manifests)) == len(manifests)


@pytest.mark.parametrize(("one", "other"), [("blue", "green"), (LONGEST, LONGEST[:-1] + "g")])
def test_two_releases_in_a_namespace_share_no_name(one: str, other: str) -> None:
    assert not names(render(ALL, release=one)) & names(render(ALL, release=other))


def test_release_named_after_the_chart_has_short_names() -> None:
    assert ("Deployment", "strandline-api") in names(render(KAFKA, release="strandline"))
    assert ("Service", "strandline-analysis-service") in names(render(KAFKA, release="strandline"))


@pytest.mark.parametrize(
    ("override", "name"),
    [({"nameOverride": "levels"}, "s-levels-api"), ({"fullnameOverride": "levels"}, "levels-api")],
)
def test_names_can_be_overridden(override: dict[str, str], name: str) -> None:
    manifests = render(KAFKA | override)
    deployment = next(
        one for one in manifests if (one["kind"], one["metadata"]["name"]) == ("Deployment", name)
    )
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_callers_can_keep_the_name_of_their_service() -> None:
    assert ("Service", "analysis-service") in names(
        render(KAFKA | {"analysisServiceName": "analysis-service"})
    )


def test_secrets_of_the_notifier_are_files_of_its_pod_alone() -> None:
    deployments = select_kind(render(KAFKA | {"notifier": {"secret": "targets"}}), "Deployment")
    with_targets = {name for name, one in deployments.items() if "targets" in str(one)}
    assert with_targets == {"notifier"}
    volume = deployments["notifier"]["spec"]["template"]["spec"]["volumes"][1]
    source = next(
        one["secret"] for one in volume["projected"]["sources"] if one["secret"]["name"] == "targets"
    )
    assert source["optional"] is True
    assert {item["path"] for item in source["items"]} == {
        "strandline_notify_urls",
        "strandline_webhook_urls",
        "strandline_level_webhooks",
        "strandline_webhook_secret",
        "strandline_vapid_private_key",
    }


@pytest.mark.parametrize(
    "setting",
    [
        "NOTIFY_URLS",
        "WEBHOOK_URLS",
        "WEBHOOK_SECRET",
        "API_KEYS",
        "API_KEY",
        "REDIS_URL",
        "KAFKA_SASL_PASSWORD",
    ],
)
def test_settings_with_secrets_are_refused(setting: str) -> None:
    with pytest.raises(HelmError):
        render(KAFKA | {"settings": {setting: "x"}})


def test_notifier_reaches_mail_servers_and_webhooks_by_values() -> None:
    rule = {"to": [{"podSelector": {"matchLabels": {"app": "bot"}}}], "ports": [{"port": 8080}]}
    values = KAFKA | {"networkPolicy": {"mail": {"enabled": True}, "extraEgress": {"notifier": [rule]}}}
    manifests = render(values)
    policies = select_kind(manifests, "NetworkPolicy")
    validate(policies["notifier"])
    assert rule in policies["notifier"]["spec"]["egress"]
    reached = {port["port"] for way in policies["notifier"]["spec"]["egress"] for port in way["ports"]}
    assert {465, 587, 8080} <= reached
    assert rule not in policies["watcher"]["spec"]["egress"]


def test_exchanges_are_reached_over_ipv6_except_private_networks() -> None:
    egress = select_kind(render(KAFKA), "NetworkPolicy")["analyzer"]["spec"]["egress"]
    blocks = [peer["ipBlock"] for way in egress for peer in way.get("to", ()) if "ipBlock" in peer]
    assert {block["cidr"] for block in blocks} == {"0.0.0.0/0", "::/0"}
    assert "fc00::/7" in blocks[1]["except"]


def test_roles_listen_on_ipv6_by_a_value() -> None:
    manifests = render(KAFKA | {"listenHost": "::", "ipFamilyPolicy": "PreferDualStack"})
    assert all(environment(pod)["STRANDLINE_HTTP_HOST"] == "::" for pod in pods(manifests).values())
    for service in select_kind(manifests, "Service").values():
        validate(service)
        assert service["spec"]["ipFamilyPolicy"] == "PreferDualStack"


def test_topic_prefix_reaches_every_container_and_the_autoscaler() -> None:
    manifests = render({"kafka": {"bootstrap": "k:9092", "topicPrefix": "blue."}})
    assert all(environment(pod)["STRANDLINE_TOPIC_PREFIX"] == "blue." for pod in pods(manifests).values())
    trigger = select_kind(manifests, "ScaledObject")["analyzer"]["spec"]["triggers"][0]["metadata"]
    assert (trigger["topic"], trigger["consumerGroup"]) == (
        "blue.strandline.requests.v1",
        "blue.strandline.analyzer",
    )


def test_autoscaler_by_cpu_needs_no_keda() -> None:
    manifests = render(KAFKA | {"autoscaling": {"by": "cpu", "maxReplicas": 99, "cpuPercent": 55}})
    assert not [one for one in manifests if one["apiVersion"].startswith("keda.sh")]
    spec = select_kind(manifests, "HorizontalPodAutoscaler")["analyzer"]["spec"]
    assert spec["scaleTargetRef"]["name"] == "s-strandline-analyzer"
    assert spec["maxReplicas"] == 12
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 55
    assert "replicas" not in select_kind(manifests, "Deployment")["analyzer"]["spec"]


def test_fixed_replicas_need_no_autoscaler() -> None:
    manifests = render(KAFKA | {"autoscaling": {"enabled": False}, "roles": {"analyzer": {"replicas": 3}}})
    assert not {"ScaledObject", "HorizontalPodAutoscaler"} & {one["kind"] for one in manifests}
    assert select_kind(manifests, "Deployment")["analyzer"]["spec"]["replicas"] == 3


def test_environment_is_extended_for_all_and_for_one_role() -> None:
    values = KAFKA | {
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "extraEnvFrom": [{"configMapRef": {"name": "more"}}],
        "roles": {
            "sink": {
                "extraEnv": [{"name": "ONE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                "extraEnvFrom": [{"secretRef": {"name": "own"}}],
            }
        },
    }
    found = pods(render(values))
    assert all(environment(pod)["HTTPS_PROXY"] == "http://proxy:3128" for pod in found.values())
    assert {name for name, pod in found.items() if "ONE" in environment(pod)} == {"sink"}
    assert found["sink"]["spec"]["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "more"}},
        {"secretRef": {"name": "own"}},
    ]


def test_pods_are_placed_by_values_and_a_role_by_its_own() -> None:
    spread = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    values = KAFKA | {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "k", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "topologySpreadConstraints": [spread],
        "roles": {
            "api": {"nodeSelector": {"net": "fast"}, "topologySpreadConstraints": [], "tolerations": []}
        },
    }
    manifests = render(values)
    for manifest in manifests:
        validate(manifest)
    found = pods(manifests)
    sink, api = found["sink"]["spec"], found["api"]["spec"]
    (constraint,) = sink["topologySpreadConstraints"]
    assert constraint.items() >= spread.items()
    assert constraint["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == "sink"
    assert (sink["nodeSelector"], api["nodeSelector"]) == ({"disk": "ssd"}, {"net": "fast"})
    assert sink["tolerations"] == values["tolerations"]
    assert sink["affinity"] == {"podAntiAffinity": {}}
    assert not {"topologySpreadConstraints", "tolerations"} & api.keys()
    assert found["migrations"]["spec"]["nodeSelector"] == {"disk": "ssd"}


def test_annotations_and_labels_are_added() -> None:
    values = ALL | {
        "podAnnotations": {"sidecar": "off", "prometheus.io/scrape": "false"},
        "podLabels": {"cost": "x"},
        "roles": {"sink": {"podAnnotations": {"sidecar": "on"}}},
    }
    manifests = render(values)
    assert all(one["metadata"]["annotations"]["team"] == "a" for one in manifests if one["kind"] != "Job")
    deployments = {
        name: one["spec"]["template"] for name, one in select_kind(manifests, "Deployment").items()
    }
    assert deployments["api"]["metadata"]["annotations"]["sidecar"] == "off"
    assert deployments["sink"]["metadata"]["annotations"]["sidecar"] == "on"
    assert deployments["sink"]["metadata"]["annotations"]["prometheus.io/scrape"] == "false"
    assert all(pod["metadata"]["labels"]["cost"] == "x" for pod in pods(manifests).values())


def test_service_account_is_created_or_named() -> None:
    created = render(KAFKA | {"serviceAccount": {"create": True, "annotations": {"role": "arn"}}})
    account = select_kind(created, "ServiceAccount")["account"]
    validate(account)
    assert account["metadata"]["annotations"] == {"role": "arn"}
    assert pods(created)["api"]["spec"]["serviceAccountName"] == account["metadata"]["name"]
    # Hooks run before the chart's own account exists.
    assert "serviceAccountName" not in pods(created)["topics"]["spec"]
    named = pods(render(KAFKA | {"serviceAccount": {"name": "robot"}}))
    assert {pod["spec"]["serviceAccountName"] for pod in named.values()} == {"robot"}


def test_security_contexts_are_changed_by_values() -> None:
    values = KAFKA | {"podSecurityContext": {"runAsUser": 1234}, "securityContext": {"privileged": False}}
    for pod in pods(render(values)).values():
        assert pod["spec"]["securityContext"]["runAsUser"] == 1234
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["containers"][0]["securityContext"]["privileged"] is False
