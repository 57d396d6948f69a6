"""What the Python suites share: the issuer under test, one token of it, and damaged copies of that token.

`tests/interop/run` sets the environment. Nothing here imports a verifier: the suites judge, this prepares.
"""

import base64
import json
import os
import types

import pytest
import requests

# Flipping every bit of a token takes minutes with the slowest verifier; every 97th takes seconds, and 97 is
# prime, so that over the parts all bit positions of a byte and of a base64 group occur.
STRIDE_BITS = 97


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def flipped(token):
    """(what, damaged token) for every 97th bit and the last bit of header, payload and signature."""
    parts = token.split(".")
    for index, name in enumerate(("header", "payload", "signature")):
        data = decode(parts[index])
        bits = len(data) * 8
        for bit in sorted({*range(0, bits, STRIDE_BITS), bits - 1}):
            changed = bytearray(data)
            changed[bit // 8] ^= 0x80 >> (bit % 8)
            damaged = parts[:index] + [encode(bytes(changed))] + parts[index + 1:]
            yield f"{name} bit {bit}", ".".join(damaged)


@pytest.fixture(scope="session")
def issuer():
    """The issuer as its metadata describes it, and the client that may ask it."""
    url = os.environ["INTEROP_ISSUER"]
    answer = requests.get(f"{url}/.well-known/oauth-authorization-server", timeout=10)
    answer.raise_for_status()
    metadata = answer.json()
    assert metadata["issuer"] == url, "the metadata names the issuer it was asked for"
    return types.SimpleNamespace(
        url=url,
        token_endpoint=metadata["token_endpoint"],
        jwks_uri=metadata["jwks_uri"],
        client_id=os.environ["INTEROP_CLIENT_ID"],
        client_secret=os.environ["INTEROP_CLIENT_SECRET"],
    )


@pytest.fixture(scope="session")
def issued(issuer):
    """A fresh token and what its two JSON parts say."""
    answer = requests.post(issuer.token_endpoint, data={"grant_type": "client_credentials"},
                           auth=(issuer.client_id, issuer.client_secret), timeout=10)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    header, claims, _ = body["access_token"].split(".")
    header, claims = json.loads(decode(header)), json.loads(decode(claims))
    audience = os.environ.get("INTEROP_AUDIENCE") or claims["aud"]
    return types.SimpleNamespace(token=body["access_token"], body=body, header=header, claims=claims,
                                 audience=audience if isinstance(audience, str) else audience[0])


@pytest.fixture(scope="session")
def key_set(issuer):
    answer = requests.get(issuer.jwks_uri, timeout=10)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture(scope="session")
def refuses_every_flip(issued):
    """A judge: `verify` must raise one of `errors` for every damaged copy. Anything else is no refusal."""

    def judge(verify, errors):
        verify(issued.token)
        accepted, count = [], 0
        for what, damaged in flipped(issued.token):
            count += 1
            try:
                verify(damaged)
                accepted.append(what)
            except errors:
                pass
        assert not accepted, f"accepted with changed {', '.join(accepted)}"
        assert count >= 20, f"only {count} bits were changed"
        print(f"{count} single-bit changes refused")

    return judge
