"""A rotation as real verifiers see it, and as `signet keys plan --simulate` says that they do. One scenario a run;
`run` in this directory starts them all. Standard output is the report, as JSON.
"""

import argparse
import contextlib
import json
import pathlib
import signal
import sys
import time

import verifiers
from issuer import DAY, Issuer, timestamp, wait_for
from watch import Watch, disagreements, predicted, seconds

HOUR = 3_600


def new_key(issuer, *words):
    made = json.loads(issuer.command("keys", "new", *words))
    return made["kid"], timestamp(made["activation"])


def watched(issuer, found, keep=False):
    """Has them fetch: returns when each has judged a first token."""
    watches = [Watch(issuer, verifier, keep) for verifier in found]
    for watch in watches:
        watch.start()
    wait_for("a first token at every verifier", lambda: all(watch.judged or watch.error for watch in watches))
    return watches


def row(watch, wrong, **more):
    return {"verifier": watch.verifier.model, "tokens": len(watch.judged), "refused": len(watch.refused()), **more,
            "wrong": wrong}


def compared(issuer, watches, kid, lead, activation, refusing):
    """One row a verifier: what is predicted from the moment of its first fetch, and what it did. `refusing`: those
    that the scenario is made for; were it others, it would show less than it seems to.
    """
    rows = []
    for watch in watches:
        watch.stop()
        model = watch.verifier.model
        prediction = predicted(issuer, model, lead, activation, watch.judged[0].answered)
        worst, measured = predicted(issuer, model, lead, activation, None), watch.window(kid)
        wrong = list(disagreements(issuer.speed, prediction, worst, measured))
        if (model in refusing) != bool(prediction):
            wrong.append("the scenario did not go as it was made to")
        rows.append(row(watch, wrong, worst_seconds=seconds(worst), predicted_seconds=seconds(prediction),
                        measured_seconds=round(seconds(measured))))
    return rows


def default_lead(issuer, tools):
    """`keys new` as everybody calls it: a day ahead. From a steady state until the old key has left the set."""
    found = verifiers.start(issuer, tools, {"envoy:poll=12h": 12 * HOUR})
    [old] = issuer.published()
    watches = watched(issuer, found, keep=True)
    time.sleep(1)
    kid, activation = new_key(issuer)
    lead = activation - issuer.reload(kid)
    names = ",".join(verifier.model for verifier in found)
    simulated = json.loads(issuer.command("keys", "plan", "--simulate", "--verifier", names,
                                          codes=(0, 1)))["verifiers"]
    while old in (published := issuer.published()):
        if kid not in published or issuer.clock.now() > activation + 2 * DAY:
            raise RuntimeError(f"the key set holds {published}")
        time.sleep(0.1)
    gone = issuer.clock.now() - activation
    time.sleep(1)
    rows = []
    for watch, model in zip(watches, simulated, strict=True):
        watch.stop()
        wrong = [f"{len(watch.refused())} refusals"] if watch.refused() else []
        wrong += [f"the simulator says {model['refuses']}"] if model["refuses"] else []
        # The last token of the old key is judged until it expires, a day after the new one took over.
        if watch.of(old)[-1].asked < activation + 23 * HOUR or watch.of(kid)[-1].asked < activation + gone:
            wrong.append("not judged to the end")
        rows.append(row(watch, wrong, worst_seconds=sum(refusal["seconds"] for refusal in model["refuses"]),
                        of_old_key=len(watch.of(old)), of_new_key=len(watch.of(kid))))
    return {"lead_seconds": round(lead), "old_key_gone_after_seconds": round(gone), "rows": rows}


def at_once(issuer, tools):
    """`keys new --now`: nobody knows the key when it signs."""
    found = verifiers.start(issuer, tools)
    kid, _ = new_key(issuer, "--now")
    # The file is there, and the server learns of it right after the verifiers have fetched: the worst moment.
    watches = watched(issuer, found)
    activation = issuer.reload(kid)
    time.sleep(650 / issuer.speed)
    return {"lead_seconds": 0, "rows": compared(issuer, watches, kid, 0, activation, {"envoy", "jose", "pyjwt"})}


def short_lead(issuer, tools):
    """`keys new --ahead 1h`: enough for most, too short for those that poll less often."""
    slow = {"envoy:poll=2h": 2 * HOUR, "envoy:poll=4h": 4 * HOUR}
    found = verifiers.start(issuer, tools, slow)
    name = "pyjwt:poll=4h:cooldown=2h"
    found.append(verifiers.pyjwt(issuer, name, 4 * HOUR, 2 * HOUR))
    watches = watched(issuer, found)
    kid, activation = new_key(issuer, "--ahead", "1h")
    lead = activation - issuer.reload(kid)
    time.sleep((4 * HOUR + 900) / issuer.speed)
    return {"lead_seconds": round(lead), "rows": compared(issuer, watches, kid, lead, activation, {*slow, name})}


# How many times as fast as the real clock that of the issuer runs.
SCENARIOS = {"default-lead": (default_lead, 3_600), "at-once": (at_once, 15), "short-lead": (short_lead, 600)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("scenario", choices=SCENARIOS)
    arguments.add_argument("--directory", type=pathlib.Path, required=True, help="for files; must not exist")
    for name in ("signet", "jose", "go-oidc"):
        arguments.add_argument(f"--{name}", required=True, help="what to run")
    tools = arguments.parse_args()
    # So that `with` ends what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    scenario, speed = SCENARIOS[tools.scenario]
    with contextlib.ExitStack() as stack:
        issuer = Issuer(tools.signet, tools.directory, speed, stack)
        issuer.serve()
        report = scenario(issuer, tools)
    json.dump({"scenario": tools.scenario, "speed": speed, **report}, sys.stdout)


if __name__ == "__main__":
    main()
