"""Authlib as a server of OAuth 1.0a. Usage: python authlib_server.py FOLDER VECTORS"""

import os
import sys

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth1 import (
    AuthorizationServer,
    ResourceProtector,
    create_exists_nonce_func,
    current_credential,
    register_nonce_hooks,
    register_temporary_credential_hooks,
)
from authlib.oauth1 import ClientMixin, TokenCredentialMixin
from authlib.oauth1.errors import OAuth1Error
from flask import Flask, redirect, request

import common

METHODS = ["HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"]
KEY = common.public_key(sys.argv[2])


class Client(ClientMixin):
    def get_client_secret(self):
        return common.CLIENT_SECRET

    def get_rsa_public_key(self):
        return KEY

    def get_default_redirect_uri(self):
        return "http://127.0.0.1:9/registered"

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri.startswith("http://127.0.0.1:")


class Token(TokenCredentialMixin):
    def __init__(self, token):
        self.token = token

    def get_oauth_token(self):
        return self.token["oauth_token"]

    def get_oauth_token_secret(self):
        return self.token["oauth_token_secret"]


class User:
    def get_user_id(self):
        return 7


class Cache(dict):
    """The part of a cache that Authlib uses."""

    def set(self, key, value, timeout=None):
        self[key] = value

    def has(self, key):
        return key in self

    def delete(self, key):
        self.pop(key, None)


tokens = {}
cache = Cache()


def query_client(client_id):
    return Client() if client_id == common.CLIENT_KEY else None


def create_token_credential(token, credential):
    tokens[token["oauth_token"]] = Token(token)
    return tokens[token["oauth_token"]]


app = Flask(__name__)
app.config["OAUTH1_SUPPORTED_SIGNATURE_METHODS"] = METHODS
server = AuthorizationServer(app, query_client=query_client)
register_nonce_hooks(server, cache)
register_temporary_credential_hooks(server, cache)
server.register_hook("create_token_credential", create_token_credential)
protected = ResourceProtector(
    app,
    query_client=query_client,
    query_token=lambda client_id, token: tokens.get(token),
    exists_nonce=create_exists_nonce_func(cache, "api-nonce:"),
)


@app.before_request
def keep_the_body():
    """Whoever reads the form first leaves nothing for others."""
    request.get_data()


@app.post("/initiate")
def initiate():
    return server.create_temporary_credentials_response()


@app.get("/authorize")
def authorize():
    if request.args.get("answer") == "no":
        try:
            seen = server.check_authorization_request()
        except OAuth1Error as error:
            return dict(error.get_body()), error.status_code
        return redirect(f"{seen.credential.get_redirect_uri()}&oauth_problem=user_refused")
    return server.create_authorization_response(grant_user=User())


@app.post("/token")
def token():
    return server.create_token_response()


@app.route("/api/<path:below>", methods=["GET", "POST", "PUT", "DELETE"])
@protected()
def api(below):
    token = current_credential.get_oauth_token() if current_credential else None
    return {"path": below, "token": token, "body": request.get_data(as_text=True)}


# It signs the address as Flask reads it, so there is nothing escaped in it.
common.serve("authlib", app, METHODS, "photos?x=1&x=2&y=", "photos", ["callback-confirmed-case"])
