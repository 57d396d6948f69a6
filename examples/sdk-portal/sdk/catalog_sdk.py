"""Client of the catalog. Gets its own access token (RFC 6749, section 4.4), keeps it, and renews it in time.

Python's standard library is all it needs.
"""

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

DEADLINE_SECONDS = 10
RENEW_BEFORE_END_SECONDS = 60


class CatalogError(Exception):
    """The answer of the catalog or the token service, when it is no success."""

    def __init__(self, status, code, description):
        super().__init__(f"{status} {code}: {description}")
        self.status, self.code, self.description = status, code, description


class Catalog:
    def __init__(self, api, token_endpoint, client_id, client_secret):
        self._api, self._token_endpoint = api.rstrip("/"), token_endpoint
        # RFC 6749, section 2.3.1: both halves are form-encoded first.
        pair = ":".join(urllib.parse.quote_plus(half) for half in (client_id, client_secret))
        self._proof = "Basic " + base64.b64encode(pair.encode()).decode()
        self._lock = threading.Lock()
        self._token, self._renew_at = None, 0.0

    @classmethod
    def from_file(cls, path):
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
        return cls(known["api"], known["token_endpoint"], known["client_id"], known["client_secret"])

    def books(self):
        """The titles in the catalog."""
        return [book["title"] for book in self._call("GET", "/books")["books"]]

    def add(self, title):
        """Adds a book. The client of an SDK may not: CatalogError with status 403."""
        return self._call("POST", "/books", {"title": title})["title"]

    def _call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self._current_token()}"}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        return _send(urllib.request.Request(self._api + path, data, headers, method=method))

    def _current_token(self):
        # One renewal for all threads that need it at the same time.
        with self._lock:
            if self._token is None or time.monotonic() >= self._renew_at:
                form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
                answer = _send(urllib.request.Request(self._token_endpoint, form, {"Authorization": self._proof}))
                lifetime = answer["expires_in"]
                self._token = answer["access_token"]
                self._renew_at = time.monotonic() + lifetime - min(RENEW_BEFORE_END_SECONDS, lifetime / 2)
            return self._token


def _send(request):
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            try:
                said = json.load(refusal)
            except ValueError:
                said = {}
        raise CatalogError(refusal.code, said.get("error", ""), said.get("error_description", "")) from None
