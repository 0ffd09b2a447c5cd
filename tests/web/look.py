"""Takes pictures: ``python -m tests.web.look docs/images`` (needs Chromium, takes a minute).

``wallboard.png`` and ``receipt.png`` are of the real demo: ``standardsd demo`` is started with an empty data
folder and looked at after 55 s, as anybody would see it.  With ``--scenes`` the pages of the tests'
own scenes are taken instead, in all widths and both colour schemes, for whoever changes them.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

from standardsd.model.snapshot import Snapshot
from standardsd.web.app import build_app
from standardsd.web.server import Server
from tests.web.desks import SITES, HeldDesk, book, busy_desk, crowd, hotel_group

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]

demo_seconds = 55
"""Long enough for breaches and alerts; the demo promises them within a minute."""

RECEIPT = "standards/greet-within-60s?condition=breach&site=grand-budapest"


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
        await _take(page, path, whole=whole)
        await page.close()
    finally:
        await server.stop()


async def _take(page: Page, path: Path, *, whole: bool = False) -> None:
    await page.get_by_text("live", exact=True).wait_for()
    await page.wait_for_timeout(300)
    await page.screenshot(path=path, full_page=whole)


async def of_the_demo(browser: Browser, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        program = Path(sys.executable).parent / "standardsd"
        options = ("--for", f"{demo_seconds + 60}s", "--data", data, "--port", str(port))
        quiet = asyncio.subprocess.DEVNULL
        demo = await asyncio.create_subprocess_exec(program, "demo", *options, stdout=quiet)
        try:
            await asyncio.sleep(demo_seconds)
            page = await browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            await page.goto(f"http://127.0.0.1:{port}/")
            await _take(page, folder / "wallboard.png")
            await page.locator(".alerts a").first.click()
            await page.locator("#promise").wait_for()
            await _take(page, folder / "receipt.png")
            await page.close()
        finally:
            demo.send_signal(signal.SIGTERM)
            await demo.wait()


async def of_the_scenes(browser: Browser, folder: Path) -> None:
    now = datetime.now(UTC)
    hotels = busy_desk(now)
    await picture(browser, hotels, folder / "light.png")
    await picture(browser, hotels, folder / "dark.png", scheme="dark", width=1920, height=1080)
    await picture(browser, hotels, folder / "narrow.png", width=360, height=740, whole=True)
    await picture(browser, hotels, folder / "one-site.png", query="?site=contact-center")
    for query, name in ((RECEIPT, "standard"), ("sources/pms-bosphorus", "source")):
        await picture(browser, hotels, folder / f"{name}.png", query=query, whole=True)
        await picture(browser, hotels, folder / f"{name}-dark.png", query=query, scheme="dark", whole=True)
        await picture(browser, hotels, folder / f"{name}-narrow.png", query=query, width=360, whole=True)
    await picture(browser, HeldDesk(*crowd(now)), folder / "crowd.png")
    nothing = HeldDesk(book(), Snapshot(now, (), ()), sites={})
    await picture(browser, nothing, folder / "empty.png")
    waiting = HeldDesk(hotel_group(now)[0], Snapshot(now, (), ()), sites=SITES)
    await picture(browser, waiting, folder / "waiting.png")


async def main(folder: Path, *, scenes: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        await (of_the_scenes if scenes else of_the_demo)(browser, folder)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), scenes="--scenes" in sys.argv[2:]))
