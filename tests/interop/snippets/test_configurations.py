"""What is on the page and cannot be run here: it says so, and is judged by what there is without the program.

Istio: the schema that the API server of a cluster would apply. NGINX Plus: the reader that NGINX publishes. Kong: the
keys themselves, which must be those that sign.
"""

import functools
import json
import os
import re
import subprocess

import crossplane
import jsonschema
import jwt
import pytest
import yaml

import clients
import issuers as processes
import test_verifiers
from programs import HERE, WORK

NOT_RUN = {"istio", "nginx", "kong"}
MARK = "Our tests do not run it"


@pytest.mark.parametrize("name", processes.NAMES)
def test_every_snippet_of_the_page_is_run_or_says_that_it_is_not(issuers, name):
    issuer = issuers[name]
    run = {*clients.RUN, *test_verifiers.RUN, "jsonwebtoken"}
    assert set(issuer.snippets) == run | NOT_RUN and not run & NOT_RUN
    assert {snippet for snippet in issuer.snippets if MARK in issuer.beside(snippet)} == NOT_RUN


@functools.cache
def schema(kind):
    """Of the version that the snippet names, from the module of Istio's API; closed, as `kubectl` reads strictly."""
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    found = subprocess.run(["go", "mod", "download", "-json", "istio.io/api"], cwd=HERE / "go", env=environment,
                           capture_output=True, text=True)
    assert found.returncode == 0, found.stderr + found.stdout
    file = os.path.join(json.loads(found.stdout)["Dir"], "kubernetes", "customresourcedefinitions.gen.yaml")
    with open(file, encoding="utf-8") as text:
        [crd] = [each for each in yaml.load_all(text, yaml.CSafeLoader) if each and each["spec"]["names"]["kind"] == kind]
    [version] = [each for each in crd["spec"]["versions"] if each["name"] == "v1"]
    assert crd["spec"]["group"] == "security.istio.io" and version["served"]
    return closed(version["schema"]["openAPIV3Schema"]["properties"]["spec"])


def closed(part):
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: closed(value) for key, value in part.items()}
    # Alternatives name members that the whole describes.
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        part["additionalProperties"] = False
    return part


def test_istio_would_take_the_resources(issuers):
    for issuer in issuers.values():
        resources = list(yaml.safe_load_all(issuer.snippets["istio"]))
        assert [each["kind"] for each in resources] == ["RequestAuthentication", "AuthorizationPolicy"]
        for each in resources:
            assert each.keys() == {"apiVersion", "kind", "metadata", "spec"}
            assert each["apiVersion"] == "security.istio.io/v1"
            checker = jsonschema.Draft202012Validator(schema(each["kind"]))
            checker.validate(each["spec"])
            assert not checker.is_valid({**each["spec"], "unknown": 1}), "the schema is closed"
        # The principal is issuer, slash, subject.
        [rule] = resources[1]["spec"]["rules"]
        assert rule["from"][0]["source"]["requestPrincipals"] == [f"{issuer.url}/*"]
    rules = jsonschema.Draft202012Validator(schema("RequestAuthentication"))
    for wrong in [{"issuer": "https://auth.example.com", "audience": ["x"]}, {"issuer": ""},
                  {"issuer": "https://auth.example.com", "audiences": "https://api.example.com"}]:
        assert not rules.is_valid({"jwtRules": [wrong]}), wrong


def nginx(text):
    file = WORK / "nginx.conf"
    file.write_text(text)
    return crossplane.parse(str(file), strict=False, check_ctx=True, check_args=True)["errors"]


def test_nginx_would_read_the_snippet(issuers):
    for issuer in issuers.values():
        server, _, maps = issuer.snippets["nginx"].partition("# in http {}")
        assert maps.count("map $") == 2
        maps = maps.partition("\n")[2]
        text = f"events {{}}\nhttp {{\n{maps}\nserver {{ listen 80;\n{server}\n}}\n}}\n"
        assert nginx(text) == []
        assert nginx(text.replace("internal;", "internal yes;")), "the reader counts arguments"
        assert nginx(text.replace("server {", f"server {{ {maps}", 1)), "and knows where a map may stand"
        assert f"proxy_pass {issuer.url}/.well-known/jwks.json;" in server


def test_kong_would_find_the_key_that_signs(issuers):
    for issuer in issuers.values():
        config = yaml.safe_load(issuer.snippets["kong"])
        assert config["_format_version"] == "3.0"
        [plugin], [consumer] = config["plugins"], config["consumers"]
        assert plugin == {"name": "jwt", "config": {"key_claim_name": "kid", "claims_to_verify": ["exp"]}}
        secrets = consumer["jwt_secrets"]
        # Kong refuses two with one name.
        assert len({secret["key"] for secret in secrets}) == len(secrets)
        assert {secret["key"] for secret in secrets} == {key["kid"] for key in issuer.key_set["keys"]
                                                         if key["alg"] == issuer.algorithm}
        token = issuer.good()
        kid = jwt.get_unverified_header(token)["kid"]
        [secret] = [secret for secret in secrets if secret["key"] == kid]
        assert jwt.decode(token, secret["rsa_public_key"], [secret["algorithm"]], audience=issuer.audience)
        # The plugin looks at no audience: the page says so.
        assert re.search(r"no\s+audience", issuer.beside("kong"))
