"""Starts an example as a user does, on free ports, and ends it as Ctrl-C does. Judges that nothing is left behind;
what the example is for it does not know."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops everything."
START_SECONDS = 120
STOP_SECONDS = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body.decode("utf-8")


class SameAddress(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def get(url, *, token=None, method="GET", headers=None, seconds=60):
    """The answer, whatever its status is."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}))
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), SameAddress)
    try:
        with opener.open(request, timeout=seconds) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, refusal.headers, refusal.read())


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def as_in_a_terminal():
    """Whoever runs the tests in the background may have had these signals ignored, and no shell can trap them then."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Example:
    """`ports` maps the variable of `start` that chooses a port to the default that the documentation names."""

    def __init__(self, name, ports, directory, **environment):
        self.ports = dict(zip(ports, free_ports(len(ports)), strict=True))
        self.defaults = ports
        self.private = directory / "run"
        self.private.mkdir()
        self.log = directory / "log"
        chosen = {variable: str(port) for variable, port in self.ports.items()}
        environment = {**os.environ, "TMPDIR": str(self.private), **chosen, **environment}
        with self.log.open("w") as log:
            self.process = subprocess.Popen([ROOT / "examples" / name / "start"], env=environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                                            preexec_fn=as_in_a_terminal)
        self.group = self.process.pid
        self.wait_for(lambda: READY in self.said(), START_SECONDS, "it is not ready")

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, holds, seconds, otherwise):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end or self.process.poll() is not None:
                self.kill()
                raise AssertionError(f"{otherwise}:\n{self.said()}")
            time.sleep(0.02)

    def url(self, variable, path=""):
        return f"http://localhost:{self.ports[variable]}{path}"

    def here(self, text):
        """Text of the documentation with the ports that this run has."""
        for variable, default in self.defaults.items():
            text = re.sub(rf"\blocalhost:{default}\b", f"localhost:{self.ports[variable]}", text)
        return text

    def metric(self, pattern):
        """The sum of the series of signet's metrics that match."""
        text = get(self.url("ADMIN_PORT", "/metrics")).body
        found = [line for line in text.splitlines() if re.search(pattern, line) and not line.startswith("#")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)

    def tokens_issued(self):
        return self.metric(r'^signet_token_requests_total\{.*outcome="issued"')

    def token_requests(self):
        return self.metric(r"^signet_token_requests_total\{")

    def processes(self):
        """Process id to command line, of all that the example started."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, _, group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
                if int(group) == self.group and state != "Z":
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
        return found

    def signal(self, command, number):
        """Signals the one process whose command line holds these words."""
        matching = [process for process, line in self.processes().items() if command in line]
        assert len(matching) == 1, f"{command}: {self.processes()}"
        os.kill(matching[0], number)

    def stop(self):
        """Ctrl-C: the terminal signals everything in the foreground. Nothing may be left."""
        os.killpg(self.group, signal.SIGINT)
        self.has_stopped()

    def stop_alone(self):
        """As a service manager does that signals the one process it knows."""
        os.kill(self.process.pid, signal.SIGTERM)
        self.has_stopped()

    def has_stopped(self):
        try:
            status = self.process.wait(STOP_SECONDS)
            # What copies the last lines ends a moment later.
            end = time.monotonic() + 2
            while (left := self.processes()) and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            self.kill()
        assert status == 0, f"exit code {status}:\n{self.said()}"
        assert not left, f"left running: {left}"
        assert not list(self.private.iterdir()), "secrets and keys are left on the disk"
        assert "had to be killed" not in self.said(), self.said()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)
        self.process.wait()


def commands(page):
    """The commands of a page of the documentation, each with the block that follows it at once, or None."""
    text = (ROOT / "docs" / "src" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    found = []
    for index, (kind, code) in enumerate(blocks):
        if kind == "sh":
            shown = blocks[index + 1] if index + 1 < len(blocks) and blocks[index + 1][0] in ("json", "text") else None
            found.append((code.replace("\\\n", " ").strip(), shown and shown[1].strip()))
    assert found, f"{page} has no command"
    return found


def shell(command):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()
