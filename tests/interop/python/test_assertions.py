"""Changed assertions, judged by signet, by PyJWT here and by jose in `assertions.test.mjs`: whatever signet accepts,
both accept, and read the same claims in it. Row B34 of tests/requirements.txt, and every other form of B.
"""

import json
import os
import pathlib
import time
import types

import jwt
import pytest
import requests
from jwt.algorithms import OKPAlgorithm
from mutations import Signer, mutants

CLIENT = "assertions"
COUNT = 300
SEED = 7523
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

pytestmark = pytest.mark.skipif("INTEROP_ASSERTION_KEYS" not in os.environ,
                                reason="the issuer under test has no client with keys of ours")


def claims(issuer, jti):
    now = int(time.time())
    return {"iss": CLIENT, "sub": CLIENT, "aud": issuer.url, "iat": now, "exp": now + 200, "jti": jti}


# The name of RFC 9864, which PyJWT does not know yet, for the algorithm that it knows.
jwt.register_algorithm("Ed25519", OKPAlgorithm())


def read(assertion, signer, issuer):
    """What PyJWT reads; it raises when it refuses. The algorithm is that of the key."""
    names = ["EdDSA", "Ed25519"] if signer.algorithm == "EdDSA" else [signer.algorithm]
    return jwt.decode(assertion, signer.public_pem, algorithms=names, audience=issuer.url, issuer=CLIENT, leeway=60,
                      options={"require": ["exp", "jti", "sub", "iss", "aud"]})


@pytest.fixture(scope="module")
def post(issuer):
    session = requests.Session()

    def send(assertion):
        form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": assertion}
        return session.post(issuer.token_endpoint, data=form, timeout=10)

    return send


@pytest.fixture(scope="module")
def signers():
    keys = sorted(pathlib.Path(os.environ["INTEROP_ASSERTION_KEYS"]).glob("*.pem"))
    return [Signer(path.stem, path.read_bytes()) for path in keys]


@pytest.fixture(scope="module")
def accepted(issuer, post, signers):
    """The mutants that signet accepts and what PyJWT finds in them, also in a file for jose."""
    accepted = []
    for number, (what, signer, assertion) in enumerate(mutants(signers, lambda n: claims(issuer, f"m{n}"), COUNT, SEED)):
        answer = post(assertion)
        assert answer.status_code in (200, 400, 401), f"{number} {what}: {answer.status_code} to {assertion!r}"
        assert answer.status_code == 200 or answer.json()["error"] in ("invalid_client", "invalid_request"), answer.text
        if answer.status_code == 200:
            try:
                found = read(assertion, signer, issuer)
            except jwt.PyJWTError as error:
                found = error
            accepted.append(types.SimpleNamespace(what=f"{number} {what}", signer=signer, assertion=assertion, found=found))
    rows = [{"what": case.what, "algorithm": case.signer.algorithm, "key": case.signer.public_pem.decode(),
             "assertion": case.assertion, "claims": case.found if isinstance(case.found, dict) else None}
            for case in accepted]
    pathlib.Path(os.environ["INTEROP_ASSERTIONS"]).write_text(json.dumps({"client": CLIENT, "accepted": rows}))
    return accepted


def test_b34_pyjwt_accepts_what_signet_accepts(accepted, issuer):
    for case in accepted:
        assert isinstance(case.found, dict), f"{case.what}: signet accepts and PyJWT says {case.found}: {case.assertion}"
        assert [case.found[name] for name in ("iss", "sub", "aud")] == [CLIENT, CLIENT, issuer.url], case.what
    assert 20 <= len(accepted) <= COUNT - 150, f"{len(accepted)} of {COUNT}: the mutants are all alike"
    assert {case.signer.algorithm for case in accepted} == {"ES256", "EdDSA", "RS256"}


def test_b14_signet_notes_the_jti_that_pyjwt_reads(accepted, issuer, post, signers):
    for case in accepted:
        again = post(jwt.encode(claims(issuer, case.found["jti"]), case.signer.key, algorithm=case.signer.algorithm))
        assert again.status_code == 401 and "used before" in again.json()["error_description"], f"{case.what}: {again.text}"
    fresh = post(jwt.encode(claims(issuer, "fresh"), signers[0].key, algorithm=signers[0].algorithm))
    assert fresh.status_code == 200, fresh.text
