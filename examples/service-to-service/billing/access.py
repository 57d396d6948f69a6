"""Verifies access tokens (RFC 9068) offline with PyJWT, and refuses in the words of RFC 6750. What the requests are
about stands in service.py."""

from typing import Annotated

import jwt
from fastapi import Depends, Header, HTTPException

# New keys are announced a day before they sign, so a set of this age knows every key in use.
KEY_SET_SECONDS = 300
FETCH_SECONDS = 5
# How far the clocks of issuer and service may be apart.
LEEWAY_SECONDS = 10


class Verifier:
    def __init__(self, issuer, audience):
        self.issuer, self.audience = issuer, audience
        # Fetches when it is first asked, and again for an unknown `kid`, at most every 30 seconds.
        self.keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", lifespan=KEY_SET_SECONDS, timeout=FETCH_SECONDS)

    def verify(self, token):
        """The claims of a good token for this service; jwt.PyJWTError otherwise."""
        complete = jwt.decode_complete(
            token,
            self.keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            issuer=self.issuer,
            audience=self.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub", "client_id"]},
        )
        # RFC 9068 section 4: another kind of token of the same issuer is none for here.
        if complete["header"].get("typ", "").lower() != "at+jwt":
            raise jwt.InvalidTokenError("typ is not at+jwt")
        return complete["payload"]

    def needs(self, scope):
        """A dependency of FastAPI: the claims of the caller, whose token is good and has the scope."""

        def caller(authorization: Annotated[str, Header()] = ""):
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise refusal(401, None, "this needs an access token")
            try:
                claims = self.verify(token)
            except jwt.PyJWKClientConnectionError as error:
                # Nothing can be said about the token, so nothing bad is said about it.
                raise HTTPException(503, "the keys of the issuer cannot be fetched", {"Retry-After": "5"}) from error
            except jwt.PyJWTError as error:
                raise refusal(401, "invalid_token", str(error)) from error
            if scope not in claims.get("scope", "").split():
                raise refusal(403, "insufficient_scope", f"this needs the scope {scope}", scope)
            return claims

        return Annotated[dict, Depends(caller)]


def refusal(status, error, description, scope=None):
    challenge = ", ".join(f'{name}="{value}"' for name, value in [("error", error), ("scope", scope)] if value)
    body = {"error": error, "error_description": description} if error else {"message": description}
    return HTTPException(status, body, {"WWW-Authenticate": f"Bearer {challenge}".strip()})
