"""deploy/kubernetes, held against the schemas of Kubernetes and against docker-compose.yml."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.urls import reverse

from ccm import cli

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
EXAMPLES = {"secrets.example.yaml", "ingress.example.yaml", "backup.example.yaml"}
# The oldest that is still cared for by those who make it, and the newest known here.
VERSIONS = ["1.32.0", kubernetes_validate.latest_version()]
RUNNING = {"web", "live", "worker", "long", "beat"}


def documents(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((FOLDER / name).read_text()) if one]


@pytest.fixture(scope="module")
def pods() -> dict[str, dict[str, Any]]:
    """The specs of pods, by component."""
    found = {}
    for file in FILES:
        for one in documents(file.name):
            if one["kind"] in ("Deployment", "Job"):
                found[one["metadata"]["name"]] = one["spec"]["template"]["spec"]
    return found


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_manifest_is_what_its_schema_says(file, version):
    for one in documents(file.name):
        if one["kind"] != "Kustomization":
            kubernetes_validate.validate(one, version, strict=True)


def test_a_word_that_no_schema_knows_would_be_found():
    one = documents("web.yaml")[0]
    one["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one, VERSIONS[-1], strict=True)


def test_a_proxy_is_named_that_is_not_the_pod_itself():
    """Else all people would have one address."""
    [said] = documents("settings.yaml")
    network = ip_network(said["data"]["FORWARDED_ALLOW_IPS"])
    assert network.is_private
    assert not network.is_loopback


def test_all_is_applied_but_the_examples():
    [said] = documents("kustomization.yaml")
    names = {file.name for file in FILES} - EXAMPLES - {"kustomization.yaml"}
    assert set(said["resources"]) == names


def test_they_run_what_compose_runs(pods, services):
    assert set(pods) == {*RUNNING, "migrate"}
    for name, pod in pods.items():
        [container] = pod["containers"]
        assert container["command"] == services[name]["command"], name
        cli._parser().parse_args(container["command"][1:2] + container["command"][2:])


def test_admins_and_managers_are_asked_for_a_second_factor_unless_somebody_says_otherwise(services):
    [settings] = documents("settings.yaml")
    said = settings["data"]["CCM_MFA_ROLES"]
    assert said == "admin,manager"
    for name in RUNNING:
        assert services[name]["environment"]["CCM_MFA_ROLES"] == "${CCM_MFA_ROLES-" + said + "}"
    assert f"\nCCM_MFA_ROLES={said}\n" in (ROOT / "deploy" / "env.example").read_text()


def test_they_are_told_what_compose_tells(pods, services):
    [settings] = documents("settings.yaml")
    secrets = {
        one["metadata"]["name"]: one["stringData"] for one in documents("secrets.example.yaml")
    }
    for name, pod in pods.items():
        [container] = pod["containers"]
        told = {one["name"] for one in container.get("env", [])}
        for source in container["envFrom"]:
            if "configMapRef" in source:
                assert source["configMapRef"]["name"] == "ccm-settings"
                told |= set(settings["data"])
            else:
                told |= set(secrets[source["secretRef"]["name"]])
        # Copies are made by hand; `long` says how many by its command.
        there = set(services[name]["environment"]) - {"CCM_BACKUP_KEY"}
        if name == "long":
            there -= {"CCM_WORKER_CONCURRENCY"}
        assert told == there, name


def test_no_secret_has_a_value():
    for one in documents("secrets.example.yaml"):
        assert set(one["stringData"].values()) == {""}


def test_only_migrate_signs_in_as_the_owner(pods):
    given = {
        name: [
            one["secretRef"]["name"]
            for one in pod["containers"][0]["envFrom"]
            if "secretRef" in one
        ]
        for name, pod in pods.items()
    }
    assert given == {
        "migrate": ["ccm-keys", "ccm-owner"],
        "web": ["ccm-keys", "ccm-app"],
        "live": ["ccm-keys", "ccm-app"],
        "beat": ["ccm-keys", "ccm-app"],
        "worker": ["ccm-keys", "ccm-worker"],
        "long": ["ccm-keys", "ccm-worker"],
    }


def test_pods_keep_the_restricted_standard_of_kubernetes(pods):
    """Of the Pod Security Standards, *restricted*: what each of its controls asks of these."""
    [space] = documents("namespace.yaml")
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods.items():
        [container] = pod["containers"]
        whole, own = pod["securityContext"], container["securityContext"]
        assert whole["runAsNonRoot"] is True, name
        assert whole["runAsUser"] == 10001, name  # the Dockerfile's
        assert whole["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own["allowPrivilegeEscalation"] is False, name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert own["readOnlyRootFilesystem"] is True, name
        assert pod["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
        assert all(set(volume) <= {"name", "emptyDir"} for volume in pod["volumes"]), name
        assert container["resources"]["limits"]["memory"], name
    assert "--uid 10001" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_there_is_one_beat_and_never_two():
    [beat] = documents("beat.yaml")
    assert (beat["spec"]["replicas"], beat["spec"]["strategy"]) == (1, {"type": "Recreate"})


def test_each_is_asked_what_compose_asks_and_pages_by_a_name_that_is_served(pods, services):
    for name in RUNNING - {"web"}:
        [container] = pods[name]["containers"]
        for probe in ("startupProbe", "livenessProbe"):
            asked = ["CMD", *container[probe]["exec"]["command"]]
            assert asked == services[name]["healthcheck"]["test"], name
    [web] = pods["web"]["containers"]
    [settings] = documents("settings.yaml")
    for probe in ("startupProbe", "readinessProbe"):
        asked = web[probe]["httpGet"]
        assert asked["path"] == reverse("ready")
        assert asked["httpHeaders"][0]["value"] in settings["data"]["CCM_ALLOWED_HOSTS"].split(",")
    # What asks the database would start all of them again while that is away.
    assert web["livenessProbe"]["tcpSocket"] == {"port": "http"}


def test_what_must_stay_up_stays_up():
    budgets = [
        one for file in FILES for one in documents(file.name)
        if one["kind"] == "PodDisruptionBudget"
    ]  # fmt: skip
    assert {one["metadata"]["name"] for one in budgets} == {"web", "live"}
    for name in ("web", "live"):
        assert documents(f"{name}.yaml")[0]["spec"]["replicas"] >= 2


def test_who_sends_or_asks_the_directory_gets_out():
    [way] = [
        one["spec"] for one in documents("networkpolicies.yaml")
        if one["metadata"]["name"] == "messages"
    ]  # fmt: skip
    [of] = way["podSelector"]["matchExpressions"]
    assert set(of["values"]) == {"web", "worker", "long"}
    assert {one["port"] for one in way["egress"][0]["ports"]} == {443, 465, 587}


def test_a_copy_that_would_not_be_sealed_is_not_made():
    [job] = documents("backup.example.yaml")
    [container] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["callcenter", "backup", "--sealed", "/backups"]


def test_selectors_meet_the_pods_that_they_mean(pods):
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for file in FILES for one in documents(file.name)
        if one["kind"] in ("Deployment", "Job")
    ]  # fmt: skip
    for file in FILES:
        for one in documents(file.name):
            spec = one.get("spec", {})
            asked = {
                "Service": lambda spec=spec: spec["selector"],
                "PodDisruptionBudget": lambda spec=spec: spec["selector"]["matchLabels"],
                "NetworkPolicy": lambda spec=spec: spec["podSelector"].get("matchLabels", {}),
                "Deployment": lambda spec=spec: spec["selector"]["matchLabels"],
            }.get(one["kind"])
            if asked is not None:
                wanted = asked().items()
                assert any(wanted <= label.items() for label in labels), one["metadata"]
