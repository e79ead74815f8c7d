"""An OpenID Connect provider for one test: it lets everybody in, as one and the same person."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dashboard", "not so secret"
_KEY = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})


class _Handler(BaseHTTPRequestHandler):
    """OpenID Connect Core 1.0, the authorization code flow, and nothing else."""

    nonces: dict[str, str]

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""

    @property
    def _url(self) -> str:
        return f"http://{self.headers['Host']}"

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Serve the discovery document, the keys, and the login that asks nothing."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            self._answer(
                {
                    "issuer": self._url,
                    "authorization_endpoint": f"{self._url}/authorize",
                    "token_endpoint": f"{self._url}/token",
                    "jwks_uri": f"{self._url}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif path == "/keys":
            self._answer({"keys": [_KEY.as_dict(private=False)]})
        else:
            code = secrets.token_hex(8)
            self.nonces[code] = query.get("nonce", [""])[0]
            back = {"code": code, "state": query["state"][0]}
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri'][0]}?{urlencode(back)}")
            self.end_headers()

    def do_POST(self) -> None:
        """Change the code for a signed statement of who it is."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = {
            "iss": self._url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600,
            "nonce": self.nonces.pop(form["code"][0]), "email": "ada@example.org", "name": "Ada",
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, _KEY)
        self._answer(
            {"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": token}
        )


@contextmanager
def provide() -> Iterator[str]:
    """Run the provider on a free port and yield its address."""
    handler = type("Handler", (_Handler,), {"nonces": {}})
    server = ThreadingHTTPServer(("localhost", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
