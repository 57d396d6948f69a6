"""Sends the token requests of a file of cases with one library of Python, or with curl, unmodified.

    stock_client.py LIBRARY CASES.json

prints a JSON line for each case, as tests/interop/stock/README of the suite says: `outcome` is `token`,
`refused` (the library reports invalid_client) or `unsendable` (it raised before it sent anything); all else
is `error` with a text. Of a token only the claims are printed.
"""

import json
import os
import subprocess
import sys

from authlib.integrations.base_client import OAuthError as AuthlibError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwk
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

# Both libraries insist on https; the issuer under test is plain http on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


class Refused(Exception):
    """The issuer answered invalid_client."""


def curl(endpoint, case):
    command = ["curl", "--silent", "--show-error", "--data", "grant_type=client_credentials"]
    form = {name: case[name] for name in ("scope", "resource") if case[name]}
    if case["method"] == "client_secret_post":
        form |= {"client_id": case["client_id"], "client_secret": case["secret"]}
    else:
        command += ["--user" if case["method"] == "default" else "-u", f"{case['client_id']}:{case['secret']}"]
        command += ["--basic"] if case["method"] == "client_secret_basic" else []
    for name, value in form.items():
        command += ["--data-urlencode", f"{name}={value}"]
    answer = json.loads(subprocess.run([*command, endpoint], capture_output=True, check=True, timeout=20).stdout)
    if answer.get("error") == "invalid_client":
        raise Refused
    return answer


def requests_oauthlib(endpoint, case):
    client_id, secret = case["client_id"], case["secret"]
    scope = case["scope"].split() or None
    session = OAuth2Session(client=BackendApplicationClient(client_id=client_id, scope=scope), scope=scope)
    how = {
        "default": {"client_secret": secret},
        "client_secret_basic": {"auth": HTTPBasicAuth(client_id, secret)},
        "client_secret_post": {"client_secret": secret, "include_client_id": True},
    }[case["method"]]
    if case["resource"]:
        how["resource"] = case["resource"]
    try:
        return session.fetch_token(endpoint, **how)
    except InvalidClientError as error:
        raise Refused from error


def authlib(endpoint, case):
    method = case["method"]
    if method == "private_key_jwt":
        key = jwk.import_key(case["key"]["jwk"])
        session = AuthlibSession(case["client_id"], key, token_endpoint_auth_method=method)
        session.register_client_auth_method(PrivateKeyJWT(endpoint, alg=case["key"]["alg"]))
    else:
        habit = {} if method == "default" else {"token_endpoint_auth_method": method}
        session = AuthlibSession(case["client_id"], case["secret"], **habit)
    asked = {name: case[name] for name in ("scope", "resource") if case[name]}
    try:
        return session.fetch_token(endpoint, grant_type="client_credentials", **asked)
    except AuthlibError as error:
        if error.error == "invalid_client":
            raise Refused from error
        raise


def outcome(library, endpoint, case):
    try:
        answer = library(endpoint, case)
        return {"outcome": "token", "claims": answer["access_token"].split(".")[1]}
    except Refused:
        return {"outcome": "refused"}
    except UnicodeEncodeError:
        return {"outcome": "unsendable"}
    except Exception as error:  # any other is a finding, which the suite shows with its text
        return {"outcome": "error", "text": f"{type(error).__name__}: {error}"}


def main():
    library = {"curl": curl, "requests-oauthlib": requests_oauthlib, "Authlib": authlib}[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8") as file:
        asked = json.load(file)
    for case in asked["cases"]:
        print(json.dumps({"case": case["case"], **outcome(library, asked["token_endpoint"], case)}))


if __name__ == "__main__":
    main()
