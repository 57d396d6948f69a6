"""The Python example of docs/src/verify.md, run as it stands there but for the two names."""

import pathlib
import re

import jwt
import pytest

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "src" / "verify.md"


def test_the_documented_verifier(issuer, issued, refuses_every_flip):
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert "https://auth.example.com" in code and "https://invoices.example.com" in code
    code = code.replace("https://auth.example.com", issuer.url)
    if issued.header["alg"] != "RS256":
        pytest.skip("the example expects RS256")
    example = {}
    exec(compile(code.replace("https://invoices.example.com", issued.audience), PAGE.name, "exec"), example)
    assert example["verify"](issued.token) == issued.claims
    refuses_every_flip(example["verify"], jwt.PyJWTError)
    other = {}
    exec(compile(code, PAGE.name, "exec"), other)
    if issued.audience != "https://invoices.example.com":
        with pytest.raises(jwt.InvalidAudienceError):
            other["verify"](issued.token)
