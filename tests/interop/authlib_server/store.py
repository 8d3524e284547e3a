"""What the server remembers: clients, codes, tokens, devices. All of it in memory."""

import secrets
import time
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin
from authlib.oauth2.rfc8628 import DeviceCredentialDict


@dataclass
class Client(ClientMixin):
    """A client in the words of RFC 7591."""

    client_id: str
    client_secret: str | None = None
    metadata: dict = field(default_factory=dict)
    info: dict = field(default_factory=dict)

    def get_client_id(self):
        return self.client_id

    @property
    def client_info(self):
        return {"client_id": self.client_id, "client_secret": self.client_secret, **self.info}

    @property
    def client_metadata(self):
        return self.metadata

    def get_default_redirect_uri(self):
        return (self.metadata.get("redirect_uris") or [None])[0]

    def get_allowed_scope(self, scope):
        allowed = self.metadata.get("scope", "").split()
        return " ".join(name for name in (scope or "").split() if name in allowed)

    def check_redirect_uri(self, redirect_uri):
        return without_port(redirect_uri) in map(without_port, self.metadata.get("redirect_uris", []))

    def check_client_secret(self, client_secret):
        return self.client_secret is not None and secrets.compare_digest(
            self.client_secret.encode(), client_secret.encode()
        )

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.metadata.get("token_endpoint_auth_method", "client_secret_basic")

    def check_response_type(self, response_type):
        return response_type in self.metadata.get("response_types", ["code"])

    def check_grant_type(self, grant_type):
        return grant_type in self.metadata.get("grant_types", ["authorization_code"])


def without_port(uri):
    """Any port of a loopback redirect is accepted (RFC 8252, section 7.3)."""
    host, slash, path = uri.removeprefix("http://").partition("/")
    return f"http://127.0.0.1{slash}{path}" if host.startswith("127.0.0.1:") else uri


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    client_id: str
    redirect_uri: str
    scope: str
    user: str
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


@dataclass
class Token(TokenMixin):
    client_id: str
    user: str | None
    access_token: str
    refresh_token: str | None
    scope: str
    expires_in: int
    issued_at: int = field(default_factory=lambda: int(time.time()))
    access_revoked: bool = False
    refresh_revoked: bool = False

    def check_client(self, client):
        return self.client_id == client.get_client_id()

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return self.issued_at + self.expires_in < time.time()

    def is_revoked(self):
        return self.access_revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return clients.get(self.client_id)


class RegistrationToken(str):
    """A registration access token (RFC 7592), good for one client."""

    client_id = None

    def check_client(self, client):
        return self.client_id == client.get_client_id()


clients: dict[str, Client] = {}
codes: dict[str, Code] = {}
tokens: list[Token] = []
devices: dict[str, DeviceCredentialDict] = {}
decisions: dict[str, tuple[str, bool]] = {}  # by user code: who decided, and what
registration_tokens: dict[str, RegistrationToken] = {}
request_objects: dict[str, str] = {}  # by the names that they were given


def keep_request_object(text):
    name = f"urn:example:{secrets.token_urlsafe()}"
    request_objects[name] = text
    return name


def save_token(token, request):
    tokens.append(
        Token(
            client_id=request.client.get_client_id(),
            user=request.user,
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token"),
            scope=token.get("scope", ""),
            expires_in=token["expires_in"],
        )
    )


def by_access_token(text):
    return next((token for token in tokens if token.access_token == text), None)


def by_refresh_token(text):
    return next((token for token in tokens if token.refresh_token == text), None)
