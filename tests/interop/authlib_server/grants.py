"""The grants, each a class of Authlib's with the server's memory put in."""

import time

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidRequestError,
    InvalidScopeError,
    TokenEndpointMixin,
    grants,
)
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from joserfc.jwk import OctKey

import store

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EVERY_METHOD = ["none", "client_secret_basic", "client_secret_post"]


class AuthorizationCode(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD

    def save_authorization_code(self, code, request):
        data = request.payload.data
        store.codes[code] = store.Code(
            code=code,
            client_id=request.client.get_client_id(),
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            user=request.user,
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code, client):
        found = store.codes.get(code)
        return found if found and found.client_id == client.get_client_id() else None

    def delete_authorization_code(self, authorization_code):
        del store.codes[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class RefreshToken(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = store.by_refresh_token(refresh_token)
        return token if token and not token.refresh_revoked else None

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        refresh_token.access_revoked = refresh_token.refresh_revoked = True


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD[1:]


class Password(grants.ResourceOwnerPasswordCredentialsGrant):
    """The password of each user is the user's name backwards."""

    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD[1:]

    def authenticate_user(self, username, password):
        return username if password == username[::-1] else None


class JwtBearer(JWTBearerGrant):
    """A client vouches for its users by JWTs that it makes with its secret."""

    audience = None

    def resolve_issuer_client(self, issuer):
        return store.clients.get(issuer)

    def resolve_client_public_key(self, client):
        return OctKey.import_key(client.client_secret)

    def authenticate_user(self, subject):
        return subject

    def has_granted_permission(self, client, user):
        return True

    def get_audiences(self):
        return [self.audience]


class DeviceCode(DeviceCodeGrant):
    def query_device_credential(self, device_code):
        return store.devices.get(device_code)

    def query_user_grant(self, user_code):
        return store.decisions.get(user_code)

    def should_slow_down(self, credential):
        """A poll a little early is let through: clocks and networks are not exact."""
        now, last = time.time(), credential.get("last", 0)
        credential["last"] = now
        return now - last < credential["interval"] * 0.7


class TokenExchange(BaseGrant, TokenEndpointMixin):
    """RFC 8693, which Authlib leaves to a grant of one's own: for the client that asks, with no more scope."""

    GRANT_TYPE = EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = EVERY_METHOD[1:]

    def validate_token_request(self):
        self.request.client = self.authenticate_token_endpoint_client()
        if not self.request.client.check_grant_type(EXCHANGE):
            raise InvalidRequestError("This client may not exchange tokens.")
        form = self.request.form
        if form.get("subject_token_type") != ACCESS_TOKEN:
            raise InvalidRequestError("No subject token of this type is taken.")
        subject = store.by_access_token(form.get("subject_token"))
        if not subject or subject.is_expired() or subject.is_revoked():
            raise InvalidRequestError("The subject token is unknown or has expired.")
        self.scope = form.get("scope") or subject.scope
        if not set(self.scope.split()) <= set(subject.scope.split()):
            raise InvalidScopeError()
        self.request.user = subject.user

    def create_token_response(self):
        token = self.generate_token(user=self.request.user, scope=self.scope, include_refresh_token=False)
        self.save_token(token)
        return 200, {**token, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER


def register(server, issuer):
    JwtBearer.audience = issuer
    server.register_grant(AuthorizationCode, [CodeChallenge(required=True)])
    for grant in [RefreshToken, ClientCredentials, Password, JwtBearer, DeviceCode, TokenExchange]:
        server.register_grant(grant)
