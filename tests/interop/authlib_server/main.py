"""Authlib as a server to sign in at. Usage: python main.py FOLDER

Listens on a free loopback port over plain HTTP, writes FOLDER/authlib.json when it is ready (the issuer, the APIs, the
clients), logs to standard error and ends when its standard input does.
"""

import json
import os
import sys
import threading
from pathlib import Path

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask, jsonify, redirect, request
from joserfc.jwk import OctKey
from werkzeug.serving import WSGIRequestHandler, make_server

import endpoints
import grants
import pages
import store

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

CLIENTS = {
    "public": {
        "client_id": "public",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://127.0.0.1/callback"],
    },
    "basic": {
        "client_id": "basic %:+é /",
        "client_secret": "secret %:+é / %2B %C3%A9 €",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://app.example/callback"],
    },
    "post": {
        "client_id": "post %:+ /",
        "client_secret": "secret %:+é / %C3%A9 &=?\"'~",
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "redirect_uris": ["https://app.example/callback"],
    },
    "signing": {
        "client_id": "signing",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://app.example/callback"],
        "require_signed_request_object": True,
        # The key of RFC 7515, appendix A.3.
        "jwks": {
            "keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                }
            ]
        },
    },
    "television": {
        "client_id": "television",
        "token_endpoint_auth_method": "none",
        "grant_types": [DEVICE, "refresh_token"],
        "redirect_uris": [],
    },
    "service": {
        "client_id": "service",
        "client_secret": "the-secret-of-the-service-is-this-long",
        "grant_types": ["client_credentials", "password", "refresh_token", grants.EXCHANGE, JWT_BEARER],
        "redirect_uris": [],
    },
}


def metadata_of(issuer):
    metadata = AuthorizationServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        revocation_endpoint=f"{issuer}/revoke",
        introspection_endpoint=f"{issuer}/introspect",
        registration_endpoint=f"{issuer}/register",
        scopes_supported=["api", "api:write", "email"],
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token", *CLIENTS["service"]["grant_types"], DEVICE],
        token_endpoint_auth_methods_supported=grants.EVERY_METHOD,
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
    )
    metadata.validate()
    # Authlib validates no endpoint that is younger.
    return {
        **metadata,
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "request_object_signing_alg_values_supported": ["ES256"],
    }


def application(issuer):
    app = Flask(__name__)
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    metadata = metadata_of(issuer)
    server = AuthorizationServer(app, store.clients.get, store.save_token)
    server.scopes_supported = metadata["scopes_supported"]
    grants.register(server, issuer)
    endpoints.register(server, issuer, metadata)
    protect = ResourceProtector()
    protect.register_token_validator(endpoints.Bearer(realm=issuer))

    app.get("/.well-known/oauth-authorization-server")(lambda: jsonify(metadata))
    app.post("/token")(server.create_token_response)
    for path, name in [
        ("/revoke", "revocation"),
        ("/introspect", "introspection"),
        ("/device_authorization", "device_authorization"),
        ("/register", "client_registration"),
    ]:
        app.post(path, endpoint=name)(lambda name=name: server.create_endpoint_response(name))

    @app.post("/request_objects")
    def request_objects():
        return store.keep_request_object(request.form["object"])

    @app.route("/register/<client_id>", methods=["GET", "PUT", "DELETE"])
    def configuration(client_id):
        return server.create_endpoint_response("client_configuration")

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize():
        try:
            grant = server.get_consent_grant()
        except OAuth2Error as error:
            return server.handle_error_response(request, error)
        if request.method == "GET":
            return pages.form("Sign in")
        login, allowed = pages.decision(request.form)
        return server.create_authorization_response(grant_user=login if allowed else None, grant=grant)

    @app.route("/device", methods=["GET", "POST"])
    def device():
        if request.method == "GET":
            return pages.form("Sign in on another device")
        store.decisions[request.args["user_code"]] = pages.decision(request.form)
        return "Success: you can close this page."

    @app.get("/api/me")
    @protect("api")
    def me():
        token = current_token
        return jsonify(sub=token.user, client_id=token.client_id, scope=token.scope, method=request.method)

    @app.route("/userinfo", methods=["GET", "POST"])
    @protect("email")
    def userinfo():
        return jsonify(sub=current_token.user, email=f"{current_token.user}@user.example")

    return app


def remember_clients():
    for client in CLIENTS.values():
        own = {"scope": "api api:write email", **client}
        store.clients[client["client_id"]] = store.Client(own.pop("client_id"), own.pop("client_secret", None), own)


def description(issuer):
    """What the driver has to know of the server."""
    service = CLIENTS["service"]
    key = OctKey.import_key(service["client_secret"])
    sign = lambda audience: JWTBearerGrant.sign(key, service["client_id"], audience, "ada", header={"alg": "HS256"})
    return {
        "issuer": issuer,
        "resources": [f"{issuer}/api"],
        "clients": CLIENTS,
        "assertions": {"good": sign(issuer), "for another server": sign("https://other.example")},
    }


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"


def main(folder):
    server = make_server("127.0.0.1", 0, lambda *call: server.own(*call), threaded=True, request_handler=Handler)
    issuer = f"http://127.0.0.1:{server.server_port}"
    server.own = application(issuer)
    remember_clients()
    threading.Thread(target=leash, daemon=True).start()
    partial = folder / "authlib.partial"
    partial.write_text(json.dumps(description(issuer), indent=2))
    partial.rename(folder / "authlib.json")
    server.serve_forever()


def leash():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
