"""Instructions that the server spends on a token, on refusals and on the key set, beside a recorded budget.

Counted by valgrind (callgrind) over the whole server, so the figure is the same whatever else the
machine does. Two runs that differ only in the number of requests are subtracted, which leaves the
requests and nothing of start and end. Tokens are signed with EdDSA: an RSA signature would hide
everything else.

    .ci/instructions            compare with benches/instructions.json
    .ci/instructions --record   write it anew, after a change that is meant
"""

import base64
import hashlib
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/signet"
BUDGET = ROOT / "benches/instructions.json"
SECRET = "a-secret-that-only-benchmarks-use-0001"
FEW, MANY = 500, 2_500
# A program runs some fifty times slower under valgrind.
PATIENCE_SECONDS = 120
# Share of the budget by which a figure may differ in either direction: with the compiler that it was
# recorded with, and with another one.
TOLERANCE, TOLERANCE_OTHER_COMPILER = 0.02, 0.15


def post(path, pair, media_type, body):
    basic = base64.b64encode(pair.encode()).decode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {basic}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def request(pair, more=""):
    return post(
        "/oauth2/token", pair, "application/x-www-form-urlencoded", f"grant_type=client_credentials{more}"
    )


def of_registered(connection):
    """Refused at the last check before the token, so that recognising the client is most of it."""
    body = '{"client_name": "SDK for Rust of Ada Lovelace"}'
    answer = json.loads(
        ask(connection, post("/oauth2/register", f"bench:{SECRET}", "application/json", body), 201, 1)
    )
    return request(f"{answer['client_id']}:{answer['client_secret']}", "&scope=none")


# A message, or what makes one; the latter is as much of the few as of the many.
KINDS = {
    "token (EdDSA)": (request(f"bench:{SECRET}"), 200),
    "refusal (wrong secret)": (request(f"bench:b{SECRET[1:]}"), 401),
    "refusal (scope, registered client)": (of_registered, 400),
    "key set": (b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: bench\r\n\r\n", 200),
}


def write_inputs(directory):
    digest = base64.urlsafe_b64encode(hashlib.sha256(SECRET.encode()).digest()).decode().rstrip("=")
    (directory / "clients.yaml").write_text(
        "resources:\n"
        "  - {audience: https://api.example.com, scopes: [bench:read, bench:write], signing_alg: EdDSA}\n"
        "clients:\n  - client_id: bench\n"
        f'    credentials: [{{client_secret: "sha256:{digest}"}}]\n    scope: bench:read bench:write\n'
        "registration:\n  policies: [{registrars: bench, scope: bench:read bench:write, validity: 1d}]\n"
    )
    (directory / "keys").mkdir(mode=0o700)
    for kind in (["--alg", "RS256"], ["--alg", "EdDSA"], ["--seal"]):
        subprocess.run(
            [PROGRAM, "keys", "new", *kind],
            cwd=directory,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def ask(connection, message, status, count):
    answers = connection.makefile("rb")
    for _ in range(count):
        connection.sendall(message)
        line = answers.readline()
        assert line.split()[1] == str(status).encode(), line
        length = 0
        while (line := answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = answers.read(length)
    return body


def connection_to(port):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def instructions(directory, message, status, count):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/profile", PROGRAM, "serve"]
        + ["--issuer", "https://bench.example.com", "--workers", "1", "--failures-per-minute", "0"]
        + ["--listen", f"127.0.0.1:{port}", "--admin-listen", "127.0.0.1:0"],
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with connection_to(port) as connection:
            ask(connection, message(connection) if callable(message) else message, status, count)
        server.send_signal(signal.SIGTERM)
        _, talk = server.communicate(timeout=PATIENCE_SECONDS)
    finally:
        server.kill()
    return int(re.search(r"Collected : (\d+)", talk).group(1))


def measure():
    figures = {}
    for kind, (message, status) in KINDS.items():
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            write_inputs(directory)
            few, many = (instructions(directory, message, status, count) for count in (FEW, MANY))
        figures[kind] = round((many - few) / (MANY - FEW))
    return figures


def main():
    compiler = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    figures = measure()
    if sys.argv[1:] == ["--record"]:
        BUDGET.write_text(json.dumps({"compiler": compiler, "instructions": figures}, indent=2) + "\n")
        print(f"recorded: {figures}")
        return
    recorded = json.loads(BUDGET.read_text())
    same = recorded["compiler"] == compiler
    tolerance = TOLERANCE if same else TOLERANCE_OTHER_COMPILER
    if not same:
        print(f"recorded with {recorded['compiler']}, this is {compiler}: within {tolerance:.0%}")
    failed = 0
    for kind, budget in recorded["instructions"].items():
        change = figures[kind] / budget - 1
        within = abs(change) <= tolerance
        failed += not within
        print(f"{kind:<34} {figures[kind]:>9,}  budget {budget:>9,}  {change:+.1%}  {'ok' if within else 'FAILED'}")
    if failed:
        sys.exit(f"{failed} outside of ±{tolerance:.0%}: find out why, or record it: .ci/instructions --record")


main()
