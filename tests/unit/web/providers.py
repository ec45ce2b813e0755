"""An OpenID provider on loopback that signs real tokens, and lies where a test tells it to."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CLIENT = "lonja node"
SECRET = "a secret: of the node"  # of a provider that lives for one test


@dataclass
class Provider:
    """What the provider knows, and how it deviates.

    Attributes:
        address: its issuer.
        claims: what it says in the identity token, over what it should say.
        more: what it answers at its userinfo endpoint, None for no such endpoint.
        metadata: what it says of itself, over what it should say.
        forge: "" to sign rightly, "none", "secret" or "stranger" for a forged token.
        back: parameters with which it leads back, over code, state and iss.
        questions: what it was asked at its authorization endpoint.
    """

    address: str
    claims: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    forge: str = ""
    back: dict[str, str] = field(default_factory=dict)
    questions: list[dict[str, str]] = field(default_factory=list)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where somebody who has signed in there is led."""
        self.questions.append(asked)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.address, **self.back}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code, None when code, verifier or client are wrong."""
        asked = self.codes.pop(form.get("code", ""), None)
        pair = f"{quote(CLIENT, safe='').replace('%20', '+')}:{quote(SECRET, safe='').replace('%20', '+')}"  # noqa: E501
        shown = "Basic " + base64.b64encode(pair.encode()).decode()
        if asked is None or authorization != shown:
            return None
        if create_s256_code_challenge(form.get("code_verifier", "")) != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "248289",
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "opensesame", "token_type": "Bearer", "id_token": self.sign(claims)}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return an identity token."""
        if self.forge == "none":
            parts = ({"alg": "none"}, claims)
            coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
            return ".".join(part.rstrip("=") for part in coded) + "."
        if self.forge == "secret":
            key = OctKey.import_key(SECRET)
            return str(jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"]))
        key = ECKey.generate_key("P-256", {"kid": "1"}) if self.forge == "stranger" else self.key
        return str(jwt.encode({"alg": "ES256", "kid": "1"}, claims, key))

    def describe(self) -> dict[str, Any]:
        """Return what it says of itself."""
        found = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        if self.more is not None:
            found["userinfo_endpoint"] = f"{self.address}/who"
        return {**found, **self.metadata}


class Handler(BaseHTTPRequestHandler):
    """Speaks for the provider that its server carries."""

    @property
    def provider(self) -> Provider:
        found: Provider = self.server.provider  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                self._answer(self.provider.describe())
            case "/keys":
                self._answer({"keys": [self.provider.key.as_dict(private=False)]})
            case "/authorize":  # whoever comes has signed in here already
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", self.provider.authorize(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/who" if self.headers["Authorization"] == "Bearer opensesame":
                self._answer(self.provider.more)
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        found = self.provider.redeem(form, self.headers.get("Authorization", ""))
        if found is None:
            self.send_error(400)
        else:
            self._answer(found)

    def _answer(self, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""
