"""Stock clients with awkward ids and secrets, and with keys: what table.json says, asked of every library.

    suite.py prepare   --directory DIR --signet BIN     writes DIR/clients/stock.yaml and what the clients hold
    suite.py judge     --directory DIR --issuer URL --metrics URL --driver NAME=COMMAND… --report FILE
    suite.py throttled --directory DIR --issuer URL --driver go=COMMAND --report FILE

A driver is a program that sends token requests with a library: it gets the library's name and a file of cases,
and prints a JSON line for each case. It does not know what is expected. Outcomes:

    token        the library returns a token; of it only the claims are printed, and judged here
    refused      the library reports the issuer's invalid_client
    unsendable   the library raises before it sends anything
    throttled    the library reports 429
    error        everything else, with a text; never expected
"""

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time
import urllib.parse
import urllib.request

TABLE = json.loads((pathlib.Path(__file__).parent / "table.json").read_text(encoding="utf-8"))
# A library whose driver hangs has failed; the slowest needs a few seconds.
DRIVER_SECONDS_MAX = 120
COMPLAINTS_SHOWN_MAX = 40
PBKDF2_ROUNDS = 10_000


def stored_form(signet, pair):
    if pair.get("stored") == "pbkdf2-sha256":
        salt = b"sixteen bytes it"
        digest = hashlib.pbkdf2_hmac("sha256", pair["secret"].encode(), salt, PBKDF2_ROUNDS)
        encode = lambda data: base64.b64encode(data).rstrip(b"=").decode()
        return f"$pbkdf2-sha256$i={PBKDF2_ROUNDS},l=32${encode(salt)}${encode(digest)}"
    hashed = subprocess.run([signet, "secret", "hash"], input=pair["secret"].encode(), capture_output=True, check=True)
    return hashed.stdout.decode().strip()


def client(client_id, credential):
    """JSON is YAML. The scopes lead to the resource."""
    return json.dumps({"client_id": client_id, "credentials": [credential],
                       "scope": " ".join(TABLE["resource"]["scopes"])})


def make_key(alg):
    from jwcrypto.jwk import JWK

    kind = {"ES256": {"kty": "EC", "crv": "P-256"}, "EdDSA": {"kty": "OKP", "crv": "Ed25519"}}
    key = JWK.generate(use="sig", alg=alg, **kind.get(alg, {"kty": "RSA", "size": 2048}))
    key.update(kid=key.thumbprint())
    return key


def refuses_ids(signet, directory):
    """An id that cannot be in a list: `signet check` names it."""
    for number, client_id in enumerate(TABLE["refused_ids"]):
        file = directory / f"refused-{number}.yaml"
        credential = {"client_secret": "sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk"}
        file.write_text(f"resources:\n  - {json.dumps(TABLE['resource'])}\nclients:\n  - {client(client_id, credential)}\n",
                        encoding="utf-8")
        checked = subprocess.run([signet, "check", "--clients", file], capture_output=True, text=True)
        assert checked.returncode != 0 and "client_id" in checked.stdout + checked.stderr, (client_id, checked)


def prepare(args):
    clients = args.directory / "clients"
    clients.mkdir(parents=True, exist_ok=True)
    refuses_ids(args.signet, args.directory)
    held, lines = {"pairs": {}, "keys": []}, []
    for name, pair in TABLE["pairs"].items():
        if pair["secret"] is None:
            made = subprocess.run([args.signet, "secret", "new", "--format", "json"], capture_output=True, check=True)
            pair = {**pair, "secret": json.loads(made.stdout)["secret"]}
        held["pairs"][name] = pair
        lines.append(client(pair["client_id"], {"client_secret": stored_form(args.signet, pair)}))
    for alg in TABLE["keys"]:
        for relaxed in (False, True):
            key = make_key(alg)
            credential = {"jwks": {"keys": [key.export_public(as_dict=True)]}}
            if relaxed:
                credential |= {"accept_audience": "token_endpoint", "max_lifetime": "1h"}
            client_id = f"{alg}{'.relaxed' if relaxed else ''}"
            held["keys"].append({"client_id": client_id, "alg": alg, "relaxed": relaxed,
                                 "jwk": key.export(as_dict=True)})
            lines.append(client(client_id, {"private_key_jwt": credential}))
    text = "".join(f"  - {line}\n" for line in lines)
    (clients / "stock.yaml").write_text(f"resources:\n  - {json.dumps(TABLE['resource'])}\nclients:\n{text}",
                                        encoding="utf-8")
    (args.directory / "held.json").write_text(json.dumps(held), encoding="utf-8")


def secret_cases(held, method):
    for name, pair in held["pairs"].items():
        for request, form in TABLE["requests"].items():
            yield {"subject": name, "request": request, "client_id": pair["client_id"], "secret": pair["secret"],
                   "method": method, "expected": "token", **form}
        yield {"subject": name, "request": "wrong secret", "client_id": pair["client_id"], "secret": pair["wrong"],
               "method": method, "expected": "refused"}
    for client_id in TABLE["refused_ids"]:
        yield {"subject": "refused id", "request": client_id, "client_id": client_id, "method": method,
               "secret": held["pairs"]["letters"]["secret"], "expected": "refused"}


def key_cases(held, method):
    for key in held["keys"]:
        subject = f"{key['alg']}{', relaxed' if key['relaxed'] else ''}"
        common = {"subject": subject, "client_id": key["client_id"], "method": method}
        for request, form in TABLE["requests"].items():
            yield {**common, "request": request, "key": key, "expected": "token", **form}
        [other] = [each for each in held["keys"] if each["alg"] == key["alg"] and each["relaxed"] != key["relaxed"]]
        yield {**common, "request": "wrong key", "key": other, "expected": "refused"}


def cases_of(library, held):
    """Every case with what is expected: `table.json` names the exceptions, and each must meet a case."""
    cases = []
    for method in TABLE["libraries"][library]["methods"]:
        cases += (key_cases if method.startswith("private_key_jwt") else secret_cases)(held, method)
    for number, case in enumerate(cases):
        case |= {"case": number, "scope": case.get("scope", ""), "resource": case.get("resource", "")}
    for exception in TABLE["exceptions"]:
        if library not in exception["libraries"]:
            continue
        met = [case for case in cases if case["method"] in exception["methods"]
               and case["subject"] in exception["subjects"]
               and case["request"] in exception.get("requests", [case["request"]])]
        assert met, f"{library}: no case for the exception {exception}"
        for case in met:
            case["expected"] = exception["outcome"]
    return cases


def complaint(case, result):
    """What is wrong with the outcome; `None` when it is the expected one."""
    if result["outcome"] != case["expected"]:
        return f"{result['outcome']} in place of {case['expected']} {result.get('text', '')}"
    if case["expected"] != "token":
        return None
    claims = result["claims"]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    scope = case["scope"].split() or TABLE["resource"]["scopes"]
    wanted = {"client_id": case["client_id"], "sub": case["client_id"], "aud": TABLE["resource"]["audience"]}
    wrong = {name: claims.get(name) for name, value in wanted.items() if claims.get(name) != value}
    if sorted(claims.get("scope", "").split()) != sorted(scope):
        wrong["scope"] = claims.get("scope")
    return f"the token says {wrong}" if wrong else None


def read_raw_count(metrics):
    """How often only the raw reading of a Basic secret fitted, since the server started."""
    return sum(int(line.split()[-1]) for line in get(metrics).splitlines()
               if line.startswith("signet_legacy_total") and 'feature="basic_raw"' in line)


def needs_raw(library, case):
    """Is this a request that only the raw reading can let through?"""
    is_raw = TABLE["libraries"][library]["basic"] == "raw" and case["method"] in ("default", "client_secret_basic")
    if not is_raw or case["expected"] != "token":
        return False
    # A secret with a broken escape has one reading.
    if re.search("%(?![0-9A-Fa-f]{2})", case["secret"]):
        return False
    return urllib.parse.unquote_plus(case["secret"], errors="strict") != case["secret"]


def run_driver(library, cases, args):
    """The outcome of each case, by its number."""
    driver = TABLE["libraries"][library]["driver"]
    if driver not in args.drivers:
        sys.exit(f"error: no driver {driver} for {library}")
    file = args.directory / f"{driver}.json"
    # What is expected stays here.
    hidden = [{key: value for key, value in case.items() if key != "expected"} for case in cases]
    file.write_text(json.dumps({"issuer": args.issuer, "token_endpoint": args.metadata["token_endpoint"],
                                "metadata": args.metadata, "cases": hidden}), encoding="utf-8")
    ran = subprocess.run([*shlex.split(args.drivers[driver]), library, str(file)], capture_output=True, text=True,
                         timeout=DRIVER_SECONDS_MAX)
    if ran.returncode != 0:
        print(ran.stderr[-4000:], file=sys.stderr)
        sys.exit(f"error: the driver of {library} ended with {ran.returncode}")
    return {result["case"]: result for result in map(json.loads, ran.stdout.splitlines())}


def judge(args):
    passed, failed = 0, 0
    for library in TABLE["libraries"]:
        cases = cases_of(library, args.held)
        raw_before, started = read_raw_count(args.metrics), time.monotonic()
        results = run_driver(library, cases, args)
        raw = read_raw_count(args.metrics) - raw_before
        complaints = []
        for case in cases:
            wrong = complaint(case, results.get(case["case"], {"outcome": "nothing"}))
            if wrong:
                complaints.append(f"{case['method']}, {case['subject']}, {case['request']}: {wrong}")
        passed, failed = passed + len(cases) - len(complaints), failed + len(complaints)
        wanted_raw = sum(needs_raw(library, case) for case in cases)
        if raw == wanted_raw:
            passed += 1
        else:
            complaints.append(f"{raw} requests counted as basic_raw in place of {wanted_raw}")
            failed += 1
        counts = collections.Counter(case["expected"] for case in cases)
        print(f"{library}: {len(cases)} cases in {time.monotonic() - started:.1f} s, expected "
              + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
              + f"; {raw} by the raw reading; {len(complaints)} wrong")
        for each in complaints[:COMPLAINTS_SHOWN_MAX]:
            print(f"  {each}")
    finish(passed, failed, args)


def throttled(args):
    """What a client of Go x/oauth2 sees of the default limit: 20 failures a minute, and it fails twice each time."""
    library = "Go x/oauth2"
    form, letters = (args.held["pairs"][name] for name in ("form", "letters"))
    common = {"scope": "", "resource": ""}

    def wrong(pair, method, count):
        return [{**common, "client_id": pair["client_id"], "secret": pair["wrong"], "method": method}] * count

    def right(pair, method):
        return {**common, "client_id": pair["client_id"], "secret": pair["secret"], "method": method}

    # Ten more than the limit: slow machines get some of it back meanwhile, three seconds each.
    cases = wrong(form, "default", 20) + [right(form, "default")]
    cases += wrong(letters, "client_secret_basic", 30) + [right(letters, "client_secret_basic")]
    cases = [{**case, "case": number} for number, case in enumerate(cases)]
    results = run_driver(library, cases, args)
    seen = [results[number]["outcome"] for number in range(len(cases))]
    checks = {
        "the first ten attempts with auto-detection are refused, later ones get 429":
            seen[:10] == ["refused"] * 10 and set(seen[10:20]) <= {"refused", "throttled"} and seen[19] == "throttled",
        "with a fixed style it is twenty attempts":
            seen[21:41] == ["refused"] * 20 and set(seen[41:51]) <= {"refused", "throttled"} and seen[50] == "throttled",
        "the right secret passes all the same": seen[20] == seen[51] == "token",
    }
    for text, holds in checks.items():
        print(f"{library}, default limit: {text}: {'yes' if holds else f'NO: {seen}'}")
    finish(sum(checks.values()), len(checks) - sum(checks.values()), args)


def finish(passed, failed, args):
    args.report.write_text(json.dumps({"passed": passed, "failed": failed}), encoding="utf-8")
    sys.exit(1 if failed else 0)


def get(url):
    """Loopback never goes through a proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10).read().decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["prepare", "judge", "throttled"])
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--signet")
    parser.add_argument("--issuer")
    parser.add_argument("--metrics")
    parser.add_argument("--driver", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--report", type=pathlib.Path)
    args = parser.parse_args()
    if args.step == "prepare":
        return prepare(args)
    args.drivers = dict(each.split("=", 1) for each in args.driver)
    args.held = json.loads((args.directory / "held.json").read_text(encoding="utf-8"))
    args.metadata = json.loads(get(f"{args.issuer}/.well-known/oauth-authorization-server"))
    return (judge if args.step == "judge" else throttled)(args)


if __name__ == "__main__":
    main()
