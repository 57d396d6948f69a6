"""Every verifier snippet, and every program of docs/src/verify.md, accepts a good token and refuses tokens with one
fault each, for that fault's reason.
"""

import re

import pytest

import issuers as processes
import verifiers
from programs import DOCUMENT, documented, shell

# What the reason must say, whoever gives it.
REASONS = {"a changed signature": "signature|verification fails", "a stranger's key": "signature|verification fails",
           "an unknown key": "key|signature|InvalidToken",
           "another audience": "aud", "another issuer": "iss|provider", "its time past": r"expir|\bexp\b",
           "another type": r"\btyp"}
# Who looks at `typ`, in the words of the page.
TYPED = {"jose", "signet-verify", "spring-server"}
RUN = {"pyjwt": verifiers.pyjwt, "jose": verifiers.jose, "spring-server": verifiers.spring, "go-oidc": verifiers.go_oidc,
       "envoy": verifiers.envoy, "signet-verify": verifiers.signet_verify}
# The page says beside the snippet why these refuse good tokens.
WARNINGS = {("spring-server", "published"): ("By default it refuses the type <code>at+jwt</code>", "typ value"),
            ("spring-server", "serve"): ("By default it refuses the type <code>at+jwt</code>", "typ value"),
            ("spring-server", "EdDSA"): ("It knows no EdDSA", "Another algorithm expected")}
CASES = [(name, snippet) for name in processes.NAMES for snippet in RUN]


def compare(tokens, verdicts, is_typed):
    """Every fault by its reason; who does not look at `typ` accepts the one with another."""
    wrong = []
    for what, verdict in zip(tokens, verdicts, strict=True):
        if what == "good" or (what == "another type" and not is_typed):
            is_right = verdict == "accepted"
        else:
            is_right = verdict != "accepted" and re.search(REASONS[what], verdict, re.I)
        if not is_right:
            wrong.append(f"{what}: {verdict}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def tokens(issuers):
    """By issuer: what is wrong, and the token."""
    return {name: {"good": issuer.good(), **issuer.faulty()} for name, issuer in issuers.items()}


@pytest.fixture(scope="session")
def jsonwebtoken(issuers):
    program = verifiers.Jsonwebtoken()
    program.build(issuers)
    return program


@pytest.mark.parametrize("name,snippet", CASES)
def test_the_snippet_accepts_a_good_token_and_refuses_each_fault(issuers, tokens, name, snippet):
    issuer, asked = issuers[name], tokens[name]
    verdicts = RUN[snippet](issuer, issuer.snippets[snippet], list(asked.values()))
    if (snippet, name) in WARNINGS:
        warning, reason = WARNINGS[snippet, name]
        assert warning in issuer.beside(snippet) and reason in verdicts[0]
        return
    compare(asked, verdicts, snippet in TYPED)


@pytest.mark.parametrize("name", processes.NAMES)
def test_the_snippet_for_jsonwebtoken_accepts_a_good_token_and_refuses_each_fault(issuers, tokens, jsonwebtoken, name):
    asked = tokens[name]
    compare(asked, jsonwebtoken.judge(name.lower(), issuers[name], list(asked.values())), False)


def test_the_documented_rust_program(issuers, tokens, jsonwebtoken):
    asked = tokens["published"]
    compare(asked, jsonwebtoken.judge("document", issuers["published"], list(asked.values())), False)


def test_the_documented_go_program(issuers, tokens):
    asked = tokens["published"]
    compare(asked, verifiers.keyfunc(issuers["published"], None, list(asked.values())), False)


def test_the_documented_line(issuers, tokens):
    issuer, asked = issuers["published"], tokens["published"]
    line = documented("sh", issuer)
    assert line.startswith("signet verify") and DOCUMENT.exists()
    compare(asked, verifiers.signet_verify(issuer, line, list(asked.values())), True)
