"""Takes pictures of the wallboard: ``python -m tests.web.look FOLDER`` (needs Chromium).

``python -m tests.web.look docs/images`` makes the picture of the README, ``wallboard.png``; with
``--all`` also the dark one, the narrow one, the crowded one and the empty one.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, async_playwright

from standardsd.model.snapshot import Snapshot
from standardsd.web.app import build_app
from standardsd.web.server import Server
from tests.web.desks import SITES, HeldDesk, book, crowd, hotel_group

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]


async def picture(
    browser: Browser,
    desk: HeldDesk,
    path: Path,
    *,
    width: int = 1280,
    height: int = 800,
    scheme: Literal["light", "dark"] = "light",
    whole: bool = False,
    query: str = "",
) -> None:
    server = Server(build_app(desk), port=0)
    host, port = await server.start()
    try:
        page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        await page.goto(f"http://{host}:{port}/{query}")
        await page.get_by_text("live", exact=True).wait_for()
        await page.wait_for_timeout(200)
        await page.screenshot(path=path, full_page=whole)
        await page.close()
    finally:
        await server.stop()


async def main(folder: Path, *, everything: bool) -> None:
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    hotels = HeldDesk(*hotel_group(now))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        await picture(browser, hotels, folder / "wallboard.png")
        if everything:
            await picture(browser, hotels, folder / "dark.png", scheme="dark", width=1920, height=1080)
            await picture(browser, hotels, folder / "narrow.png", width=360, height=740, whole=True)
            await picture(browser, hotels, folder / "one-site.png", query="?site=contact-center")
            await picture(browser, HeldDesk(*crowd(now)), folder / "crowd.png")
            nothing = HeldDesk(book(), Snapshot(now, (), ()), sites={})
            await picture(browser, nothing, folder / "empty.png")
            waiting = HeldDesk(hotel_group(now)[0], Snapshot(now, (), ()), sites=SITES)
            await picture(browser, waiting, folder / "waiting.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), everything="--all" in sys.argv[2:]))
