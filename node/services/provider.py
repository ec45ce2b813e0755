"""Signing in with an OpenID provider, for towns that have one: by configuration only.

OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), the check of who answered
(RFC 9207) and discovery. Accounts are not made by it: an owner invites, the provider vouches.
"""

import base64
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson

from federation.errors import FederationError
from node.runtime import Runtime
from node.services.accounts import Refused, SignedIn, accounts, audit, sign_in_external
from node.services.errors import ServiceError
from search.values import string

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
    *("Ed25519", "EdDSA"),
)
"""Only signatures that nobody else can make: none with a shared secret, and never "none"."""
_LEEWAY: Final = 60
_LONGEST: Final = 700


class ProviderError(ServiceError):
    """The provider, or what came back in its name, is not to be relied on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the provider; it is kept in the browser's own session until the answer.

    Attributes:
        state: returned by the provider, so that an answer belongs to a question.
        nonce: signed by the provider, so that a token belongs to this sign-in.
        verifier: shown when the code is redeemed, so that a stolen code is worth nothing.
    """

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who the provider says it is.

    Attributes:
        external: issuer and subject: what never changes.
        mail: address, "" unless the provider has verified it.
    """

    external: str
    mail: str


def provider_name(runtime: Runtime) -> str:
    """Return what the provider is called, "" where there is none."""
    settings = runtime.settings
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


def back_address(runtime: Runtime) -> str:
    """Return the address to which the provider leads back; it has to know it beforehand."""
    return f"{runtime.settings.base_url}/account/provider/back"


def ask(runtime: Runtime) -> tuple[Asked, str]:
    """Return what is asked of the provider, and the address at which to ask it.

    Raises:
        ProviderError: the provider does not answer, or not as one.
    """
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    metadata = _metadata(runtime)
    asked = Asked(*(secrets.token_urlsafe(32) for _field in range(3)))
    address = prepare_grant_uri(
        _endpoint(metadata, "authorization_endpoint"),
        runtime.settings.oidc_client_id,
        "code",
        redirect_uri=back_address(runtime),
        scope="openid email",
        state=asked.state,
        nonce=asked.nonce,
        code_challenge=create_s256_code_challenge(asked.verifier),
        code_challenge_method="S256",
    )
    return asked, str(address)


def take(runtime: Runtime, asked: Asked, answer: dict[str, str]) -> SignedIn | Refused:
    """Begin a session for whom the provider vouches.

    An account that was invited by its e-mail address is bound to the provider's own name for the
    person at the first time, if the provider has verified the address.

    Raises:
        ProviderError: the answer does not hold, or the provider does not answer.
    """
    vouched = _vouched(runtime, asked, answer)
    held = accounts(runtime)
    if held.by_external(vouched.external) is None:
        found = held.by_login(vouched.mail) if vouched.mail else None
        if found is None or found.external:
            return Refused.WRONG
        held.change(found.id, external=vouched.external)
        audit(runtime).note(found.login, "provider-bound", found.login, vouched.external)
    return sign_in_external(runtime, vouched.external)


def _vouched(runtime: Runtime, asked: Asked, answer: dict[str, str]) -> Vouched:
    metadata = _metadata(runtime)
    if not secrets.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
        raise ProviderError("the answer belongs to another question")
    said = answer.get("iss")
    demanded = metadata.get("authorization_response_iss_parameter_supported") is True
    if said != runtime.settings.oidc_issuer and (said is not None or demanded):
        raise ProviderError("somebody else has answered")
    if answer.get("error"):
        raise ProviderError(f"the provider refused: {answer['error'][:100]}")
    tokens = _redeem(runtime, metadata, answer.get("code", ""), asked.verifier)
    claims = _claims(runtime, metadata, tokens, asked.nonce)
    subject = string(claims.get("sub"))
    if "email" not in claims and "userinfo_endpoint" in metadata and "access_token" in tokens:
        shown = {"Authorization": f"Bearer {tokens['access_token']}"}
        more = _get(runtime, _endpoint(metadata, "userinfo_endpoint"), shown)
        if more.get("sub") != subject:  # OpenID Connect Core, section 5.3.2
            raise ProviderError("the provider speaks of two persons")
        claims = {**more, **claims}
    verified = claims.get("email_verified") in (True, "true")
    mail = string(claims.get("email")) if verified else ""
    return Vouched(f"{runtime.settings.oidc_issuer}#{subject}"[:_LONGEST], mail)


def _claims(
    runtime: Runtime, metadata: dict[str, Any], tokens: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """Return what an identity token says, once its signature and all that it must say holds."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    settings = runtime.settings
    registry = JWSRegistry(algorithms=[*ALGORITHMS], strict_check_header=False)
    options = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }
    try:
        keys = KeySet.import_key_set(_get(runtime, _endpoint(metadata, "jwks_uri")))  # type: ignore[arg-type]  # the set is checked there
        token = jwt.decode(string(tokens.get("id_token")), keys, registry=registry)
        params = {"nonce": nonce, "client_id": settings.oidc_client_id}
        params |= {"access_token": tokens["access_token"]} if "access_token" in tokens else {}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(runtime.clock().timestamp()), leeway=_LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProviderError(f"its identity token does not hold: {error}") from error
    if not string(claims.get("sub")):
        raise ProviderError("its identity token names nobody")
    return dict(claims)


def _redeem(runtime: Runtime, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
    settings = runtime.settings
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back_address(runtime),
        "code_verifier": verifier,
    }
    more: dict[str, str] = {}
    methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if settings.oidc_client_secret and "client_secret_basic" in methods:
        pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(settings.oidc_client_secret)}"
        more["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form["client_id"] = settings.oidc_client_id
        if settings.oidc_client_secret:
            form["client_secret"] = settings.oidc_client_secret
    try:
        answer = runtime.fetcher.post(
            _endpoint(metadata, "token_endpoint"),
            urlencode(form).encode(),
            content_type="application/x-www-form-urlencoded",
            more=more,
        )
    except FederationError as error:
        raise ProviderError(f"the provider does not redeem the code: {error}") from error
    return _object(answer.body)


def _metadata(runtime: Runtime) -> dict[str, Any]:
    """Return what the provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
    issuer = runtime.settings.oidc_issuer
    if not issuer:
        raise ProviderError("no provider is configured on this node")
    if find_spec("authlib") is None:
        raise ProviderError("the library is missing; install it with: pip install 'lonja[oidc]'")
    found = _get(runtime, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise ProviderError("the provider gives itself another name than the settings do")
    return found


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    found = metadata.get(name)
    if not isinstance(found, str):
        raise ProviderError(f"the provider does not say its {name}")
    return found


def _get(runtime: Runtime, url: str, more: dict[str, str] | None = None) -> dict[str, Any]:
    kinds = ("application/json", "application/jwk-set+json")
    try:
        answer = runtime.fetcher.get(url, accept="application/json", types=kinds, more=more or {})
    except FederationError as error:
        raise ProviderError(f"the provider does not answer: {error}") from error
    return _object(answer.body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError as error:
        raise ProviderError("the provider does not answer in JSON") from error
    if not isinstance(found, dict):
        raise ProviderError("the provider does not answer as one")
    return found
