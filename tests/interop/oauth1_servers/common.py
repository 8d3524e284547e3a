"""What both servers of OAuth 1.0a have in common: the client they know, and how they come up and go down."""

import base64
import json
import os
import sys
import threading
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT_KEY = "dpf43f3p2l4k3l03abcd"
# Nothing in it is escaped: oauthlib decodes a PLAINTEXT signature a second time where it comes in a query or a form.
CLIENT_SECRET = "kd94hf93k423kf44-._~"


def public_key(vectors):
    """The public half of the client's key, as PEM: the key is one of the known answers."""
    key = json.loads(Path(vectors).read_text(encoding="utf-8"))["keys"]["rsa_2048"]
    key = load_der_private_key(base64.b64decode(key), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Quiet(WSGIRequestHandler):
    def log_request(self, code="-", size="-"):
        self.log("info", "%s %s %s", self.command, self.path.split("?")[0], code)


def serve(name, app, methods, target, path, quirks):
    """Serves on a free loopback port, says so in FOLDER/NAME.json, and ends when standard input does.

    The target is what the API is asked for, the path what it makes of it; the quirks are what a client must tolerate.
    """
    folder = Path(sys.argv[1])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    about = {
        "origin": f"http://127.0.0.1:{server.server_port}",
        "consumer_key": CLIENT_KEY,
        "consumer_secret": CLIENT_SECRET,
        "methods": methods,
        "target": target,
        "path": path,
        "quirks": quirks,
    }
    threading.Thread(target=server.serve_forever, daemon=True).start()
    partial = folder / f".{name}"
    partial.write_text(json.dumps(about), encoding="utf-8")
    os.replace(partial, folder / f"{name}.json")
    sys.stdin.read()
