"""The demo's configuration: what `standardsd demo` writes into its data folder before it starts the daemon.

An ordinary configuration file: `standardsd run --config data/demo/standardsd.yaml` does the same
without the screen.  It is written anew at each start, so it fits the options given; a copy is for changing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIG_NAME = "standardsd.yaml"
STOP_PREFIX = "stop-"

MAX_SILENCE_SECONDS = 10
"""Short, so that a stopped simulator is seen to be dark while one watches; a real source has fifteen minutes."""


@dataclass(frozen=True)
class House:
    """One simulated site.  ``starts_at``: hour of its day at which the demo begins, just before its rush."""

    source: str
    site: str
    title: str
    timezone: str
    profile: str
    starts_at: float
    seed: int
    busy: float


HOUSES = (
    House("harbour", "harbour-hotel", "Harbour Hotel", "Europe/Lisbon", "hotel", 14.0, 11, 1.0),
    House("castle", "castle-hotel", "Castle Hotel", "Europe/Budapest", "hotel", 15.0, 12, 1.3),
    House("spa", "spa-hotel", "Spa Hotel", "Europe/Bucharest", "hotel", 8.0, 13, 0.8),
    House("service", "service-center", "Service Center", "Europe/Vienna", "contact_center", 9.0, 14, 1.0),
)

RULES = (
    "shipped:hotel/front-desk",
    "shipped:contact-center/phones",
    "shipped:demo/written",
    "shipped:demo/numbers",
)


def stop_file(folder: Path, source: str) -> Path:
    """While this file exists, that simulator is silent."""
    return folder / f"{STOP_PREFIX}{source}"


def configuration(folder: Path, *, port: int, alertmanagers: tuple[str, ...] = ()) -> str:
    """The text of the demo's configuration file.

    ``folder``: absolute; database and stop files live there.  ``alertmanagers``: base addresses that are told.
    """
    lines = [
        "# Written by `standardsd demo` at each start; copy it to change it.",
        "version: 1",
        "data: .",
        f"listen: 127.0.0.1:{port}",
        f"url: http://127.0.0.1:{port}",
        f"rules: [{', '.join(RULES)}]",
        "sites:",
        *(f"  {house.site}: {{title: {house.title}, timezone: {house.timezone}}}" for house in HOUSES),
        "sources:",
    ]
    for house in HOUSES:
        lines += [
            f"  {house.source}:",
            "    use: simulate",
            f"    labels: {{site: {house.site}}}",
            f"    max_silence: {MAX_SILENCE_SECONDS}s",
            "    settings:",
            f"      profile: {house.profile}",
            f"      seed: {house.seed}",
            f"      busy: {house.busy}",
            f"      starts_at: {house.starts_at}",
            f"      # touch this file and {house.title} falls silent; remove it and it goes on",
            f"      stop_file: {quoted(str(stop_file(folder, house.source)))}",
        ]
    if alertmanagers:
        members = ", ".join(quoted(member) for member in alertmanagers)
        lines += ["outputs:", "  alertmanager:", f"    members: [{members}]"]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A YAML scalar that means exactly ``text``, whatever stands in it."""
    return "'" + text.replace("'", "''") + "'"
