"""PyJWT as a resource server has it, one token a line: `accepted`, `unknown key`, or `failed` with the reason."""

import json
import sys

import jwt

settings = json.loads(sys.argv[1])
keys = jwt.PyJWKClient(settings["jwks_uri"], lifespan=settings["renew_seconds"],
                       cooldown_duration=settings["cooldown_seconds"])

for line in sys.stdin:
    token = line.strip()
    try:
        key = keys.get_signing_key_from_jwt(token)
        jwt.decode(token, key, algorithms=["RS256"], audience=settings["audience"], issuer=settings["issuer"],
                   leeway=settings["leeway_seconds"])
        verdict = "accepted"
    except jwt.PyJWKClientError as error:
        unknown = str(error).startswith("Unable to find a signing key")
        verdict = "unknown key" if unknown else f"failed {error}"
    except jwt.PyJWTError as error:
        verdict = f"failed {error!r}"
    print(verdict, flush=True)
