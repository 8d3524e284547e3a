"""The endpoints beside the token endpoint, each a class of Authlib's with the server's memory put in."""

import secrets

from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint
from authlib.oauth2.rfc7592 import ClientConfigurationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCredentialDict
from authlib.oauth2.rfc9101 import JWTAuthenticationRequest
from authlib.oauth2.rfc9207 import IssuerParameter
from joserfc.jwk import KeySet

import store
from grants import EVERY_METHOD

INITIAL_ACCESS_TOKEN = "initial-access-token"


def query_token(token, hint):
    """"If the server is unable to locate the token using the given hint, it MUST extend its search"."""
    return store.by_access_token(token) or store.by_refresh_token(token)


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = EVERY_METHOD

    def query_token(self, token_string, token_type_hint):
        return query_token(token_string, token_type_hint)

    def revoke_token(self, token, request):
        token.access_revoked = True
        if token.refresh_token == request.form["token"]:
            token.refresh_revoked = True


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = EVERY_METHOD[1:]
    issuer = None

    def query_token(self, token_string, token_type_hint):
        return query_token(token_string, token_type_hint)

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        told = {
            "active": True,
            "client_id": token.client_id,
            "token_type": "Bearer",
            "scope": token.scope,
            "iss": self.issuer,
            "iat": token.issued_at,
            "exp": token.issued_at + token.expires_in,
        }
        return {**told, "sub": token.user, "username": token.user} if token.user else told


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    EXPIRES_IN = 120
    INTERVAL = 1
    issuer = None

    def get_verification_uri(self):
        return f"{self.issuer}/device"

    def save_device_credential(self, client_id, scope, data):
        store.devices[data["device_code"]] = DeviceCredentialDict(client_id=client_id, scope=scope, **data)


class Registration(ClientRegistrationEndpoint):
    issuer = None
    metadata = None

    def authenticate_token(self, request):
        return request.headers.get("authorization") == f"Bearer {INITIAL_ACCESS_TOKEN}"

    def get_server_metadata(self):
        return self.metadata

    def save_client(self, client_info, client_metadata, request):
        info = dict(client_info)
        client = store.Client(info.pop("client_id"), info.pop("client_secret"), client_metadata, info)
        store.clients[client.client_id] = client
        return client

    def generate_client_registration_info(self, client, request):
        token = store.RegistrationToken(secrets.token_urlsafe())
        token.client_id = client.client_id
        store.registration_tokens[token] = token
        return {
            "registration_client_uri": f"{self.issuer}/register/{client.client_id}",
            "registration_access_token": token,
        }


class Configuration(ClientConfigurationEndpoint):
    metadata = None

    def authenticate_token(self, request):
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return store.registration_tokens.get(bearer)

    def authenticate_client(self, request):
        return store.clients.get(request.uri.rsplit("/", 1)[-1])

    def revoke_access_token(self, token, request):
        store.registration_tokens.pop(token, None)

    def check_permission(self, client, request):
        return True

    def generate_client_registration_info(self, client, request):
        return {"registration_client_uri": request.uri, "registration_access_token": request.credential}

    def delete_client(self, client, request):
        del store.clients[client.client_id]

    def update_client(self, client, client_metadata, request):
        client.metadata = client_metadata
        return client

    def get_server_metadata(self):
        return self.metadata


class Issuer(IssuerParameter):
    issuer = None

    def get_issuer(self):
        return self.issuer


class RequestObjects(JWTAuthenticationRequest):
    """By value, and by the name under which the server keeps one."""

    def resolve_client_public_key(self, client):
        return KeySet.import_key_set(client.metadata["jwks"])

    def validate_request_uri(self, request_uri, client):
        return request_uri in store.request_objects

    def get_request_object(self, request_uri):
        return store.request_objects[request_uri]

    def get_server_metadata(self):
        return {"request_object_signing_alg_values_supported": ["ES256"]}

    def get_client_require_signed_request_object(self, client):
        return client.metadata.get("require_signed_request_object", False)


class Bearer(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return store.by_access_token(token_string)


def register(server, issuer, metadata):
    for endpoint in [Introspection, DeviceAuthorization, Registration, Issuer]:
        endpoint.issuer = issuer
    for endpoint in [Registration, Configuration]:
        endpoint.metadata = metadata
    for endpoint in [Revocation, Introspection, DeviceAuthorization, Registration, Configuration]:
        server.register_endpoint(endpoint)
    for extension in [RequestObjects(), Issuer()]:
        server.register_extension(extension)
