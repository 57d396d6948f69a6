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


def one(documents, kind, name=None):
    found = [document for document in documents
             if document["kind"] == kind and name in (None, document["metadata"]["name"])]
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


def fence_problems(pod):
    """What no pod of ours may do, whatever runs in it."""
    security = pod.get("securityContext", {})
    rules = {
        "no service account token": pod.get("automountServiceAccountToken") is False,
        "non-root by number": security.get("runAsNonRoot") is True and security.get("runAsUser") == 65532
        and security.get("fsGroup") == 65532,
        "seccomp RuntimeDefault": security.get("seccompProfile", {}).get("type") == "RuntimeDefault",
        "no namespace of the host": not any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")),
    }
    for container in pod["containers"] + pod.get("initContainers", []):
        inner = container.get("securityContext", {})
        capabilities = inner.get("capabilities", {})
        rules |= {
            f"{container['name']}: read-only root file system": inner.get("readOnlyRootFilesystem") is True,
            f"{container['name']}: no privilege escalation": inner.get("allowPrivilegeEscalation") is False,
            f"{container['name']}: no capability": capabilities.get("drop") == ["ALL"] and not capabilities.get("add"),
            f"{container['name']}: not privileged": not inner.get("privileged"),
        }
    return [sentence for sentence, holds in rules.items() if not holds]


def rotation_problems(documents, keys_volume, image):
    """The job that makes keys, and the volume that it shares with the Deployment."""
    job = one(documents, "CronJob")["spec"]
    template = job["jobTemplate"]["spec"]["template"]
    pod = template["spec"]
    claim = {"claimName": one(documents, "PersistentVolumeClaim")["metadata"]["name"]}
    containers = pod["initContainers"] + pod["containers"]
    [policy] = [document["spec"] for document in documents
                if document["kind"] == "NetworkPolicy" and document["metadata"]["name"] != "signet"]
    labels = template["metadata"]["labels"]
    rules = {
        "a key is made when one is due, then what is gone is deleted":
            [container["args"] for container in containers]
            == [["keys", "new", "--every", "30d"], ["keys", "prune", "--private", "--yes"]],
        "the job looks for a due key daily": job["schedule"].split()[2:] == ["*", "*", "*"],
        "never two jobs at once": job.get("concurrencyPolicy") == "Forbid",
        "the job and the Deployment run the same image": {container["image"] for container in containers} == {image},
        "the pods read the volume that the job writes":
            [keys_volume.get("persistentVolumeClaim"), pod["volumes"][0].get("persistentVolumeClaim")] == [claim] * 2
            and "secret" not in keys_volume,
        "several nodes mount the volume":
            one(documents, "PersistentVolumeClaim")["spec"]["accessModes"] == ["ReadWriteMany"],
        "the job writes where its setting says": all(
            container["volumeMounts"][0]["mountPath"] == container["env"][0]["value"]
            and container["env"][0]["name"] == "SIGNET_KEYS" for container in containers),
        "the Service does not select the job": labels != {"app.kubernetes.io/name": "signet"},
        "the job talks to nobody": policy["podSelector"]["matchLabels"] == labels
            and not policy.get("ingress") and not policy.get("egress")
            and sorted(policy["policyTypes"]) == ["Egress", "Ingress"],
    }
    return [sentence for sentence, holds in rules.items() if not holds] + fence_problems(pod)


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
    problems += fence_problems(pod)
    rule({entry["topologyKey"] for entry in pod.get("topologySpreadConstraints", [])}
         >= {"kubernetes.io/hostname"}, "spread over nodes")
    rule(all(entry.get("labelSelector", {}).get("matchLabels") == labels
             for entry in pod.get("topologySpreadConstraints", [])), "the spread counts our own pods")
    rule(len(pod["containers"]) == 1 and not pod.get("initContainers"), "one container")
    container = pod["containers"][0]
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
    if any(document["kind"] == "CronJob" for document in documents):
        problems += rotation_problems(documents, volumes["keys"], container["image"])
    else:
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
    policy = one(documents, "NetworkPolicy", "signet")["spec"]
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
    if any(document["kind"] == "CronJob" for document in documents):
        def job(documents):
            return one(documents, "CronJob")["spec"]

        def job_pod(documents):
            return job(documents)["jobTemplate"]["spec"]["template"]["spec"]

        changes = {
            "two jobs at once": lambda d: job(d).update(concurrencyPolicy="Allow"),
            "a key a day": lambda d: job_pod(d)["initContainers"][0].update(args=["keys", "new"]),
            "another image": lambda d: job_pod(d)["containers"][0].update(image="signet:old"),
            "the keys of the Secret": lambda d: next(volume for volume in pod(d)["volumes"] if volume["name"] == "keys")
            .update(secret={"secretName": "signet-keys", "defaultMode": 0o440}),
            "a job as root": lambda d: job_pod(d)["securityContext"].update(runAsUser=0),
            "a writable root in the job": lambda d: job_pod(d)["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False),
            "a job that answers for the Service": lambda d: job(d)["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
            .update({"app.kubernetes.io/name": "signet"}),
            "an unknown field in the job": lambda d: job(d).update(concurrency="Forbid"),
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
