"""The pages that alerts lead to, in a real headless Chromium: what people see, and that it moves by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from standardsd.model.decision import AlertState
from standardsd.model.snapshot import AlertNow, State
from standardsd.model.standard import Condition
from standardsd.web.app import build_app
from standardsd.web.server import Server
from tests.web.desks import GREET, HeldDesk, breach, broken_greeting, busy_desk, case, changed_group, group
from tests.web.screens import CONTRASTS, browser, watching

__all__ = ["browser"]  # one browser for all tests of this file; each has pages and a server of its own

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

RECEIPT = "standards/greet-within-60s?condition=breach&since=2026-11-21T08:58:23Z&site={}"
BUDAPEST = RECEIPT.format("grand-budapest")


def hotels() -> HeldDesk:
    return busy_desk(datetime.now(UTC))


async def test_a_click_on_a_promise_opens_its_receipt_and_leads_back(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open()
        await page.locator('.site[data-site="grand-budapest"]').get_by_role("link", name=GREET.title).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(GREET.title)
        await expect(page.locator("#live")).to_have_text("live")
        await expect(page.get_by_role("heading", level=2)).to_have_text(["Grand Budapest"])
        await page.get_by_role("link", name="All promises").click()
        await expect(page.locator(".site")).to_have_count(4)
        await page.locator(".dark").get_by_role("link", name="pms-bosphorus").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("pms-bosphorus")
        await page.get_by_role("link", name="Check-in is finished").click()
        await expect(page.get_by_role("heading", level=2)).to_have_count(3)
        assert watched.complaints == []
        assert {url.split("/")[2] for url in watched.asked} == {watched.url.split("/")[2]}


async def test_a_receipt_shows_the_state_in_its_colour_and_counts_down(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open(BUDAPEST)
        colour = "node => getComputedStyle(node).backgroundColor"
        assert await page.locator(".group .word").evaluate(colour) == "rgb(179, 22, 29)"
        await expect(page.locator(".group .word")).to_contain_text("broken")
        counts = page.locator(".waiting .count")
        await expect(counts).to_have_text([re.compile(r"^0:[3-5]\d late$"), re.compile(r"^0:\d\d late$"),
                                           re.compile(r"^0:\d\d (left|over, unconfirmed)$")])  # fmt: skip
        before = await counts.first.inner_text()
        await expect(counts.first).not_to_have_text(before)
        await expect(page.locator(".told.asked")).to_contain_text(re.compile(r"fires since .+ \(\d:\d\d\)"))
        table = page.get_by_role("table", name="Latest broken promises, Grand Budapest")
        await expect(table.get_by_role("row")).to_have_count(6)
        await expect(table.get_by_role("rowheader").first).to_have_text("visit kiosk/4713")


async def test_a_receipt_that_stays_open_tells_by_itself_what_became_of_it(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        desk = watched.desk
        page = await watched.open(RECEIPT.format("casa-lisboa"))
        await expect(page.locator(".group .word")).to_contain_text("kept")
        await page.locator("#promise h1").evaluate("node => { window.kept = node; }")
        now = datetime.now(UTC)
        desk.evidence[GREET.id].append(breach(desk.rules.standards[0], "door/918", now - timedelta(seconds=60),
                                              closed=False, labels={"site": "casa-lisboa"}))  # fmt: skip
        await desk.put(broken_greeting(desk.held, now))
        await expect(page.locator(".group .word")).to_contain_text("broken")
        await expect(page.locator(".told.asked")).to_contain_text("Alert: promise broken, fires since")
        await expect(page.locator(".evidence tbody tr")).to_have_count(2)
        await expect(page.locator(".waiting .case").first).to_contain_text("late")
        await expect(page.get_by_role("status")).to_have_text("Casa Lisboa: broken.")
        ended = {Condition.BREACH: AlertNow(AlertState.RESOLVED, now, 0, None)}
        await desk.put(
            changed_group(desk.held, GREET, "casa-lisboa", state=State.KEPT, alerts=ended, urgent=())
        )
        await expect(page.locator(".told.asked")).to_contain_text("resolved since")
        # What did not change was left alone.
        assert await page.evaluate("() => window.kept.isConnected")
        assert watched.complaints == []


async def test_a_standard_that_a_reload_took_away_is_said_to_be_gone(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open(BUDAPEST)
        rules = watched.desk.rules
        watched.desk.rules = replace(rules, standards=rules.standards[1:])
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            "No standard is called “greet-within-60s”"
        )
        await page.get_by_role("main").get_by_role("link", name="All promises").click()
        await expect(page.locator("#live")).to_have_text("live")


async def test_a_lost_connection_is_said_and_the_receipt_finds_back(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open(BUDAPEST)
        port = int(watched.url.rpartition(":")[2])
        await watched.server.stop()
        lost = page.get_by_role("alert")
        await expect(lost).to_contain_text(re.compile(r"^Connection lost since"))
        await expect(page.locator(".group .word")).to_be_visible()
        again = Server(build_app(watched.desk), port=port)
        held = watched.desk.held
        await watched.desk.put(changed_group(held, GREET, "grand-budapest", state=State.AT_RISK))
        await again.start()
        try:
            await expect(lost).to_be_hidden(timeout=20_000)
            await expect(page.locator(".group .word")).to_contain_text("at risk")
        finally:
            await again.stop()


async def test_a_source_that_is_heard_again_is_told_by_itself(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        desk = watched.desk
        page = await watched.open("sources/pms-bosphorus")
        await expect(page.locator(".word")).to_contain_text("dark")
        await expect(page.locator(".told").first).to_contain_text(re.compile(r"Silent since .+ \(23:\d\d\)"))
        desk.facts["pms-bosphorus"] = type(desk.facts["kiosk"])(
            desk.facts["pms-bosphorus"].spec, "pms", desk.facts["pms-bosphorus"].figures
        )
        seen = tuple(replace(source, dark=False) for source in desk.held.sources)
        await desk.put(replace(desk.held, sources=seen))
        await expect(page.locator(".word")).to_contain_text("seen")
        await expect(page.locator(".told")).to_have_count(0)
        assert watched.complaints == []


@pytest.mark.parametrize("path", [BUDAPEST, "sources/pms-bosphorus"])
async def test_a_page_reads_without_a_script(browser: Browser, path: str) -> None:
    async with watching(browser, hotels(), java_script_enabled=False) as watched:
        await watched.page.goto(f"{watched.url}/{path}")
        await expect(watched.page.locator(".word").first).to_contain_text(re.compile("broken|dark"))
        assert 'http-equiv="refresh" content="5"' in await watched.page.content()
        if path == BUDAPEST:
            due = watched.page.locator(".waiting .count")
            await expect(due.first).to_have_text(re.compile(r"^late since \d\d:\d\d:\d\d"))
            await expect(due.last).to_have_text(re.compile(r"^due \d\d:\d\d:\d\d"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["standards/greet-within-60s", "sources/pms-bosphorus", "standards/none"])
async def test_every_text_of_a_page_has_contrast_enough(browser: Browser, path: str, scheme: str) -> None:
    async with watching(browser, hotels(), color_scheme=scheme) as watched:
        await watched.page.goto(f"{watched.url}/{path}")
        ratios = await watched.page.evaluate(CONTRASTS)
        assert len(ratios) > (5 if "none" in path else 30)
        assert [f"{text!r} {ratio:.2f}" for text, ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize(
    "path",
    ["standards/long", "sources/" + "s" * 120, "standards/" + "n" * 300],
    ids=("standard", "source", "none"),
)
async def test_nothing_of_a_page_sticks_out_sideways(browser: Browser, path: str, width: int) -> None:
    desk = hotels()
    long_ = "Geschwindigkeitsbegrenzungsüberwachungsanlagenbetreiber" * 2
    rule = replace(GREET, id="long", title=long_, runbook=long_, owner=long_, set=long_, by=("site", "queue"))
    now = datetime.now(UTC)
    odd = group(
        rule,
        "a-site-with-" + "x" * 80,
        "q" * 80,
        state=State.BROKEN,
        open=1,
        urgent=(case("i" * 200, now, late=True),),
    )
    labels = {"site": "a-site-with-" + "x" * 80, "queue": "q" * 80}
    desk.evidence["long"] = [breach(rule, "i" * 200, now - timedelta(days=2), took=90.123456, labels=labels)]
    desk.rules = replace(desk.rules, standards=(*desk.rules.standards, rule))
    source = replace(desk.held.sources[-1], name="s" * 120)
    desk.held = replace(desk.held, groups=(*desk.held.groups, odd), sources=(source,))
    async with watching(browser, desk, viewport={"width": width, "height": 740}) as watched:
        await watched.page.goto(f"{watched.url}/{path}")
        await watched.page.locator("main h1").wait_for()
        inner, outer = await watched.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert inner <= outer
        wide = await watched.page.evaluate(
            "() => [...document.querySelectorAll('.leaf, .leaf *')]"
            ".filter(n => n.checkVisibility() && !n.closest('thead, svg'))"
            ".filter(n => n.getBoundingClientRect().right > innerWidth + 1)"
            ".map(n => n.className || n.tagName)"
        )
        assert wide == []
