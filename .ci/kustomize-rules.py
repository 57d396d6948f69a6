"""Judges rendered manifests: schema in strict mode, then what deploy/kustomize/README.md promises.

kustomize-rules.py [--self-test] KUBERNETES_VERSION RENDERED_YAML CLIENTS_DIRECTORY
"""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml


class UniqueKeys(yaml.SafeLoader):
    """A YAML loader that refuses what would silently overwrite."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise ValueError(f"repeated key near {node.start_mark}")
        return super().construct_mapping(node, deep)


def one(documents, kind):
    found = [document for document in documents if document["kind"] == kind]
    if len(found) != 1:
        raise ValueError(f"{len(found)} objects of kind {kind}, wanted one")
    return found[0]


def schema_problems(documents, version):
    problems = []
    for document in documents:
        try:
            used = kubernetes_validate.validate(document, version, strict=True)
            if str(used) != ".".join(version.split(".")[:2]):
                problems.append(f"judged by the schemas of {used}, not of {version}")
        except kubernetes_validate.ValidationError as error:
            where = ".".join(str(part) for part in error.path)
            problems.append(f"{document.get('kind')}: {where}: {error.message}")
        except Exception as error:  # an unknown kind or version is as bad as a wrong field
            problems.append(f"{document.get('kind')}: {error!r}")
    return problems


def rule_problems(documents, clients):
    problems = []

    def rule(holds, sentence):
        if not holds:
            problems.append(sentence)

    deployment = one(documents, "Deployment")
    labels = {"app.kubernetes.io/name": "signet"}
    spec = deployment["spec"]
    pod = spec["template"]["spec"]
    security = pod.get("securityContext", {})
    rule(spec.get("replicas") == 2, "two replicas")
    rule(spec["strategy"].get("rollingUpdate", {}).get("maxUnavailable") == 0, "a rollout never goes below two")
    rule(spec["selector"].get("matchLabels") == labels, "the Deployment selects its own pods")
    rule(labels.items() <= spec["template"]["metadata"]["labels"].items(), "the pods carry the label that selects them")
    rule(pod.get("automountServiceAccountToken") is False, "no service account token")
    rule(security.get("runAsNonRoot") is True and security.get("runAsUser") == 65532
         and security.get("fsGroup") == 65532, "non-root by number")
    rule(security.get("seccompProfile", {}).get("type") == "RuntimeDefault", "seccomp RuntimeDefault")
    rule(not any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")), "no namespace of the host")
    rule({entry["topologyKey"] for entry in pod.get("topologySpreadConstraints", [])}
         >= {"kubernetes.io/hostname"}, "spread over nodes")
    rule(all(entry.get("labelSelector", {}).get("matchLabels") == labels
             for entry in pod.get("topologySpreadConstraints", [])), "the spread counts our own pods")
    rule(len(pod["containers"]) == 1 and not pod.get("initContainers"), "one container")
    container = pod["containers"][0]
    inner = container.get("securityContext", {})
    rule(inner.get("readOnlyRootFilesystem") is True, "read-only root file system")
    rule(inner.get("allowPrivilegeEscalation") is False, "no privilege escalation")
    rule(inner.get("capabilities", {}).get("drop") == ["ALL"] and not inner.get("capabilities", {}).get("add"),
         "no capability")
    rule(not inner.get("privileged"), "not privileged")
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    rule(pause >= 5, "a pause before the stop, while others still learn of it")
    # The graceful shutdown itself takes at most 25 s (--shutdown-deadline).
    rule(pause + 25 + 5 <= pod.get("terminationGracePeriodSeconds", 30) <= 60, "time for the graceful shutdown")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    rule(ports == {"http": 8080, "admin": 9090}, "the two ports")

    def probe(name):
        get = container.get(name, {}).get("httpGet", {})
        return get.get("path"), ports.get(get.get("port"), get.get("port"))

    rule(probe("livenessProbe") == ("/livez", 8080), "liveness asks /livez on the public port")
    rule(probe("readinessProbe") == ("/readyz", 9090), "readiness asks /readyz on the admin port")
    rule(probe("startupProbe")[0] in ("/readyz", "/livez"), "a startup probe")
    resources = container.get("resources", {})
    rule({"cpu", "memory"} <= set(resources.get("requests", {})) and "memory" in resources.get("limits", {}),
         "resource requests and a memory limit")
    environment = {entry["name"]: entry.get("value") for entry in container.get("env", [])}
    rule(str(environment.get("SIGNET_ISSUER", "")).startswith("https://"), "the issuer is https")
    rule(not any(word in name for name in environment for word in ("SECRET", "PASSWORD")), "no secret in the environment")

    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    rule(all(mount.get("readOnly") is True and "subPath" not in mount for mount in mounts.values()),
         "mounts are read-only directories")
    rule(mounts["clients"]["mountPath"] == environment.get("SIGNET_CLIENTS") == "/etc/signet/clients"
         and mounts["keys"]["mountPath"] == environment.get("SIGNET_KEYS") == "/etc/signet/keys",
         "the settings name the mounted directories")
    rule(volumes["keys"].get("secret") == {"secretName": "signet-keys", "defaultMode": 0o440},
         "the keys come from the Secret, mode 0440")
    config_map = one(documents, "ConfigMap")
    rule(config_map["metadata"]["name"] == "signet-clients"
         and volumes["clients"].get("configMap", {}).get("name") == "signet-clients",
         "the ConfigMap carries no hash in its name")
    files = {path.name: path.read_text() for path in pathlib.Path(clients).iterdir()}
    rule(bool(files) and config_map["data"] == files, "the ConfigMap holds exactly the files of clients/")
    rule(not any(document["kind"] == "Secret" for document in documents), "no Secret is generated")

    service = one(documents, "Service")
    rule(service["spec"]["selector"] == labels and service["spec"]["type"] == "ClusterIP", "the Service selects our pods")
    rule([(port["port"], ports.get(port["targetPort"], port["targetPort"])) for port in service["spec"]["ports"]]
         == [(80, 8080)], "the Service carries the public port only")
    budget = one(documents, "PodDisruptionBudget")
    rule(budget["spec"].get("minAvailable") == 1 and budget["spec"]["selector"].get("matchLabels") == labels,
         "a disruption budget for our pods")
    policy = one(documents, "NetworkPolicy")["spec"]
    rule(policy["podSelector"].get("matchLabels") == labels, "the NetworkPolicy selects our pods")
    rule(sorted(policy["policyTypes"]) == ["Egress", "Ingress"] and not policy.get("egress"), "no way out")
    for entry in policy["ingress"]:
        numbers = [port["port"] for port in entry.get("ports", [])]
        rule(numbers in ([8080], [9090]), "every ingress rule names one port")
        if 9090 in numbers:
            rule([peer.get("namespaceSelector", {}).get("matchLabels") for peer in entry.get("from", [])]
                 == [{"kubernetes.io/metadata.name": "monitoring"}], "the admin port is for monitoring only")
    return problems


def judge(documents, version, clients):
    problems = schema_problems(documents, version)
    try:
        problems += rule_problems(documents, clients)
    except (KeyError, ValueError, TypeError) as error:
        problems.append(f"cannot be judged: {error!r}")
    return problems


def self_test(documents, version, clients):
    """Each change makes the manifests wrong in one way and must be refused."""

    def deployment(documents):
        return one(documents, "Deployment")["spec"]

    def pod(documents):
        return deployment(documents)["template"]["spec"]

    def container(documents):
        return pod(documents)["containers"][0]

    changes = {
        "an unknown field": lambda d: container(d).update(readinesProbe={}),
        "an unknown field deep inside": lambda d: container(d)["securityContext"].update(readOnlyRootFileSystem=True),
        "a wrong type": lambda d: deployment(d).update(replicas="two"),
        "a missing required field": lambda d: deployment(d).pop("selector"),
        "a removed API version": lambda d: one(d, "PodDisruptionBudget").update(apiVersion="policy/v1beta1"),
        "root": lambda d: pod(d)["securityContext"].update(runAsUser=0),
        "a writable root": lambda d: container(d)["securityContext"].update(readOnlyRootFilesystem=False),
        "one replica": lambda d: deployment(d).update(replicas=1),
        "no readiness probe": lambda d: container(d).pop("readinessProbe"),
        "a hashed name": lambda d: one(d, "ConfigMap")["metadata"].update(name="signet-clients-5h2k"),
        "a forgotten client file": lambda d: one(d, "ConfigMap")["data"].popitem(),
        "an empty selector": lambda d: one(d, "NetworkPolicy")["spec"].update(podSelector={}),
        "an open admin port": lambda d: one(d, "NetworkPolicy")["spec"]["ingress"][1].pop("from"),
        "no pause before the stop": lambda d: container(d).pop("lifecycle"),
        "too little time to stop": lambda d: pod(d).update(terminationGracePeriodSeconds=30),
        "a subPath": lambda d: container(d)["volumeMounts"][0].update(subPath="clients.yaml"),
    }
    failed = []
    for name, change in changes.items():
        changed = copy.deepcopy(documents)
        change(changed)
        if not judge(changed, version, clients):
            failed.append(name)
    return len(changes), failed


def main():
    arguments = sys.argv[1:]
    testing = arguments[0] == "--self-test"
    version, path, clients = arguments[-3:]
    with open(path, encoding="utf-8") as stream:
        documents = [document for document in yaml.load_all(stream, UniqueKeys) if document]
    if testing:
        count, failed = self_test(documents, version, clients)
        for name in failed:
            print(f"self-test: {name} passed", file=sys.stderr)
        print(f"self-test: {count - len(failed)} of {count} bad manifests refused")
        sys.exit(1 if failed else 0)
    problems = judge(documents, version, clients)
    for problem in problems:
        print(f"{path}: broken rule: {problem}", file=sys.stderr)
    if problems or not documents:
        sys.exit(1)
    print(f"{pathlib.Path(path).stem}: {len(documents)} objects hold against Kubernetes {version}, strict")


main()
