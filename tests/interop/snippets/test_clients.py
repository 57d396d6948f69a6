"""Every client snippet gets a token that PyJWT accepts, and with another secret none."""

import re

import jwt
import pytest

import clients

TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]{43,}")


@pytest.mark.parametrize("snippet", clients.RUN)
@pytest.mark.parametrize("name", ["published", "serve"])
def test_the_snippet_gets_a_token(issuers, name, snippet):
    issuer = issuers[name]
    printed = clients.RUN[snippet](issuer, issuer.snippets[snippet])
    [token] = TOKEN.findall(printed) or pytest.fail(printed)
    key = jwt.PyJWKSet.from_dict(issuer.key_set)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, [issuer.algorithm], issuer=issuer.url, audience=issuer.audience,
                        options={"require": ["exp", "iss", "aud", "sub"]})
    assert claims["client_id"] == issuer.client[0]


@pytest.mark.parametrize("snippet", clients.RUN)
def test_with_another_secret_it_gets_none(issuers, snippet):
    issuer = issuers["published"]
    text = issuer.snippets[snippet]
    assert text.count(issuer.client[1]) == 1
    printed = clients.RUN[snippet](issuer, text.replace(issuer.client[1], "another-secret-that-nobody-has-0123456789"))
    assert not TOKEN.search(printed), printed
    # openid-client names the status alone.
    assert re.search("invalid_client|status: 401", printed), printed
