"""A real headless Chromium, and an open page with everything it complained of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from standardsd.web.app import build_app
from standardsd.web.server import Server
from tests.real import need
from tests.web.desks import HeldDesk
from tests.web.look import CHROMIUM_ARGS


class Watched:
    """An open page and everything it complained of or asked elsewhere for."""

    def __init__(self, page: Page, server: Server, desk: HeldDesk, url: str) -> None:
        self.page, self.server, self.desk, self.url = page, server, desk, url
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def open(self, query: str = "") -> Page:
        """``query``: what stands behind the address: ``?site=…``, ``standards/…``."""
        await self.page.goto(self.url + "/" + query)
        await expect(self.page.locator("#live")).to_have_text("live")
        return self.page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = need("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def watching(browser: Browser, desk: HeldDesk, **view: Any) -> AsyncIterator[Watched]:
    server = Server(build_app(desk), port=0)
    host, port = await server.start()
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **view})
    watched = Watched(await context.new_page(), server, desk, f"http://{host}:{port}")
    try:
        yield watched
    finally:
        await context.close()
        await server.stop()


# Every visible text with the contrast of its colour to the first opaque background behind it (WCAG 2.1).
CONTRASTS = """
() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const node = walk.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest(".aside, .skip, noscript, thead")) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    found.push([text.slice(0, 40), (a + 0.05) / (b + 0.05)]);
  }
  return found;
}
"""
