#!/usr/bin/env python3
"""Sends copies of client assertions in parallel to replicas of signet and counts how many get a token.

With --store the replicas share that Redis or Valkey: of all copies one passes. It is killed on the way
(assertions are refused, secrets are not) and started again (what was used stays used). Without it every replica
lets one copy pass, which shows that the check can fail.
"""

import argparse
import base64
import collections
import http.client
import json
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://auth.example.com"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PATIENCE_SECONDS = 30
PASSWORD = secrets.token_urlsafe(24)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def until(what, done):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"error: never seen: {what}")
        time.sleep(0.05)


class Store:
    """A server that keeps what was written, and a user who may do no more than the documentation says."""

    def __init__(self, program, directory):
        self.program, self.directory, self.port = program, directory, free_port()
        (directory / "store.conf").write_text(
            f"bind 127.0.0.1\nport {self.port}\ndir {directory}\nsave \"\"\nappendonly yes\nappendfsync always\n"
            "maxmemory-policy noeviction\nuser default off\n"
            f"user signet on >{PASSWORD} ~signet:jti:* +set\n"
            f"user judge on >{PASSWORD} ~* +memory +scan +ttl\n"
        )
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, str(self.directory / "store.conf")], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        until("the store", self.answers)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, *words):
        """One command by the judge; the first line of the answer, or the bulk string."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            for command in (("AUTH", "judge", PASSWORD), words):
                text = f"*{len(command)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in command)
                connection.sendall(text.encode())
                answer = connection.recv(65536).decode()
            return answer


class Replica:
    def __init__(self, signet, directory, store):
        self.public, self.admin = free_port(), free_port()
        arguments = [
            signet, "serve", "--issuer", ISSUER, "--clients", str(directory / "clients.yaml"),
            "--keys", str(directory / "keys"), "--listen", f"127.0.0.1:{self.public}",
            "--admin-listen", f"127.0.0.1:{self.admin}", "--failures-per-minute", "0",
        ]
        if store:
            arguments += [
                "--replay-store", f"redis://signet@127.0.0.1:{store.port}",
                "--replay-store-password-file", str(directory / "password"),
            ]
        self.log = directory / f"log-{self.public}"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until("a replica", self.is_ready)

    def is_ready(self):
        if self.process.poll() is not None:
            sys.exit(f"error: a replica ended:\n{self.log.read_text()}")
        try:
            return self.get(self.admin, "/readyz")[0] == 200
        except OSError:
            return False

    def get(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def metric(self, series):
        lines = self.get(self.admin, "/metrics")[1].splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(series + " ")), None)

    def is_up(self):
        return self.metric('signet_replay_store_up{when_down="refuse"}') == 1

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE_SECONDS)


class Connection:
    """Sends now and reads later, so that many copies are under way at once."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)

    def send(self, request):
        self.socket.sendall(request)

    def status(self):
        answer = b""
        while True:
            head, end, body = answer.partition(b"\r\n\r\n")
            if end:
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                if len(body) >= int(length.split(b":")[1]):
                    return int(head.split(b" ", 2)[1])
            received = self.socket.recv(65536)
            if not received:
                sys.exit("error: a replica closed a connection")
            answer += received


class Client:
    def __init__(self, directory):
        self.key = Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
        jwks = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})
        (directory / "clients.yaml").write_text(
            "resources: [{audience: https://invoices.example.com, scopes: [invoices:read]}]\n"
            f"clients:\n  - client_id: signer\n    credentials: [{{private_key_jwt: {{jwks: {jwks}}}}}]\n"
            "    scope: invoices:read\n"
        )

    def request(self):
        """A token request with a new assertion, as bytes."""
        now = int(time.time())
        claims = {"iss": "signer", "sub": "signer", "aud": ISSUER, "iat": now, "exp": now + 240}
        assertion = jwt.encode({**claims, "jti": secrets.token_urlsafe(16)}, self.key, algorithm="EdDSA")
        form = f"grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}"
        head = (
            "POST /oauth2/token HTTP/1.1\r\nHost: auth.example.com\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
        )
        return (head + form).encode()


def ask(replica, request):
    connection = Connection(replica.public)
    connection.send(request)
    return connection.status()


def race(client, replicas, assertions, copies):
    """How many copies of each assertion passed: {passed: assertions}."""
    connections = [Connection(replicas[copy % len(replicas)].public) for copy in range(copies)]
    outcomes = collections.Counter()
    others = collections.Counter()
    started = time.monotonic()
    for _ in range(assertions):
        request = client.request()
        for connection in connections:
            connection.send(request)
        statuses = collections.Counter(connection.status() for connection in connections)
        outcomes[statuses.pop(200, 0)] += 1
        others.update(statuses)
    seconds = time.monotonic() - started
    print(f"{assertions} assertions, {copies} copies each to {len(replicas)} replicas in {seconds:.1f} s: ", end="")
    print(f"passed per assertion {dict(outcomes)}, other answers {dict(others)}", flush=True)
    if set(others) - {401}:
        sys.exit("error: an answer that is neither a token nor a refusal of the client")
    return outcomes


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"error: {what}: {found}, not {wanted}")
    print(f"{what}: {found}")


def outage(client, replicas, store):
    used_at_first = client.request()
    expect("an assertion used at one replica", ask(replicas[0], used_at_first), 200)
    store.kill()
    waiting = client.request()
    expect("without the store", [ask(replica, waiting) for replica in replicas], [503] * len(replicas))
    expect("its metric", [replica.is_up() for replica in replicas], [False] * len(replicas))
    expect("the key set", replicas[0].get(replicas[0].public, "/.well-known/jwks.json")[0], 200)
    store.start()
    until("the store at every replica", lambda: all(replica.is_up() for replica in replicas))
    statuses = sorted(ask(replica, waiting) for replica in replicas)
    expect("the same assertion with the store back", statuses, [200] + [401] * (len(replicas) - 1))
    expect("the one from before, elsewhere", ask(replicas[1], used_at_first), 401)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signet", required=True)
    parser.add_argument("--store")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--assertions", type=int, default=200)
    parser.add_argument("--copies", type=int, default=100)
    options = parser.parse_args()
    processes = []
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        try:
            (directory / "password").write_text(PASSWORD)
            subprocess.run([options.signet, "keys", "new", "--keys", str(directory / "keys")], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            client = Client(directory)
            if options.replicas > 1:
                alone = [Replica(options.signet, directory, None) for _ in range(options.replicas)]
                processes += [replica.process for replica in alone]
                found = race(client, alone, 3, options.copies)
                expect("without a store, passed per assertion", dict(found), {options.replicas: 3})
                for replica in alone:
                    replica.stop()
            store = Store(options.store, directory) if options.store else None
            if store:
                processes.append(store.process)
            replicas = [Replica(options.signet, directory, store) for _ in range(options.replicas)]
            processes += [replica.process for replica in replicas]
            found = race(client, replicas, options.assertions, options.copies)
            expect("passed per assertion", dict(found), {1: options.assertions})
            if store:
                series = 'signet_replay_store_operations_total{outcome="first"}'
                first = sum(replica.metric(series) for replica in replicas)
                expect("first uses in the store", int(first), options.assertions)
                name = store.ask("SCAN", "0", "MATCH", "signet:jti:*", "COUNT", "1").split("\r\n")[-2]
                print(f"memory of one use: {store.ask('MEMORY', 'USAGE', name).strip()[1:]} bytes")
                outage(client, replicas, store)
                processes.append(store.process)
                if any(PASSWORD in replica.log.read_text() for replica in replicas):
                    sys.exit("error: the password is in a log")
            for replica in replicas:
                replica.stop()
        finally:
            for process in processes:
                process.kill()


if __name__ == "__main__":
    main()
