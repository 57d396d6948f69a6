"""examples/service-to-service with real processes: three services in three languages have to judge alike."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import re
import signal
import subprocess
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from example import ROOT, commands, get

NAME = "service-to-service"
PORTS = {"ORDERS_PORT": 8061, "SHIPPING_PORT": 8062, "BILLING_PORT": 8063, "ISSUER_PORT": 8080, "ADMIN_PORT": 9090}
AUDIENCES = {name: f"https://{name}.example.com" for name in ("orders", "shipping", "billing")}
# A request that a service answers by itself, the scope that it needs, and another scope of the same service.
ASKED = {
    "orders": ("GET", "/orders/7", "orders:read", "orders:cancel"),
    "shipping": ("POST", "/shipments/7/hold", "shipments:hold", "shipments:read"),
    "billing": ("POST", "/invoices/7/void", "invoices:void", "invoices:read"),
}
SERVICES = sorted(ASKED)
SIGNET = " serve --issuer "


def token(example, client, **form):
    """As the client itself would get it."""
    secret = next(example.private.rglob(f"{client}.secret")).read_text(encoding="utf-8").strip()
    form = "&".join(f"{name}={value}" for name, value in {"grant_type": "client_credentials", **form}.items())
    done = subprocess.run(["curl", "--silent", "--user", f"{client}:{secret}", "-d", form,
                           example.url("ISSUER_PORT", "/oauth2/token")], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["access_token"]


def status(example, bearer, seconds=60):
    return get(example.url("ORDERS_PORT", "/orders/1042/status"), token=bearer, seconds=seconds)


def ask(example, service, bearer):
    method, path, _, _ = ASKED[service]
    return get(example.url(f"{service.upper()}_PORT", path), token=bearer, method=method)


def issuer_key(example):
    return load_pem_private_key(next(example.private.rglob("*.pem")).read_bytes(), None)


def header_and_claims(example, service):
    keys = json.loads(get(example.url("ISSUER_PORT", "/.well-known/jwks.json")).body)["keys"]
    now = int(time.time())
    return {"kid": keys[0]["kid"], "typ": "at+jwt"}, {
        "iss": example.url("ISSUER_PORT"), "aud": AUDIENCES[service], "sub": "tester", "client_id": "tester", "jti": "1",
        "iat": now, "exp": now + 3600, "scope": ASKED[service][2]}


def signed(example, service, *, header=None, key=None, **changed):
    """A token for a service, by the key of the issuer. A claim that is changed to None is left out."""
    head, claims = header_and_claims(example, service)
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(claims, key or issuer_key(example), "RS256", {**head, **(header or {})})


def forged(example, service, algorithm):
    """What PyJWT does not make: a token without signature, and one whose secret is the public key."""
    head, claims = header_and_claims(example, service)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({**head, "alg": algorithm}, claims)]
    public = issuer_key(example).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = hmac.new(public, b".".join(parts), hashlib.sha256).digest() if algorithm == "HS256" else b""
    return b".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=")]).decode()


def test_a_question_goes_round_and_every_service_is_named_by_the_next(example):
    shown = status(example, token(example, "operator", scope="orders:read"))
    assert shown.status == 200, shown.body
    assert json.loads(shown.body) == {
        "order": "1042", "asked_by": "operator", "shipment": {
            "shipment": "1042", "leaves": "tomorrow", "asked_by": "orders", "invoice": {
                "invoice": "1042", "cents": 9800, "asked_by": "shipping", "order": {
                    "order": "1042", "item": "lamp", "quantity": 2, "asked_by": "billing"}}}}


def test_a_token_for_one_service_is_refused_by_the_others(example):
    tokens = {
        "orders": token(example, "operator", scope="orders:read"),
        "billing": token(example, "operator", scope="invoices:read"),
        "shipping": token(example, "orders", scope="shipments:read"),
    }
    for meant, bearer in tokens.items():
        for service in SERVICES:
            answer = ask(example, service, bearer)
            if service != meant:
                assert answer.status == 401, (meant, service)
                assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
                assert "audience" in answer.body.lower() or "another API" in answer.body, answer.body
            else:
                assert answer.status in (200, 403), (meant, answer.body)


@pytest.mark.parametrize("service", SERVICES)
def test_a_token_without_the_scope_is_403_and_the_challenge_names_it(example, service):
    _, _, needed, other = ASKED[service]
    assert ask(example, service, signed(example, service)).status == 200
    for scope in (other, None, needed + "x", needed.upper()):
        answer = ask(example, service, signed(example, service, scope=scope))
        assert answer.status == 403, scope
        assert json.loads(answer.body)["error"] == "insufficient_scope"
        assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_without_a_token_is_told_what_is_missing_and_no_more(example, service):
    answer = ask(example, service, None)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer") and "error" not in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("service", SERVICES)
def test_forged_and_foreign_tokens_are_refused(example, service):
    now = int(time.time())
    stranger = rsa.generate_private_key(65537, 2048)
    good = signed(example, service, scope=" ".join(ASKED[service][2:]))
    assert ask(example, service, good).status == 200
    header, payload, signature = good.split(".")
    last = "A" if signature[-10] != "A" else "B"
    refused = {
        "another key under the same kid": signed(example, service, key=stranger),
        "an unknown kid": signed(example, service, key=stranger, header={"kid": "unknown"}),
        "no signature": forged(example, service, "none"),
        "the public key as a secret": forged(example, service, "HS256"),
        "a changed signature": f"{header}.{payload}.{signature[:-10]}{last}{signature[-9:]}",
        "no signature part": f"{header}.{payload}.",
        "half a token": good[:-100],
        "no token": "x",
        "expired": signed(example, service, iat=now - 7200, exp=now - 3600),
        "without an end": signed(example, service, exp=None),
        "another issuer": signed(example, service, iss="https://auth.example.com"),
        "without an issuer": signed(example, service, iss=None),
        "a slash more": signed(example, service, iss=example.url("ISSUER_PORT", "/")),
        "another audience": signed(example, service, aud="https://other.example.com"),
        "without an audience": signed(example, service, aud=None),
        "a slash more at the audience": signed(example, service, aud=AUDIENCES[service] + "/"),
        "not valid yet": signed(example, service, nbf=now + 1800),
        "another kind": signed(example, service, header={"typ": "JWT"}),
        "without a client": signed(example, service, client_id=None),
        "without a subject": signed(example, service, sub=None),
    }
    for what, bearer in refused.items():
        answer = ask(example, service, bearer)
        assert answer.status == 401, f"{what}: {answer.status} {answer.body}"
        assert bearer not in answer.body


def test_each_service_gets_one_token_however_many_ask(start):
    example = start()
    bearer = token(example, "operator", scope="orders:read")
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: status(example, bearer), range(30)))
    assert {each.status for each in answers} == {200}
    # The operator's, and one of each service.
    assert example.token_requests() == example.tokens_issued() == 4


def test_with_the_issuer_down_the_services_go_on(start):
    example = start()
    bearer = token(example, "operator", scope="orders:read")
    assert status(example, bearer).status == 200
    example.signal(SIGNET, signal.SIGKILL)
    for _ in range(5):
        assert status(example, bearer).status == 200


def test_made_up_key_ids_do_not_make_services_slow(start):
    example = start()
    stranger = rsa.generate_private_key(65537, 2048)
    made_up = {service: [signed(example, service, key=stranger, header={"kid": f"made-up-{number}"}) for number in range(8)]
               for service in SERVICES}
    began = time.monotonic()
    for service, bearers in made_up.items():
        for bearer in bearers:
            assert ask(example, service, bearer).status == 401
    assert time.monotonic() - began < 20, "requests wait for their turn to fetch keys"
    assert ask(example, "shipping", signed(example, "shipping")).status == 200


def test_a_service_that_is_down_or_gets_no_token_is_502_and_says_nothing_more(start):
    example = start()
    bearer = token(example, "operator", scope="orders:read")
    # The secret is read at the start; so the issuer has to be the one that refuses.
    example.signal(SIGNET, signal.SIGSTOP)
    answer = status(example, bearer)
    assert answer.status in (502, 503), answer.body
    example.signal(SIGNET, signal.SIGCONT)
    example.wait_for(lambda: status(example, bearer).status == 200, 40, "it does not recover")
    example.signal("service.py", signal.SIGKILL)
    answer = status(example, bearer)
    assert answer.status == 502
    assert json.loads(answer.body) == {"message": "no shipment from shipping: it does not answer as it should"}


def test_no_secret_and_no_token_is_in_the_output(start):
    example = start()
    bearer = token(example, "operator", scope="orders:read")
    assert status(example, bearer).status == 200
    files = list(example.private.rglob("*.secret"))
    assert len(files) == 4
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        assert file.read_text(encoding="utf-8").strip() not in example.said()
    assert bearer.rsplit(".", 1)[1] not in example.said() and "eyJ" not in example.said()


def test_the_commands_of_the_page_work(start):
    example = start()
    (first, _), *others = commands("service-to-service.md")
    assert first == "examples/service-to-service/start"
    printed = "\n".join(re.findall(r"^(?:SECRET|TOKEN|curl).*$", example.said(), re.M))
    assert printed.count("\n") == 2
    # In one shell, as a reader has it: what one command sets is there for the next.
    script = ["set -euo pipefail", printed + " > /dev/null"]
    for command, _ in others:
        script += [example.here(command), "echo; echo END"]
    done = subprocess.run(["bash", "-c", "\n".join(script)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    said = [part.strip() for part in done.stdout.split("END\n")]
    assert len(said) == len(others) + 1, done.stdout + done.stderr
    for (command, shown), part in zip(others, said):
        if shown is not None:
            assert compact(part) == compact(example.here(shown)), command


def compact(text):
    """JSON is shown over several lines."""
    try:
        return json.loads(text)
    except ValueError:
        return text
