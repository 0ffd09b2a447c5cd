"""One alert as it is told to the outside, and what of it may be told.

Alertmanager knows an alert by its labels alone: the same labels are the same alert,
whatever ``startsAt`` says.  So a message with a bad label is refused here, whole: sent
without that label it could be taken for another alert.  A bad annotation or link only
makes the message poorer; it is left out, told of, and the rest is sent.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
"""A label or annotation name, as Prometheus and Alertmanager 0.25 take them."""

URL = re.compile(r"https?://[!-~]+", re.ASCII)
"""What a link may be made of: printable ASCII; everything else must be percent-encoded."""

BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""Go's URL parser refuses a percent sign that is no escape, and the whole batch with it."""

labels_max = 64
"""More labels than this is a mistake upstream, not an alert (Prometheus' own label limits are near 30)."""

label_chars_max = 1024
annotation_chars_max = 4096
url_chars_max = 2048
"""Alertmanager states no maxima; these keep a batch of 256 below 8 MiB and every pager readable."""


class AlertMessage(Struct, frozen=True):
    """What is told of one alert at one time.

    ``starts_at``: instant at which it began to fire; the same after a restart.
    ``ends_at``: instant at which it was resolved; None while it fires.
    """

    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    generator_url: str | None = None

    @property
    def identity(self) -> Identity:
        """What makes it this alert and no other, for us and for Alertmanager."""
        return tuple(sorted(self.labels.items()))

    @property
    def rank(self) -> tuple[datetime, bool]:
        """Of two messages of one identity the greater is the later word: began later, or has ended."""
        return (self.starts_at, self.ends_at is not None)

    def key(self, channel: str) -> str:
        """Idempotency key of this transition on ``channel``: the same again is the same row of the outbox.

        Annotations are not part of it: figures may differ between two tellings of one transition.
        """
        said = msgspec.json.encode((channel, self.identity, self.starts_at, self.ends_at))
        return hashlib.sha256(said).hexdigest()


Identity = tuple[tuple[str, str], ...]


class Checked(Struct, frozen=True):
    """``message``: what may be sent; None when nothing may: ``refused`` says why.  ``left_out``: the rest."""

    message: AlertMessage | None
    refused: str | None = None
    left_out: tuple[str, ...] = ()


def encode(message: AlertMessage) -> bytes:
    """As it stands in the outbox."""
    return msgspec.json.encode(message)


def decode(payload: bytes) -> AlertMessage:
    """The inverse of ``encode``; raises ``msgspec.DecodeError`` for anything else."""
    return msgspec.json.decode(payload, type=AlertMessage)


def checked(message: AlertMessage) -> Checked:
    """The message as Alertmanager takes it: empty labels dropped (it would drop them), bad links left out."""
    labels = {name: value for name, value in message.labels.items() if value != ""}
    refused = _label_fault(labels)
    if refused is not None:
        return Checked(message=None, refused=refused)
    left_out: list[str] = []
    annotations: dict[str, str] = {}
    for name, value in message.annotations.items():
        fault = _text_fault(name, value, "annotation")
        if fault is None:
            annotations[name] = _shortened(value)
        else:
            left_out.append(fault)
    url = message.generator_url
    if url is not None and not link_is_fine(url):
        left_out.append(f"generatorURL {url[:80]!r} is not an http(s) address")
        url = None
    kept = AlertMessage(labels, annotations, message.starts_at, message.ends_at, url)
    return Checked(message=kept, left_out=tuple(left_out))


def link_is_fine(url: str) -> bool:
    """Whether Alertmanager's parser takes it: http or https, with a host, printable ASCII, sound escapes."""
    if len(url) > url_chars_max or not URL.fullmatch(url) or BAD_PERCENT.search(url):
        return False
    if any(sign in url for sign in '"<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, a bracket that is never closed
        return False


def _label_fault(labels: dict[str, str]) -> str | None:
    if not labels.get("alertname"):
        return "label alertname is missing"
    if len(labels) > labels_max:
        return f"{len(labels)} labels; at most {labels_max} are told"
    for name, value in labels.items():
        fault = _text_fault(name, value, "label")
        if fault is not None:
            return fault
        if len(value) > label_chars_max:
            return f"label {name} has {len(value)} characters; at most {label_chars_max} are told"
    return None


def _text_fault(name: object, value: object, what: str) -> str | None:
    """Checked at run time too: one value that is no text would cost the whole batch."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return f"{what} name {name!r} is not a name (letters, digits and _ only, no digit first)"
    if not isinstance(value, str):
        return f"{what} {name} is {type(value).__name__}, not text"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return f"{what} {name} is not valid Unicode"
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= annotation_chars_max else text[: annotation_chars_max - 1] + "…"
