"""Every key of the configuration file, map by map; ``docs/configuration.md`` describes exactly these."""

from __future__ import annotations

from standardsd.language.problems import Problem
from standardsd.language.reader import Reader
from standardsd.language.tree import Node

REQUIRED: dict[str, tuple[str, ...]] = {
    # map                   keys it must have
    "": ("version", "rules"),
    "sources.NAME": ("use",),
    "sources.NAME.watermark": ("kind",),
    "outputs.alertmanager": ("members",),
    "tokens.NAME": ("role", "hash"),
}
OPTIONAL: dict[str, tuple[str, ...]] = {
    # map                   keys it may have
    "": ("data", "listen", "url", "language", "sites", "sources", "outputs", "tokens", "judge"),
    "sites.NAME": ("title", "timezone", "calendar"),
    "sites.NAME.calendar": ("weekly", "holidays", "closed", "instead"),
    "sources.NAME": ("labels", "map", "max_silence", "watermark", "yields", "settings"),
    "sources.NAME.watermark": ("delay",),
    "outputs": ("alertmanager",),
    "outputs.alertmanager": ("resend",),
    "tokens.NAME": ("sources",),
    "judge": ("judge_from", "accept_late", "keep"),
}
"""``NAME`` stands for a name of the operator's choice."""


def section(node: Node, what: str, problems: list[Problem], keys: str) -> Reader:
    """A reader of one map of the configuration; ``keys``: its name in the tables above."""
    return Reader(node, what, problems, required=REQUIRED.get(keys, ()), optional=OPTIONAL.get(keys, ()))


def count_at_most(whole: Reader, key: str, count: int, most: int) -> None:
    if count > most:
        whole.tell(whole.at_key(key), f"{count} {key}", f"keep it to {most}")
