"""examples/web-app with real processes: how often it asks for a token, and what it shows when it gets none."""

import concurrent.futures
import html.parser
import os
import signal
import subprocess
import time
import urllib.error

import pytest
from example import ROOT, commands, get, shell

NAME = "web-app"
PORTS = {"WEB_APP_PORT": 8070, "CATALOG_PORT": 8071, "ISSUER_PORT": 8080, "ADMIN_PORT": 9090}
# Long enough that a busy machine makes no difference: it is renewed after 16 seconds and ends after 19.
LIFETIME_SECONDS = 20
SIGNET, CATALOG = " serve --issuer ", "example-api"


def page(example, path="/"):
    return get(example.url("WEB_APP_PORT", path))


def test_a_hundred_pages_at_once_cost_one_token_request(start):
    example = start()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        pages = list(pool.map(lambda _: page(example), range(100)))
    assert {each.status for each in pages} == {200}
    assert all("The Art of Computer Programming" in each.body for each in pages)
    assert all("the application’s own token" in each.body for each in pages)
    assert example.token_requests() == example.tokens_issued() == 1


def test_the_page_that_needs_permission_uses_no_token(start):
    example = start()
    shown = page(example, "/orders")
    assert shown.status == 200
    assert "This page would need your permission." in shown.body
    assert "Made with no token at all." in shown.body
    assert example.token_requests() == 0
    # Nor could it: the client may not have the scope for orders.
    page(example)
    secret = next(example.private.rglob("bookshop.secret")).read_text().strip()
    said = subprocess.run(
        ["curl", "--silent", "--user", f"bookshop:{secret}", "-d", "grant_type=client_credentials&scope=orders:read",
         example.url("ISSUER_PORT", "/oauth2/token")], capture_output=True, text=True, check=True).stdout
    assert '"invalid_scope"' in said


def test_a_token_is_renewed_before_it_ends_and_no_page_fails(start):
    example = start(TOKEN_LIFETIME=f"{LIFETIME_SECONDS}s")
    began = time.monotonic()
    pages = 0
    while time.monotonic() - began < 0.92 * LIFETIME_SECONDS:
        assert page(example).status == 200
        pages += 1
    # At the beginning, and when four fifths of its life were over.
    assert example.tokens_issued() == 2
    assert pages > 30


@pytest.mark.parametrize("outage", [signal.SIGSTOP, signal.SIGKILL])
def test_an_issuer_that_is_down_costs_nothing_until_the_token_ends(start, outage):
    example = start(TOKEN_LIFETIME=f"{LIFETIME_SECONDS}s")
    began = time.monotonic()
    assert page(example).status == 200
    example.signal(SIGNET, outage)
    good = 0
    while (shown := page(example)).status == 200:
        good = time.monotonic() - began
        assert good < LIFETIME_SECONDS, "the token is used after its end"
    # Since four fifths of its life there was a new try, and no page waited for it. The last second is left alone.
    assert good > LIFETIME_SECONDS - 2.5
    assert shown.status == 503
    assert shown.headers["Retry-After"] == "5"
    assert "The token service does not answer." in shown.body
    if outage == signal.SIGKILL:
        # Refused at once; one that is halted is waited for until the token has ended.
        assert "the old one is good for 1 s more" in example.said()
    # A page that needs no token does not care.
    assert page(example, "/orders").status == 200
    if outage == signal.SIGSTOP:
        example.signal(SIGNET, signal.SIGCONT)
        example.wait_for(lambda: page(example).status == 200, 30, "it does not recover")


def test_while_there_is_no_token_pages_fail_together_and_soon(start):
    example = start()
    example.signal(SIGNET, signal.SIGSTOP)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        pages = list(pool.map(lambda _: page(example), range(30)))
    assert {each.status for each in pages} == {503}
    # One time limit of three seconds for all of them, not one each.
    assert time.monotonic() - began < 15
    example.signal(SIGNET, signal.SIGCONT)


def test_a_refusal_is_another_page_and_a_new_secret_needs_no_restart(start):
    example = start()
    file = next(example.private.rglob("bookshop.secret"))
    secret = file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("wrong\n")
    shown = page(example)
    assert shown.status == 503
    assert "The token service refuses this application" in shown.body
    file.write_text(secret)
    example.wait_for(lambda: page(example).status == 200, 30, "it does not use the new secret")
    assert secret.strip() not in example.said()


def test_an_api_that_is_down_is_another_page(start):
    example = start()
    assert page(example).status == 200
    example.signal(CATALOG, signal.SIGKILL)
    shown = page(example)
    assert shown.status == 502
    assert "The catalog does not answer as it should." in shown.body
    example.wait_for(lambda: "catalog has stopped; the others go on" in example.said(), 5, "nobody says so")


def test_it_ends_when_only_its_first_process_is_told_to(start):
    example = start()
    assert page(example).status == 200
    example.signal(SIGNET, signal.SIGSTOP)
    example.stop_alone()
    for variable in PORTS:
        with pytest.raises(urllib.error.URLError):
            get(example.url(variable))


class Addresses(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.tags, self.inline = [], set(), []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.found += [value for name, value in attributes if name in ("href", "src", "action", "srcset")]
        self.inline += [name for name, _ in attributes if name == "style" or name.startswith("on")]


def test_pages_take_nothing_from_elsewhere_and_run_no_script(start):
    example = start()
    for path, status in [("/", 200), ("/orders", 200), ("/none", 404), ("/%ff", 404)]:
        shown = page(example, path)
        assert shown.status == status, path
        policy = shown.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';") and "unsafe" not in policy and "script-src" not in policy
        assert shown.headers["Cache-Control"] == "no-store"
        assert shown.headers["X-Powered-By"] is None
        addresses = Addresses()
        addresses.feed(shown.body)
        assert not addresses.inline and not addresses.tags & {"script", "style", "iframe", "object"}
        for address in addresses.found:
            assert address.startswith(("/", "#")) and not address.startswith("//"), address
            if address.startswith("/"):
                assert page(example, address).status == 200, address


@pytest.mark.parametrize("taken", [False, True])
def test_what_is_missing_is_said_before_anything_starts(tmp_path, taken):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "SIGNET_BIN": "/bin/true"}
    if taken:
        import socket

        with socket.create_server(("127.0.0.1", 0)) as held:
            port = str(held.getsockname()[1])
            done = subprocess.run([ROOT / "examples/web-app/start"], env={**environment, "WEB_APP_PORT": port},
                                  capture_output=True, text=True, timeout=20)
        wanted = f"error: port {port} is in use: set WEB_APP_PORT to another one"
    else:
        tools = tmp_path / "bin"
        tools.mkdir()
        for tool in ("bash", "dirname", "mktemp", "rm", "env", "seq"):
            os.symlink(f"/usr/bin/{tool}", tools / tool)
        done = subprocess.run([ROOT / "examples/web-app/start"], env={**environment, "PATH": str(tools), "WEB_APP_PORT": "1",
                              "CATALOG_PORT": "1", "ISSUER_PORT": "1", "ADMIN_PORT": "1"},
                              capture_output=True, text=True, timeout=20)
        wanted = "error: node is missing: install Node.js 20 or later"
    assert done.returncode == 1
    assert wanted in done.stderr


def test_the_commands_of_the_page_work(start):
    example = start()
    first, *others = commands("web-app.md")
    assert first[0] == "examples/web-app/start"
    for command, shown in others:
        if "examples/web-app/start" in command:
            continue  # a second run, with short tokens; the tests above have them
        said = shell(example.here(command))
        if shown is not None:
            assert said == example.here(shown), command
