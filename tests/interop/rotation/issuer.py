"""A real signet process whose clock runs fast: libfaketime, between the process and the C library.

Only the wall clock is faked. Timers, and the times of files, are left as they are. Times here are seconds: `real`
ones of this machine, all others of the fake clock.
"""

import base64
import calendar
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

import libfaketime

AUDIENCE = "https://rotation.example.com"
DAY = 86_400
# The fake clock begins so far back that it never passes the real one: no token is from the future.
BEHIND_SECONDS = 6 * DAY
# Longest wait for a process that starts, and for a reload.
PATIENCE_SECONDS = 15
LIBRARY = pathlib.Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for(what, condition):
    """The first true answer of `condition`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.01)
    raise TimeoutError(f"{what}: nothing after {PATIENCE_SECONDS} s")


def ended(process):
    process.kill()
    process.wait()


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def timestamp(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Clock:
    """Runs `speed` times as fast as the real one from the moment at which it is made."""

    def __init__(self, speed):
        self.speed = speed
        self.real = time.time()
        self.start = int(self.real) - BEHIND_SECONDS

    def now(self):
        return self.start + (time.time() - self.real) * self.speed


def faked(start, speed):
    """Variables that make a process see the time `start` now, and seconds `speed` times as short."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(start))
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"@{at} x{speed}", "TZ": "UTC", "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


class Issuer:
    """One key that signs for a day already, one client. `serve` starts the clock."""

    def __init__(self, binary, directory, speed, stack):
        self.binary, self.directory, self.speed, self.stack = binary, directory, speed, stack
        self.keys = directory / "keys"
        directory.mkdir(parents=True)
        yesterday = time.time() - BEHIND_SECONDS - DAY
        self.command("keys", "new", at=yesterday)
        made = json.loads(self.command("secret", "new", at=yesterday))
        self.basic = base64.b64encode(f"reader:{made['secret']}".encode()).decode()
        (directory / "clients.yaml").write_text(
            f"resources:\n  - {{audience: '{AUDIENCE}', scopes: [read]}}\n"
            f"clients:\n  - {{client_id: reader, credentials: [{{client_secret: '{made['client_secret']}'}}], scope: read,"
            f" access_token_lifetime: 24h}}\n")

    def command(self, *words, at=None, codes=(0,)):
        """Standard output of a command of signet that runs at the fake time."""
        at = self.clock.now() if at is None else at
        words = [self.binary, *words, "--format", "json"]
        if words[1] == "keys" and "--lead" not in words:
            words += ["--keys", self.keys]
        done = subprocess.run(words, env=os.environ | faked(at, 1), capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS)
        if done.returncode not in codes:
            raise RuntimeError(f"{words}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def serve(self):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.jwks_uri = f"{self.url}/.well-known/jwks.json"
        self.log = open(self.directory / "signet.log", "w")
        self.clock = Clock(self.speed)
        # A reload happens when it is told to, never by itself.
        self.process = subprocess.Popen(
            [self.binary, "serve", "--issuer", self.url, "--listen", f"127.0.0.1:{self.port}",
             "--admin-listen", "127.0.0.1:0", "--clients", self.directory / "clients.yaml", "--keys", self.keys,
             "--poll-interval", "1h", "--clock-allowance", "0s"],
            env=os.environ | faked(self.clock.start, self.speed), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT)
        self.stack.callback(ended, self.process)
        wait_for("signet", self.alive)
        issued, now = decoded(self.token(self.connection()).split(".")[1])["iat"], self.clock.now()
        if abs(issued - now) > 2 + 0.1 * self.speed:
            raise RuntimeError(f"the clock of signet says {utc(issued)}, not {utc(now)}: is libfaketime at work?")

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"signet stopped: {pathlib.Path(self.log.name).read_text()}")
        try:
            return self.published()
        except OSError:
            return None

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def token(self, connection):
        headers = {"Authorization": f"Basic {self.basic}", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/oauth2/token", "grant_type=client_credentials", headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"no token: {answer.status} {body.decode()}")
        return json.loads(body)["access_token"]

    def published(self):
        """The `kid`s of the key set."""
        connection = self.connection()
        connection.request("GET", urllib.parse.urlsplit(self.jwks_uri).path)
        return [key["kid"] for key in json.loads(connection.getresponse().read())["keys"]]

    def reload(self, kid):
        """Tells the process that its files changed; the time at which `kid` was in the key set."""
        self.process.send_signal(signal.SIGHUP)
        wait_for("the new key in the key set", lambda: kid in self.published())
        return self.clock.now()
