"""Tokens of every algorithm that resources can choose, each judged by PyJWT, joserfc, jwcrypto and OpenSSL.

The key set holds keys of all types at once. Each judge accepts, refuses every changed bit, and refuses the
token when it expects another algorithm. Rows D1, D9 and B20 of tests/requirements.txt.
"""

import json
import os
import subprocess

import jwt
import pytest
import requests
from conftest import decode, flipped
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt
from jwcrypto.common import JWException

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
SIGNATURE_BYTES = {"RS256": 256, "PS256": 256, "ES256": 64, "EdDSA": 64}

pytestmark = pytest.mark.skipif("INTEROP_ALGORITHMS_SECRET" not in os.environ,
                                reason="the issuer under test has no client for every algorithm")


@pytest.fixture(scope="module", params=ALGORITHMS)
def algorithm(request):
    return request.param


@pytest.fixture(scope="module")
def audience(algorithm):
    return f"https://{algorithm.lower()}.example.com"


@pytest.fixture(scope="module")
def token(issuer, audience):
    answer = requests.post(issuer.token_endpoint, data={"grant_type": "client_credentials", "resource": audience},
                           auth=("algorithms", os.environ["INTEROP_ALGORITHMS_SECRET"]), timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


@pytest.fixture(scope="module")
def key(token, key_set):
    """The published key of the token."""
    kid = json.loads(decode(token.split(".")[0]))["kid"]
    [key] = [key for key in key_set["keys"] if key["kid"] == kid]
    return key


def judged(verify, token, errors):
    verify(token)
    count = 0
    for what, damaged in flipped(token):
        with pytest.raises(errors):
            verify(damaged)
            pytest.fail(f"accepted with changed {what}")
        count += 1
    assert count >= 15


def test_d1_the_header_the_key_and_the_metadata_say_the_same(algorithm, token, key, key_set, issuer):
    header = json.loads(decode(token.split(".")[0]))
    assert header["alg"] == key["alg"] == algorithm
    assert key["kty"] == KEY_TYPES[algorithm] and key["use"] == "sig"
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
    assert len(decode(token.split(".")[2])) == SIGNATURE_BYTES[algorithm]
    assert {key["alg"] for key in key_set["keys"]} == set(ALGORITHMS)
    metadata = requests.get(f"{issuer.url}/.well-known/openid-configuration", timeout=10).json()
    assert metadata["id_token_signing_alg_values_supported"] == list(ALGORITHMS)


def test_d9_pyjwt(issuer, algorithm, audience, token):
    client = jwt.PyJWKClient(issuer.jwks_uri)

    def verify(candidate, algorithms=(algorithm,)):
        return jwt.decode(candidate, client.get_signing_key_from_jwt(candidate), algorithms=list(algorithms),
                          audience=audience, issuer=issuer.url)

    assert verify(token)["client_id"] == "algorithms"
    judged(verify, token, jwt.PyJWTError)
    with pytest.raises(jwt.InvalidAlgorithmError):
        verify(token, [other for other in ALGORITHMS if other != algorithm])


def test_d9_joserfc(algorithm, token, key_set):
    keys = KeySet.import_key_set(key_set)

    def verify(candidate, algorithms=(algorithm,)):
        return joserfc_jwt.decode(candidate, keys, algorithms=list(algorithms))

    assert verify(token).claims["client_id"] == "algorithms"
    judged(verify, token, (JoseError, ValueError))
    with pytest.raises((JoseError, ValueError)):
        verify(token, [other for other in ALGORITHMS if other != algorithm])


def test_d9_jwcrypto(algorithm, token, key_set):
    keys = jwcrypto_jwk.JWKSet.from_json(json.dumps(key_set))

    def verify(candidate, algorithms=(algorithm,)):
        read = jwcrypto_jwt.JWT(algs=list(algorithms), expected_type="JWS")
        read.deserialize(candidate, keys)
        return json.loads(read.claims)

    assert verify(token)["client_id"] == "algorithms"
    judged(verify, token, (JWException, ValueError))
    with pytest.raises((JWException, ValueError)):
        verify(token, [other for other in ALGORITHMS if other != algorithm])


class Refused(Exception):
    """OpenSSL says that the signature does not verify."""


def test_d9_openssl(algorithm, token, key, tmp_path):
    (tmp_path / "key.pem").write_bytes(jwcrypto_jwk.JWK(**key).export_to_pem())
    verify_with = ["-verify", "key.pem", "-signature", "signature", "input"]
    command = {
        "RS256": ["openssl", "dgst", "-sha256", *verify_with],
        "PS256": ["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32",
                  *verify_with],
        "ES256": ["openssl", "dgst", "-sha256", *verify_with],
        "EdDSA": ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "input",
                  "-sigfile", "signature"],
    }[algorithm]

    def verify(candidate):
        header, payload, signature = candidate.split(".")
        signature = decode(signature)
        if algorithm == "ES256":
            # OpenSSL reads the DER of X9.62, a JWS has r and s side by side.
            signature = encode_dss_signature(*(int.from_bytes(half, "big") for half in (signature[:32], signature[32:])))
        (tmp_path / "input").write_text(f"{header}.{payload}")
        (tmp_path / "signature").write_bytes(signature)
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        if result.returncode != 0:
            assert "ailure" in result.stdout + result.stderr, result
            raise Refused

    judged(verify, token, Refused)
