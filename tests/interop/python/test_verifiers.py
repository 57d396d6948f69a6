"""Stock verifiers of Python, and OpenSSL, judge a real token. Rows D1, D2 and D9 of tests/requirements.txt.

Each accepts the token, and refuses another audience, another issuer and every changed bit.
"""

import json
import subprocess

import jwt
import pytest
from conftest import decode, flipped
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt
from jwcrypto.common import JWException

OTHER = "https://other.example"


def test_d1_d2_header_and_claims(issuer, issued):
    assert issued.header["typ"] in ("at+jwt", "JWT")
    assert issued.header["alg"] not in ("none", "HS256") and issued.header["kid"]
    assert not {"jku", "jwk", "x5u", "x5c", "crit"} & set(issued.header)
    assert issued.claims["iss"] == issuer.url
    assert issued.claims["sub"] == issued.claims["client_id"] == issuer.client_id
    for name in ("iat", "exp"):
        assert type(issued.claims[name]) is int
    assert isinstance(issued.claims["jti"], str) and issued.claims["aud"]


# --- PyJWT -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pyjwt(issuer, issued):
    client = jwt.PyJWKClient(issuer.jwks_uri)

    def verify(token, audience=issued.audience, expected=issuer.url):
        try:
            key = client.get_signing_key_from_jwt(token)
        except jwt.PyJWKClientConnectionError as error:
            raise AssertionError("the key set could not be fetched") from error
        return jwt.decode(token, key, algorithms=[issued.header["alg"]], audience=audience, issuer=expected,
                          options={"require": ["exp", "iat", "iss", "aud", "sub"]})

    return verify


def test_d9_pyjwt_accepts(pyjwt, issued):
    assert pyjwt(issued.token) == issued.claims


def test_d9_pyjwt_refuses_every_flip(pyjwt, refuses_every_flip):
    refuses_every_flip(pyjwt, jwt.PyJWTError)


def test_d9_pyjwt_refuses_other_audience_and_issuer(pyjwt, issued):
    with pytest.raises(jwt.InvalidAudienceError):
        pyjwt(issued.token, audience=OTHER)
    with pytest.raises(jwt.InvalidIssuerError):
        pyjwt(issued.token, expected=OTHER)


# --- joserfc ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def joserfc(issuer, issued, key_set):
    keys = KeySet.import_key_set(key_set)

    def verify(token, audience=issued.audience, expected=issuer.url):
        decoded = joserfc_jwt.decode(token, keys, algorithms=[issued.header["alg"]])
        joserfc_jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": expected}, aud={"essential": True, "value": audience},
            exp={"essential": True}, sub={"essential": True}).validate(decoded.claims)
        return decoded.claims

    return verify


def test_d9_joserfc_accepts(joserfc, issued):
    assert joserfc(issued.token) == issued.claims


def test_d9_joserfc_refuses_every_flip(joserfc, refuses_every_flip):
    # A header that is no JSON any more raises a plain ValueError.
    refuses_every_flip(joserfc, (JoseError, ValueError))


def test_d9_joserfc_refuses_other_audience_and_issuer(joserfc, issued):
    with pytest.raises(JoseError, match="aud"):
        joserfc(issued.token, audience=OTHER)
    with pytest.raises(JoseError, match="iss"):
        joserfc(issued.token, expected=OTHER)


# --- jwcrypto --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def jwcrypto(issuer, issued, key_set):
    keys = jwcrypto_jwk.JWKSet.from_json(json.dumps(key_set))

    def verify(token, audience=issued.audience, expected=issuer.url):
        decoded = jwcrypto_jwt.JWT(algs=[issued.header["alg"]], expected_type="JWS",
                                   check_claims={"iss": expected, "aud": audience, "exp": None, "sub": None})
        decoded.deserialize(token, keys)
        return json.loads(decoded.claims)

    return verify


def test_d9_jwcrypto_accepts(jwcrypto, issued):
    assert jwcrypto(issued.token) == issued.claims


def test_d9_jwcrypto_refuses_every_flip(jwcrypto, refuses_every_flip):
    refuses_every_flip(jwcrypto, (JWException, ValueError))


def test_d9_jwcrypto_refuses_other_audience_and_issuer(jwcrypto, issued):
    with pytest.raises(JWException, match="aud"):
        jwcrypto(issued.token, audience=OTHER)
    with pytest.raises(JWException, match="iss"):
        jwcrypto(issued.token, expected=OTHER)


# --- OpenSSL ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def openssl(issued, key_set, tmp_path_factory):
    """`openssl dgst -sha256 -verify`: the signature alone, with nothing of JWT in the tool."""
    if issued.header["alg"] != "RS256":
        pytest.skip(f"the token is signed with {issued.header['alg']}, not RS256")
    directory = tmp_path_factory.mktemp("openssl")
    [key] = [key for key in key_set["keys"] if key["kid"] == issued.header["kid"]]
    (directory / "key.pem").write_bytes(jwcrypto_jwk.JWK(**key).export_to_pem())

    def verify(token):
        header, payload, signature = token.split(".")
        (directory / "input").write_text(f"{header}.{payload}")
        (directory / "signature").write_bytes(decode(signature))
        return subprocess.run(["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "input"],
                              cwd=directory, capture_output=True, text=True)

    return verify


def test_d9_openssl_accepts(openssl, issued):
    result = openssl(issued.token)
    assert (result.returncode, result.stdout.strip()) == (0, "Verified OK"), result.stderr


def test_d9_openssl_refuses_every_flip(openssl, issued):
    count = 0
    for what, damaged in flipped(issued.token):
        result = openssl(damaged)
        assert result.returncode == 1 and "ailure" in result.stdout + result.stderr, f"{what}: {result}"
        count += 1
    assert count >= 20
    print(f"{count} single-bit changes refused")
