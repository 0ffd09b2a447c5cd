"""Who may do what: bearer tokens by role, and reading on the machine itself.

Tokens are kept as SHA-256 digests and compared in constant time, all of them every time.  Reading
(wallboard, metrics, snapshot) needs no token from the machine itself, because whoever is there can
read the data folder; from elsewhere it needs one, as a bearer token or, for browsers, as the password
of HTTP Basic (any user name).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Sequence

from starlette.requests import HTTPConnection

from standardsd.model.config import Role, Token
from standardsd.web.refusal import Refusal

token_bytes_max = 1024  # longer than any token; hashing a longer one would only cost time

# what is done → roles that may
MAY: dict[str, frozenset[Role]] = {
    "read": frozenset({Role.READ, Role.ADMIN}),
    "ingest": frozenset({Role.INGEST, Role.ADMIN}),
}

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def hash_token(token: str) -> str:
    """What the configuration holds for this token: ``sha256:`` and 64 lower-case hex digits."""
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def check_read(connection: HTTPConnection, tokens: Sequence[Token]) -> None:
    """Lets through what may read; otherwise raises 401 or 403."""
    if on_this_machine(connection) and "authorization" not in connection.headers:
        return
    check(connection, tokens, "read")


def check(connection: HTTPConnection, tokens: Sequence[Token], doing: str) -> Token:
    """The token that this request carries and that may do this; otherwise raises 401 or 403."""
    given = _given(connection)
    if given is None:
        raise _no_token(doing)
    digest = "sha256:" + hashlib.sha256(given).hexdigest()
    found = None
    for token in tokens:  # all of them, so that time tells nothing
        if hmac.compare_digest(token.hash.lower().encode(), digest.encode()):
            found = token
    if found is None:
        raise Refusal(
            401,
            "wrong_token",
            "this token is not known",
            "send a token whose SHA-256 stands under `tokens:` in the configuration file",
            {"WWW-Authenticate": _challenge(doing)},
        )
    if found.role not in MAY[doing]:
        roles = " or ".join(sorted(MAY[doing]))
        what = f"the token '{found.name}' has the role {found.role}, which may not {doing}"
        raise Refusal(403, "wrong_role", what, f"use a token with the role {roles}")
    return found


def on_this_machine(connection: HTTPConnection) -> bool:
    """Whether it comes from a loopback address, to a loopback name, and through no proxy that says so.

    The name is looked at because a page elsewhere can make its own name point to 127.0.0.1 and
    then read what its visitor's machine answers.
    """
    if connection.client is None or any(header in connection.headers for header in _FORWARDED):
        return False
    return _loopback(connection.client.host) and _loopback(connection.url.hostname or "")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _given(connection: HTTPConnection) -> bytes | None:
    """The token's bytes as sent; None when there is none that could be one."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    given = value.strip().encode("latin-1")  # the very bytes: headers are decoded as Latin-1
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except binascii.Error:
            return None
    elif scheme.lower() != "bearer":
        return None
    return given if 0 < len(given) <= token_bytes_max else None


def _challenge(doing: str) -> str:
    """Browsers ask people for a token only where people look."""
    return 'Basic realm="standardsd", charset="UTF-8"' if doing == "read" else 'Bearer realm="standardsd"'


def _no_token(doing: str) -> Refusal:
    if doing == "read":
        what = "reading from another machine needs a token"
        fix = "give a token with the role read: as a bearer token, or as the password in a browser"
    else:
        what = f"to {doing} needs a token"
        fix = "send the header `Authorization: Bearer TOKEN`"
    return Refusal(401, "no_token", what, fix, {"WWW-Authenticate": _challenge(doing)})
