"""oauthlib as a server of OAuth 1.0a. Usage: python oauthlib_server.py FOLDER VECTORS"""

import sys

from flask import Flask, Response, request
from oauthlib.oauth1 import RequestValidator, WebApplicationServer
from oauthlib.oauth1.rfc5849.errors import OAuth1Error

import common

METHODS = [
    "HMAC-SHA1",
    "HMAC-SHA256",
    "HMAC-SHA512",
    "RSA-SHA1",
    "RSA-SHA256",
    "RSA-SHA512",
    "PLAINTEXT",
]
KEY = common.public_key(sys.argv[2])


class Validator(RequestValidator):
    """The validator's own rules for nonces and tokens stay as they are: letters and digits, 20 to 30 of them."""

    enforce_ssl = False
    realms = ["photos", "albums"]
    dummy_client = "dummy-client"
    dummy_request_token = "dummy-request-token"
    dummy_access_token = "dummy-access-token"

    def __init__(self):
        super().__init__()
        self.temporary = {}
        self.tokens = {}
        self.nonces = set()

    def get_client_secret(self, client_key, request):
        return common.CLIENT_SECRET

    def get_rsa_key(self, client_key, request):
        return KEY

    def get_request_token_secret(self, client_key, token, request):
        return self.temporary.get(token, {}).get("oauth_token_secret", "dummy")

    def get_access_token_secret(self, client_key, token, request):
        return self.tokens.get(token, {}).get("oauth_token_secret", "dummy")

    def get_default_realms(self, client_key, request):
        return ["photos"]

    def get_realms(self, token, request):
        return self.temporary[token]["realms"]

    def get_redirect_uri(self, token, request):
        return self.temporary[token]["redirect_uri"]

    def invalidate_request_token(self, client_key, request_token, request):
        del self.temporary[request_token]

    def validate_client_key(self, client_key, request):
        return client_key == common.CLIENT_KEY

    def validate_request_token(self, client_key, token, request):
        return token in self.temporary

    def validate_access_token(self, client_key, token, request):
        return token in self.tokens

    def validate_timestamp_and_nonce(
        self, client_key, timestamp, nonce, request, request_token=None, access_token=None
    ):
        used = (timestamp, nonce, request_token, access_token)
        is_new = used not in self.nonces
        self.nonces.add(used)
        return is_new

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri == "oob" or redirect_uri.startswith("http://127.0.0.1:")

    def validate_requested_realms(self, client_key, realms, request):
        return set(realms) <= set(self.realms)

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return set(realms or []) <= set(self.tokens[token]["realms"])

    def validate_verifier(self, client_key, token, verifier, request):
        return self.temporary.get(token, {}).get("oauth_verifier") == verifier

    def verify_request_token(self, token, request):
        return token in self.temporary

    def verify_realms(self, token, realms, request):
        return set(realms) <= set(self.temporary[token]["realms"])

    def save_request_token(self, token, request):
        realms = request.realms or []
        self.temporary[token["oauth_token"]] = dict(token, redirect_uri=request.redirect_uri, realms=realms)

    def save_verifier(self, token, verifier, request):
        self.temporary[token].update(verifier)

    def save_access_token(self, token, request):
        realms = self.temporary[request.resource_owner_key]["realms"]
        self.tokens[token["oauth_token"]] = dict(token, realms=realms)


app = Flask(__name__)
validator = Validator()
server = WebApplicationServer(validator)


def parts():
    """A form as text, anything else as if there were nothing: its hash is not looked at."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    body = request.get_data(as_text=True) if is_form else None
    headers = {name: value for name, value in request.headers.items() if value}
    # oauthlib knows the media type by its bare name alone.
    if is_form:
        headers["Content-Type"] = request.mimetype
    else:
        headers.pop("Content-Type", None)
    # Flask knows the address as it reads, and not as it was sent.
    address = request.host_url.rstrip("/") + request.environ["RAW_URI"]
    return address, request.method, body, headers


def answer(made):
    headers, body, status = made
    return Response(body, status=status, headers=headers)


@app.post("/initiate")
def initiate():
    return answer(server.create_request_token_response(*parts()))


@app.get("/authorize")
def authorize():
    token = request.args["oauth_token"]
    if request.args.get("answer") == "no":
        back = validator.temporary[token]["redirect_uri"]
        return Response(status=302, headers={"Location": f"{back}&denied={token}"})
    realms, _ = server.get_realms_and_credentials(*parts())
    return answer(server.create_authorization_response(*parts(), realms=realms))


@app.post("/token")
def token():
    return answer(server.create_access_token_response(*parts()))


@app.route("/api/<path:below>", methods=["GET", "POST", "PUT", "DELETE"])
def api(below):
    try:
        valid, seen = server.validate_protected_resource_request(*parts(), realms=["photos"])
    except OAuth1Error as error:
        return {"error": error.error, "description": error.description}, 400
    if not valid:
        return {"error": "invalid"}, 401
    return {"path": below, "token": seen.resource_owner_key, "body": request.get_data(as_text=True)}


common.serve("oauthlib", app, METHODS, "a%20b/%C3%A9~?x=1+2&x=%2B&y=&z=%7E", "a b/é~", [])
