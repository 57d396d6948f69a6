"""Billing, in Python: GET /invoices/{order} makes an invoice of an order, which it asks orders for with a token of its
own. Every request here needs a token for this service; access.py judges it."""

import contextlib
import logging
import os
import pathlib
import threading

import requests
import uvicorn
from access import Verifier
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

ISSUER, ORDERS_URL = os.environ["ISSUER"], os.environ["ORDERS_URL"]
AUDIENCE = "https://billing.example.com"
PRICE_CENTS = 4_900
# Of one request to another service. Whoever asks billing waits longer.
TIMEOUT_SECONDS = 5
# A token is not used in its last moments.
SPARE_SECONDS = 10

log = logging.getLogger("uvicorn.error")
verifier = Verifier(ISSUER, AUDIENCE)


class Orders:
    """Requests to orders with this service's own token, by Authlib. The library keeps the token; that it is fetched
    once, however many requests wait, is for the lock."""

    def __init__(self):
        secret = pathlib.Path(os.environ["CLIENT_SECRET_FILE"]).read_text(encoding="utf-8").strip()
        self.http = OAuth2Session("billing", secret, token_endpoint=f"{ISSUER}/oauth2/token", grant_type="client_credentials",
                                  scope="orders:read", leeway=SPARE_SECONDS, default_timeout=TIMEOUT_SECONDS)
        self.http.trust_env = False  # neither a proxy nor a .netrc has a say in where secrets go
        self.lock = threading.Lock()

    def get(self, order):
        with self.lock:
            if self.http.token is None or self.http.token.is_expired(leeway=SPARE_SECONDS):
                self.http.fetch_token(resource="https://orders.example.com")
        # The token is for orders and for no other address.
        answer = self.http.get(f"{ORDERS_URL}/orders/{order}", allow_redirects=False)
        if answer.status_code != 200:
            raise ValueError(f"orders answers {answer.status_code}")
        return answer.json()


orders = Orders()
app = FastAPI(title="Billing", docs_url=None, redoc_url=None, openapi_url=None)


@app.exception_handler(HTTPException)
def refuse(_: Request, error: HTTPException):
    body = error.detail if isinstance(error.detail, dict) else {"message": error.detail}
    return JSONResponse(body, error.status_code, error.headers)


@app.get("/livez")
def livez():
    return "ok"


@app.get("/invoices/{order}")
def invoice(order: int, caller: verifier.needs("invoices:read")):
    try:
        ordered = orders.get(order)
    except (requests.RequestException, OAuthError, ValueError) as error:
        log.warning("orders: %r", error)
        raise HTTPException(502, "no order from orders: " + ("no token" if isinstance(error, OAuthError)
                                                             else "it does not answer as it should")) from error
    return {"invoice": str(order), "cents": PRICE_CENTS * ordered["quantity"], "asked_by": caller["client_id"], "order": ordered}


@app.post("/invoices/{order}/void")
def void(order: int, caller: verifier.needs("invoices:void")):
    return {"invoice": str(order), "voided_by": caller["client_id"]}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.run(app, host="localhost", port=int(os.environ["PORT"]), access_log=False, log_level="warning",
                    timeout_graceful_shutdown=TIMEOUT_SECONDS)
