"""Real signet processes, the snippets of their pages, and tokens: good ones, and ones with a single fault each.

`serve` is what production has: https, a list of its own, placeholders to fill in. `published` is `signet dev` with
the client list of the repository. The others are `signet dev` too, one for each algorithm, with the type `JWT`.
"""

import contextlib
import dataclasses
import html
import pathlib
import re
import socket
import subprocess
import time

import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ROOT = pathlib.Path(__file__).resolve().parents[3]
NAMES = ["published", "serve", "RS256", "PS256", "ES256", "EdDSA"]
# The published demo client: `dev` knows it, `serve` refuses it.
DEMO = ("fioXfS_HLZiKc6bKlruVFJJWLjAa", "JIYG_OzuMcOj2KrRIamehEWJRMEa")
# Puts its id and its secret into the page of `serve`.
READER = ("reader", "a-secret-that-only-these-tests-use-0123456789")
# A client of every list, with tokens for the audience of the page and for another.
TESTS = ("tests", "b-secret-that-only-these-tests-use-0123456789")
# Another resource of the list, with the algorithm and the type of the page's.
OTHER = "https://other.example.com"
PATIENCE_SECONDS = 120


@dataclasses.dataclass
class Issuer:
    name: str
    url: str
    directory: pathlib.Path
    page: str
    certificate: pathlib.Path | None

    def __post_init__(self):
        self.snippets = {name: html.unescape(text) for name, text in
                         re.findall(r'<code id="([a-z0-9-]+)">(.*?)</code>', self.page, re.S)}
        if self.name == "serve":
            # What the page asks its reader to do.
            for name, text in self.snippets.items():
                self.snippets[name] = text.replace("CLIENT_ID", READER[0]).replace("CLIENT_SECRET", READER[1])
        facts = re.search(r"The audience is <code>(.*?)</code>; its tokens are signed with (\w+) and have the "
                          r"type <code>(.*?)</code>", self.page)
        self.audience, self.algorithm, self.typ = map(html.unescape, facts.groups())
        self.client = READER if self.name == "serve" else DEMO
        self.key_set = self.get("/.well-known/jwks.json").json()

    def beside(self, snippet):
        """What the page says of it, as HTML."""
        [about] = [text for text in re.findall("<details.*?</details>", self.page, re.S) if f'id="{snippet}"' in text]
        return about.partition("<pre")[0]

    def get(self, path):
        answer = requests.get(self.url + path, timeout=10, verify=str(self.certificate or True))
        answer.raise_for_status()
        return answer

    def token(self, audience):
        answer = requests.post(f"{self.url}/oauth2/token", timeout=10, verify=str(self.certificate or True), auth=TESTS,
                               data={"grant_type": "client_credentials", "resource": audience})
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def good(self):
        return self.token(self.audience)

    def faulty(self):
        """What is wrong, and a token with that fault alone."""
        good = self.good()
        head, claims = jwt.get_unverified_header(good), jwt.decode(good, options={"verify_signature": False})
        body, _, signature = good.rpartition(".")
        # Far from both ends, where a character may hold bits that do not count.
        middle = len(signature) // 2
        changed = signature[:middle] + ("A" if signature[middle] != "A" else "B") + signature[middle + 1:]
        [file] = (self.directory / "keys").glob(f"*.{self.algorithm.lower()}.pem")
        key = load_pem_private_key(file.read_bytes(), None)
        another = jwt.get_algorithm_by_name(self.algorithm)
        sign = lambda claims, key=key, **header: jwt.encode(claims, key, self.algorithm, {**head, **header})
        assert jwt.decode(sign(claims), another.from_jwk(self.jwk(head["kid"])), [self.algorithm],
                          audience=self.audience) == claims
        past = {"iat": claims["iat"] - 7_200, "exp": claims["exp"] - 7_200}
        return {
            "a changed signature": f"{body}.{changed}",
            "a stranger's key": sign(claims, stranger(self.algorithm)),
            "an unknown key": sign(claims, stranger(self.algorithm), kid="nobody-has-this-one"),
            "another audience": self.token(OTHER),
            "another issuer": sign({**claims, "iss": "https://auth.example.org"}),
            "its time past": sign({**claims, **past}),
            "another type": sign(claims, typ="logout+jwt"),
        }

    def jwk(self, kid):
        [key] = [key for key in self.key_set["keys"] if key["kid"] == kid]
        return key


def stranger(algorithm):
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65_537, 2_048)


def start(signet, name, work, certificates, stack):
    """A process of its own; `stack` ends it."""
    directory = work / name
    clients = directory / "clients"
    clients.mkdir(parents=True)
    algorithm = name if name in ("PS256", "ES256", "EdDSA") else "RS256"
    # A key of the default algorithm too, as a list with several resources has it.
    for alg in {algorithm, "RS256"}:
        subprocess.run([signet, "keys", "new", "--quiet", "--keys", directory / "keys", "--alg", alg], check=True,
                       capture_output=True)
    typ = "at+jwt" if name in ("published", "serve") else "JWT"
    resource = lambda audience, scope: (f"  - {{audience: {audience}, scopes: [{scope}], signing_alg: {algorithm}, "
                                        f"typ: {typ}}}\n")
    if name == "published":
        (clients / "clients.yaml").write_text((ROOT / "clients.yaml").read_text())
        scope, resources, callers = "invoices:read", "", ""
    else:
        scope = "orders:read"
        resources = resource("https://orders.example.com", scope)
        callers = client(signet, *(READER if name == "serve" else DEMO), scope)
    callers += client(signet, *TESTS, f"{scope} other:read")
    (clients / "tests.yaml").write_text(f"resources:\n{resources}{resource(OTHER, 'other:read')}clients:\n{callers}")
    http, https, admin = free_ports(3)
    files = ["--clients", clients, "--keys", directory / "keys"]
    if name == "serve":
        url, certificate = f"https://localhost:{https}", certificates / "ca.pem"
        command = [signet, "serve", "--issuer", url, "--listen", f"127.0.0.1:{https}", "--admin-listen", f"127.0.0.1:{admin}",
                   "--tls-certificate", certificates / "localhost.pem", "--tls-key", certificates / "localhost.key"]
    else:
        url, certificate = f"http://localhost:{http}", None
        command = [signet, "dev", "--listen", f"localhost:{http}", "--tls-listen", f"localhost:{https}",
                   "--admin-listen", f"127.0.0.1:{admin}"]
    log = stack.enter_context(open(directory / "signet.log", "w"))
    process = subprocess.Popen([*command, *files], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    stack.callback(ended, process)
    page = wait_for(f"signet, see {log.name}", process,
                    lambda: requests.get(f"http://127.0.0.1:{admin}/snippets", timeout=10).text)
    return Issuer(name, url, directory, page, certificate)


def client(signet, client_id, secret, scope):
    stored = subprocess.run([signet, "secret", "hash"], input=secret, capture_output=True, text=True, check=True).stdout
    return f'  - {{client_id: {client_id}, credentials: [{{client_secret: "{stored.strip()}"}}], scope: "{scope}"}}\n'


def certify(directory):
    """An authority and a certificate for localhost, as a company would have them."""
    directory.mkdir(parents=True)
    run = lambda *words: subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=Tests of the snippets", "-keyout", "ca.key", "-out", "ca.pem")
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
        "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "localhost.key", "-out", "localhost.pem")
    (directory / "localhost.key").chmod(0o600)
    return directory


def free_ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


def wait_for(what, process, ask):
    """The first answer of `ask` that is not empty; it may fail until then."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{what}: it stopped")
        with contextlib.suppress(OSError):
            if answer := ask():
                return answer
        time.sleep(0.05)
    raise TimeoutError(f"{what}: nothing after {PATIENCE_SECONDS} s")


def ended(process):
    process.kill()
    process.wait()
