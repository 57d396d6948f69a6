"""examples/sdk-portal with real processes: from the login to the first call, rotation, denial, and a token service
that is down."""

import base64
import html
import http.cookiejar
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

from example import ROOT

NAME = "sdk-portal"
PORTS = {"PORTAL_PORT": 8070, "CATALOG_PORT": 8071, "ISSUER_PORT": 8080, "ADMIN_PORT": 9090}
SIGNET = " serve --issuer "


class Developer:
    """A browser: cookies, redirects, and forms with their hidden field."""

    def __init__(self, example):
        self.example = example
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def open(self, path, fields=None):
        """Status and body, after redirects."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with self.opener.open(self.example.url("PORTAL_PORT", path), data, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def page(self, path):
        status, body = self.open(path)
        assert status == 200, body
        return html.unescape(body.decode())

    def submit(self, page, action, **fields):
        form = re.search(rf'action="{action}".*?name="form" value="([^"]+)"', page, re.S)[1]
        status, body = self.open(action, {"form": form, **fields})
        return status, html.unescape(body.decode())

    def log_in(self):
        password = re.search(r"as dana with the password (\S+)", self.example.said())[1]
        status, home = self.submit(self.page("/login"), "/login", name="dana", password=password)
        assert status == 200 and "Download SDK" in home
        return home

    def click(self):
        return self.submit(self.page("/"), "/sdk")

    def download(self, directory):
        """Click, save, unzip: the directory of the SDK and its credentials."""
        status, page = self.click()
        assert status == 200 and "Your SDK is ready" in page, page
        address = re.search(r'content="0; url=([^"]+)"', page)[1]
        status, archive = self.open(address)
        assert status == 200
        directory.mkdir()
        saved = directory / "catalog-sdk.zip"
        saved.write_bytes(archive)
        subprocess.run(["unzip", "-q", saved.name], cwd=directory, check=True)
        credentials = directory / "catalog-sdk" / "credentials.json"
        assert credentials.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(io.BytesIO(archive)) as checked:
            assert checked.testzip() is None
        return directory / "catalog-sdk", json.loads(credentials.read_text())


def run(sdk, *command):
    return subprocess.run(command, cwd=sdk, capture_output=True, text=True, timeout=60)


def first_calls(sdk):
    """What the two scripts of the archive say, when they succeed."""
    said = []
    for command in (["./first-call.sh"], [sys.executable, "first_call.py"]):
        done = run(sdk, *command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    return said


def token_status(credentials):
    """The status at the token endpoint, with curl as a client."""
    pair = f'user = "{credentials["client_id"]}:{credentials["client_secret"]}"\n'
    command = ["curl", "--silent", "--config", "-", "--data", "grant_type=client_credentials", "--output", os.devnull,
               "--write-out", "%{http_code}", credentials["token_endpoint"]]
    return int(subprocess.run(command, input=pair, capture_output=True, text=True, check=True).stdout)


def test_a_developer_logs_in_downloads_and_makes_the_first_call(example, tmp_path):
    developer = Developer(example)
    developer.log_in()
    sdk, credentials = developer.download(tmp_path / "first")
    for said in first_calls(sdk):
        assert "read: 200" in said and "The Art of Computer Programming" in said
        assert "write: 403 insufficient_scope" in said
    shown = re.search(r"```text\n(read: 200\n.*?)```", (ROOT / "docs/src/sdk-portal.md").read_text(encoding="utf-8"), re.S)[1]
    assert re.fullmatch(re.escape(shown).replace("…", ".*"), first_calls(sdk)[0]), "the page shows another answer"
    assert credentials["scope"] == "catalog:read"
    assert 29 * 86400 < credentials["expires_at"] - time.time() <= 30 * 86400
    # The key is in the archive and nowhere else: not on a page, in no log, in no file of the run.
    secret = credentials["client_secret"]
    assert secret not in developer.page("/") and secret not in example.said()
    for path in example.private.rglob("*"):
        assert not path.is_file() or secret not in path.read_text(errors="replace"), path


def test_a_second_click_rotates_and_the_older_client_ends_where_the_page_says(example, tmp_path):
    developer = Developer(example)
    developer.log_in()
    older_sdk, older = developer.download(tmp_path / "older")
    newer_sdk, newer = developer.download(tmp_path / "newer")
    assert older["client_id"] != newer["client_id"] and older["client_secret"] != newer["client_secret"]
    first_calls(older_sdk)
    page = developer.page("/")
    entries = page.split("<li>")[1:]
    assert newer["client_id"] in entries[0] and "It ends by itself on" in entries[0]
    assert older["client_id"] in entries[1] and "It still works, and ends by itself on" in entries[1]

    # The operator does what the page says.
    line = re.search(r"- \{client_id_sha256: [\w-]{43}\}", entries[1])[0]
    clients = next(example.private.rglob("clients.yaml"))
    text = clients.read_text()
    assert text.count("\nclients:") == 1
    clients.write_text(text.replace("\nclients:", f"\n  denied:\n    {line}\nclients:"))
    example.signal(SIGNET, signal.SIGHUP)
    example.wait_for(lambda: token_status(older) == 401, 20, "the older client is not denied")
    assert run(older_sdk, "./first-call.sh").returncode != 0
    for said in first_calls(newer_sdk):
        assert "read: 200" in said


def test_while_the_token_service_is_down_the_page_says_so_and_nothing_is_handed_out(start, tmp_path):
    example = start()
    developer = Developer(example)
    developer.log_in()
    _, credentials = developer.download(tmp_path / "before")
    with urllib.request.urlopen(urllib.request.Request(
            credentials["token_endpoint"], b"grant_type=client_credentials", {"Authorization": basic(credentials)})) as answer:
        token = json.load(answer)["access_token"]
    assert books(example, token) == 200
    records = next(example.private.rglob("records.jsonl"))
    before = records.read_text()

    example.signal(SIGNET, signal.SIGTERM)
    example.wait_for(lambda: "signet has stopped" in example.said(), 20, "signet goes on")
    status, page = developer.click()
    assert status == 503
    assert "The token service made no client: it does not answer." in page
    assert "Nothing was handed out, and your clients are as they were." in page
    assert records.read_text() == before
    assert "It ends by itself on" in developer.page("/"), "the portal itself goes on"
    assert books(example, token) == 200, "the API verifies offline"


def basic(credentials):
    pair = f"{credentials['client_id']}:{credentials['client_secret']}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def books(example, token):
    request = urllib.request.Request(example.url("CATALOG_PORT", "/books"), headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status
