"""What a verifier does over time, and whether that is what the simulator says."""

import dataclasses
import json
import threading
import time

from issuer import DAY, decoded, timestamp, utc

# Real seconds from one token to the next.
TICK_SECONDS = 0.1
# Real seconds by which a busy machine may be late, on top of the tick.
LATE_SECONDS = 0.5
# Before the new key, in the plan that is simulated.
EVERY_DAYS = 30


@dataclasses.dataclass
class Judged:
    """One token at one verifier, in the time of the issuer."""
    asked: float
    answered: float
    kid: str
    verdict: str


class Watch(threading.Thread):
    """Gets tokens and has them judged, one after the other, until it is stopped. With `keep`, the last token of every
    key goes on being judged until it expires.
    """

    def __init__(self, issuer, verifier, keep=False):
        super().__init__(daemon=True)
        self.issuer, self.verifier, self.keep = issuer, verifier, keep
        self.judged, self.error = [], None
        self.stopping = threading.Event()

    def run(self):
        connection, latest = self.issuer.connection(), {}
        try:
            while not self.stopping.wait(TICK_SECONDS):
                token = self.issuer.token(connection)
                header, claims = map(decoded, token.split(".")[:2])
                latest = {kid: kept for kid, kept in latest.items() if self.keep and kept[1] > self.issuer.clock.now()}
                latest[header["kid"]] = token, claims["exp"]
                for kid, (token, _) in latest.items():
                    asked = self.issuer.clock.now()
                    verdict = self.verifier.judge(token)
                    self.judged.append(Judged(asked, self.issuer.clock.now(), kid, verdict))
        except Exception as error:  # noqa: BLE001 - the other thread reports it, whatever it is
            self.error = error

    def stop(self):
        self.stopping.set()
        self.join()
        if self.error:
            raise RuntimeError(f"{self.verifier.model}: {self.error!r}")
        for judged in self.judged:
            if judged.verdict not in ("accepted", "unknown key"):
                raise RuntimeError(f"{self.verifier.model} at {utc(judged.asked)}: {judged.verdict}")

    def of(self, kid):
        return [judged for judged in self.judged if judged.kid == kid]

    def refused(self):
        return [judged for judged in self.judged if judged.verdict != "accepted"]

    def window(self, kid):
        """From when until when it refused the tokens of a new key; None when it took them all."""
        of_key, refused = self.of(kid), self.refused()
        if not refused:
            return None
        # One stretch, from the first token on, and nothing of any other key.
        if of_key[:len(refused)] != refused:
            raise RuntimeError(f"{self.verifier.model} refused at {[utc(one.asked) for one in refused]}")
        if len(refused) == len(of_key):
            raise RuntimeError(f"{self.verifier.model} refused to the end")
        return refused[0].asked, of_key[len(refused)].asked


def predicted(issuer, model, lead_seconds, activation, first_fetch):
    """What `keys plan --simulate` says of a key with this lead: from when until when, or None. `first_fetch` None is
    the worst moment for a fetch.
    """
    start = round(activation) - EVERY_DAYS * DAY
    words = ["keys", "plan", "--simulate", "--verifier", model, "--lead", f"{round(lead_seconds)}s", "--every",
             f"{EVERY_DAYS}d", "--start", utc(start), "--for", f"{EVERY_DAYS + 1}d"]
    if first_fetch is not None:
        words += ["--phase", f"{round(first_fetch) - start}s"]
    [verifier] = json.loads(issuer.command(*words, codes=(0, 1)))["verifiers"]
    refusals = verifier["refuses"]
    if len(refusals) > 1:
        raise RuntimeError(f"one key, and yet {refusals}")
    return tuple(timestamp(refusals[0][end]) for end in ("from", "until")) if refusals else None


def disagreements(speed, prediction, worst, measured):
    """In words; both say yes or both no, and the two ends agree within a tick and what a busy machine is late."""
    if (prediction is None) != (measured is None):
        yield "the one refuses and the other does not"
    if prediction and measured:
        allowed = (TICK_SECONDS + LATE_SECONDS) * speed
        for end, said, seen in zip(("begin", "end"), prediction, measured):
            if abs(said - seen) > allowed:
                yield f"the {end}s of the windows are {abs(said - seen):.0f} s apart, more than {allowed:.0f} s"
        if seconds(measured) > seconds(worst) + allowed:
            yield "longer than the worst case"


def seconds(window):
    return window[1] - window[0] if window else 0

