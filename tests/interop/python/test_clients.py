"""Stock client libraries of Python obtain a token, each in its own habit, unmodified."""

import os
from urllib.parse import urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session


@pytest.fixture(autouse=True, scope="session")
def plain_http_on_loopback(issuer):
    """Both libraries insist on https; the developer's issuer is plain http on loopback, and only there."""
    if urlsplit(issuer.url).scheme == "http":
        assert urlsplit(issuer.url).hostname in ("localhost", "127.0.0.1", "::1")
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


def bearer(token):
    assert token["token_type"].lower() == "bearer"
    assert token["access_token"].count(".") == 2
    assert isinstance(token["expires_in"], int) and token["expires_in"] > 0
    assert "refresh_token" not in token


def test_a1_requests_oauthlib_basic(issuer):
    session = OAuth2Session(client=BackendApplicationClient(client_id=issuer.client_id))
    bearer(session.fetch_token(issuer.token_endpoint, auth=HTTPBasicAuth(issuer.client_id, issuer.client_secret)))


def test_requests_oauthlib_body(issuer):
    session = OAuth2Session(client=BackendApplicationClient(client_id=issuer.client_id))
    bearer(session.fetch_token(issuer.token_endpoint, include_client_id=True, client_secret=issuer.client_secret))


def test_requests_oauthlib_named_scope(issuer, issued):
    """It raises when the scope that comes back is not the one it asked for."""
    if not issued.claims.get("scope"):
        pytest.skip("this client has no scope")
    scope = issued.claims["scope"].split()
    session = OAuth2Session(client=BackendApplicationClient(client_id=issuer.client_id, scope=scope), scope=scope)
    bearer(session.fetch_token(issuer.token_endpoint, auth=HTTPBasicAuth(issuer.client_id, issuer.client_secret)))


def test_requests_oauthlib_wrong_secret(issuer):
    session = OAuth2Session(client=BackendApplicationClient(client_id=issuer.client_id))
    with pytest.raises(InvalidClientError):
        session.fetch_token(issuer.token_endpoint, auth=HTTPBasicAuth(issuer.client_id, "wrong"))


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib(issuer, method):
    session = AuthlibSession(issuer.client_id, issuer.client_secret, token_endpoint_auth_method=method)
    bearer(session.fetch_token(issuer.token_endpoint, grant_type="client_credentials"))
