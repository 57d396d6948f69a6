"""Client assertions with something changed, from a fixed seed: what an attacker could make of a good one, and what
the client itself could sign. Knows JSON, base64 and signatures, and nothing of signet.
"""

import base64
import hashlib
import hmac
import json
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
VALUES = ["null", "true", "0", "-1", "1e400", "1.5", '""', '"x"', "[]", "{}", '{"a":1,"a":2}', '"\\ud800"', '"\\u0000"',
          "9223372036854775808", "[" * 200 + "]" * 200]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Signer:
    """A private key and the one algorithm that it is registered for."""

    def __init__(self, algorithm, pem):
        self.algorithm = algorithm
        self.key = serialization.load_pem_private_key(pem, password=None)
        self.public_pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data):
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def jws(self, header, claims):
        """Any two texts or byte strings, signed."""
        parts = [encode(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass"))
                 for part in (header, claims)]
        return ".".join([*parts, encode(self.sign(".".join(parts).encode()))])


def pairs(members):
    return [(json.dumps(name), json.dumps(value)) for name, value in members.items()]


def text(members, space=""):
    return "{" + ("," + space).join(f"{name}:{space}{value}" for name, value in members) + "}"


# What somebody without the key can do: `good` in, another text out.

def flip_bit(choose, signer, good):
    parts = good.split(".")
    which = choose.randrange(3)
    data = bytearray(decode(parts[which]))
    bit = choose.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << (bit % 8)
    parts[which] = encode(bytes(data))
    return ".".join(parts)


def flip_text(choose, signer, good):
    at = choose.randrange(len(good))
    return good[:at] + chr(ord(good[at]) ^ (1 << choose.randrange(7))) + good[at + 1:]


def insert(choose, signer, good):
    at = choose.randrange(len(good) + 1)
    return good[:at] + choose.choice([".", "=", " ", "\n", "\t", "\0", "A", "%2E", "+", "/", "\ufeff"]) + good[at:]


def remove(choose, signer, good):
    at = choose.randrange(len(good))
    return good[:at] + good[at + choose.choice([1, 2, 40]):]


def swap_parts(choose, signer, good):
    one, other = choose.sample(range(3), 2)
    parts = good.split(".")
    parts[one], parts[other] = parts[other], parts[one]
    return ".".join(parts)


def respell(choose, signer, good):
    """The same bytes in another spelling of base64."""
    parts = good.split(".")
    which = choose.randrange(3)
    part = parts[which]
    spellings = [part + "=" * (-len(part) % 4 or 4), part + "\n", part[:8] + "\r\n" + part[8:],
                 part.replace("-", "+").replace("_", "/") + " "]
    if len(part) % 4:
        last = ALPHABET[ALPHABET.index(part[-1]) | choose.choice([1, 2, 3])]
        spellings.append(part[:-1] + (last if last != part[-1] else ALPHABET[ALPHABET.index(part[-1]) ^ 1]))
    parts[which] = choose.choice(spellings)
    return ".".join(parts)


def other_header(choose, signer, good):
    _, claims, signature = good.split(".")
    header = {"alg": choose.choice(["none", "None", "HS256", "RS256", "ES256", "EdDSA", "PS256", "ES384"]),
              choose.choice(["typ", "kid", "x"]): "x"}
    return ".".join([encode(json.dumps(header).encode()), claims, choose.choice([signature, ""])])


def other_claims(choose, signer, good):
    header, claims, signature = good.split(".")
    members = json.loads(decode(claims))
    members[choose.choice(["exp", "iat", "jti", "x"])] = choose.choice(["x", 1, members["exp"] + 1])
    return ".".join([header, encode(json.dumps(members).encode()), signature])


def mac(choose, signer, good):
    claims = good.split(".")[1]
    secret = choose.choice([signer.public_pem, b" " + signer.public_pem, signer.public_pem.strip(), b""])
    data = encode(b'{"alg":"HS256","typ":"JWT"}') + "." + claims
    return data + "." + encode(hmac.new(secret, data.encode(), hashlib.sha256).digest())


# What the client can do: lists of (name, value) as JSON texts, changed before the signature.

def repeat(choose, header, claims):
    members = choose.choice([header, claims])
    name, value = choose.choice(members)
    spelt = choose.choice([name, f'"\\u{ord(name[1]):04x}{name[2:]}'])
    members.insert(choose.randrange(len(members) + 1), (spelt, choose.choice([value, "1", '"other"'])))


def retype(choose, header, claims):
    members = choose.choice([header, claims, claims])
    at = choose.randrange(len(members))
    members[at] = (members[at][0], choose.choice(VALUES))


def drop(choose, header, claims):
    members = choose.choice([header, claims, claims])
    del members[choose.randrange(len(members))]


def extra(choose, header, claims):
    choose.choice([header, claims]).append((choose.choice(['"x"', '""', '"é"', '"Alg"', '"x-5t"', '"crit2"']), choose.choice(VALUES)))


def critical(choose, header, claims):
    header.append((choose.choice(['"crit"', '"b64"', '"jwk"', '"jku"', '"x5u"', '"zip"', '"cty"']),
                   choose.choice(['["x"]', "[]", '"x"', "true", "{}"])))


def rename(choose, header, claims):
    members = choose.choice([header, claims])
    at = choose.randrange(len(members))
    name, value = members[at]
    members[at] = (choose.choice([name.upper(), name[:-1] + ' "', name[:-1] + '\\u0000"']), value)


def escape(choose, header, claims):
    members = choose.choice([header, claims])
    at = choose.randrange(len(members))
    name, value = members[at]
    if choose.random() < 0.5 or not value.startswith('"'):
        members[at] = (f'"\\u{ord(name[1]):04x}{name[2:]}', value)
    else:
        members[at] = (name, f'"\\u{ord(value[1]):04x}{value[2:]}')


def order(choose, header, claims):
    choose.shuffle(header)
    choose.shuffle(claims)


def name_algorithm(choose, header, claims):
    header[0] = ('"alg"', json.dumps(choose.choice(["RS256", "ES256", "EdDSA", "Ed25519", "PS256", "RS512", "none", "es256"])))


def name_type(choose, header, claims):
    header[1] = ('"typ"', json.dumps(choose.choice(["jwt", "at+jwt", "dpop+jwt", "client-authentication+jwt", "application/JWT", ""])))


def name_key(choose, header, claims):
    header.append(('"kid"', json.dumps(choose.choice(["x", "", "../x", 7, None, "x\0y"]))))


def move_times(choose, header, claims):
    at = choose.randrange(len(claims))
    name = choose.choice(['"exp"', '"iat"', '"nbf"'])
    now = int(dict(claims)['"iat"'])
    claims[:] = [pair for pair in claims if pair[0] != name]
    claims.insert(at, (name, str(now + choose.choice([-100000, -400, -100, 0, 20, 250, 4000, 2**40]))))


WITHOUT_KEY = [flip_bit, flip_bit, flip_bit, flip_text, flip_text, insert, remove, swap_parts, respell, respell,
               other_header, other_claims, mac]
WITH_KEY = [repeat, repeat, retype, retype, drop, extra, extra, critical, rename, escape, escape, order, name_algorithm,
            name_type, name_key, move_times]
SPACES = ["", "", "", "", "", "", " ", "\n\t", "\r\n", "\u00a0"]


def mutants(signers, claims, count, seed):
    """`count` of (what was done, its signer, the assertion); `claims(number)` are good ones."""
    choose = random.Random(seed)
    for number in range(count):
        signer = choose.choice(signers)
        header = pairs({"alg": signer.algorithm, "typ": "JWT"})
        members = pairs(claims(number))
        if choose.random() < 0.4:
            change = choose.choice(WITHOUT_KEY)
            yield change.__name__, signer, change(choose, signer, signer.jws(text(header), text(members)))
            continue
        changes = choose.choices(WITH_KEY, k=choose.choice([0, 1, 1, 2]))
        for change in changes:
            change(choose, header, members)
        spaces = [choose.choice(SPACES), choose.choice(SPACES)]
        what = " ".join([change.__name__ for change in changes] + [repr(space) for space in spaces if space])
        yield what or "nothing", signer, signer.jws(text(header, spaces[0]), text(members, spaces[1]))
