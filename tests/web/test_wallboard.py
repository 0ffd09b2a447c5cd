"""The wallboard in a real headless Chromium: what people see, and that it moves by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from standardsd.model.snapshot import Snapshot, State
from standardsd.model.standard import Condition
from standardsd.web.app import build_app
from standardsd.web.server import Server
from tests.web.desks import (
    CHECK_IN,
    GREET,
    HeldDesk,
    book,
    broken_greeting,
    case,
    changed_group,
    crowd,
    firing,
    group,
    hotel_group,
)
from tests.web.screens import CONTRASTS, browser, watching

__all__ = ["browser"]  # one browser for all tests of this file; each has pages and a server of its own

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

# The part of the page that tells one promise at one site.
ROW = 'tr[data-key="greet-within-60s/{}"]'


def hotels() -> HeldDesk:
    return HeldDesk(*hotel_group(datetime.now(UTC)))


async def test_each_state_is_seen_as_a_word_in_its_colour_and_the_worst_first(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open()
        sites = page.locator(".site h2")
        assert await sites.all_text_contents() == [
            "Grand Budapest",
            "Contact center",
            "Bosphorus View",
            "Casa Lisboa",
        ]
        words = page.locator('.site[data-site="grand-budapest"] .word')
        assert [text.split()[1:] for text in await words.all_inner_texts()] == [
            ["broken"],
            ["at", "risk"],
            ["kept"],
            ["kept"],
        ]
        colours = await page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('.row')].map(row =>"
            " [row.dataset.state, getComputedStyle(row.querySelector('.word')).backgroundColor]))"
        )
        assert set(colours) == {"broken", "at_risk", "unknown", "kept"}
        assert len(set(colours.values())) == 4
        table = page.get_by_role("table", name="Grand Budapest", exact=True)
        await expect(table.get_by_role("row")).to_have_count(5)  # the heads of the columns, and four promises
        await expect(table.get_by_role("columnheader")).to_have_text(["State", "Promise", "Kept", "Open now"])
        await expect(page.get_by_role("navigation", name="Sites")).to_be_visible()
        await expect(page.get_by_role("main")).to_be_visible()
        # Nothing complained, and nothing was asked for elsewhere.
        assert watched.complaints == []
        assert {url.split("/")[2] for url in watched.asked} == {watched.url.split("/")[2]}


async def test_an_alert_of_what_is_at_risk_is_not_in_the_colour_of_what_is_broken(browser: Browser) -> None:
    now = datetime.now(UTC)
    rows = (
        group(GREET, "casa-lisboa", state=State.AT_RISK, alerts={Condition.AT_RISK: firing(now)}),
        group(CHECK_IN, "casa-lisboa", state=State.BROKEN, alerts={Condition.BREACH: firing(now)}),
        group(CHECK_IN, "grand-budapest", counted=0, kept_ratio=None),
        group(GREET, "grand-budapest"),
    )
    async with watching(browser, HeldDesk(book(GREET, CHECK_IN), Snapshot(now, rows, ()))) as watched:
        page = await watched.open()
        colour = "node => getComputedStyle(node).backgroundColor"

        async def of(key: str, part: str) -> str:
            return str(await page.locator(f'tr[data-key="{key}"] {part}').evaluate(colour))

        at_risk = await of("greet-within-60s/casa-lisboa", ".label.alert")
        broken = await of("check-in-within-5m/casa-lisboa", ".label.alert")
        assert at_risk == await of("greet-within-60s/casa-lisboa", ".word")
        assert broken == await of("check-in-within-5m/casa-lisboa", ".word")
        assert at_risk != broken
        # Nothing known is a word of its own, in no colour that says anything.
        quiet = page.locator('tr[data-key="check-in-within-5m/grand-budapest"] .word')
        await expect(quiet).to_contain_text("nothing yet")
        red, green, blue = (int(n) for n in re.findall(r"\d+", str(await quiet.evaluate(colour))))
        assert max(red, green, blue) - min(red, green, blue) < 20
        assert await quiet.evaluate("node => node.scrollWidth <= node.clientWidth")
        await expect(page.locator(".tile")).to_have_count(5)


async def test_each_clock_shows_its_zone_wherever_the_screen_stands(browser: Browser) -> None:
    async with watching(browser, hotels(), timezone_id="Asia/Tokyo", locale="en-US") as watched:
        page = await watched.open()
        await expect(page.locator("#zone")).to_have_text("UTC")
        for zone, clock in (
            ("UTC", page.locator("#now")),
            ("Europe/Istanbul", page.locator('.site[data-site="bosphorus-view"] .here time')),
        ):
            hour, minute, second = (int(part) for part in (await clock.inner_text()).split(":"))
            now = datetime.now(ZoneInfo(zone))
            shown = now.replace(hour=hour, minute=minute, second=second)
            assert abs((shown - now).total_seconds()) < 30
        # The hotels move to one zone: the page's clock follows by itself, and the sites need none.
        watched.desk.site_map = {
            n: replace(s, timezone="Asia/Tokyo") for n, s in watched.desk.site_map.items()
        }
        await watched.desk.put(replace(watched.desk.held, at=datetime.now(UTC)))
        await expect(page.locator("#zone")).to_have_text("Asia/Tokyo")
        await expect(page.locator(".here")).to_have_count(0)
        tokyo = datetime.now(ZoneInfo("Asia/Tokyo"))
        hour, minute, second = (int(part) for part in (await page.locator("#now").inner_text()).split(":"))
        assert abs((tokyo.replace(hour=hour, minute=minute, second=second) - tokyo).total_seconds()) < 30
        assert watched.complaints == []


async def test_a_promise_counts_down_and_past_due_counts_up(browser: Browser) -> None:
    now = datetime.now(UTC)
    urgent = (
        case("a", now + timedelta(seconds=100), at_risk=True),
        case("b", now - timedelta(seconds=10), late=True),
        case("c", now - timedelta(seconds=10)),
    )
    desk = HeldDesk(book(GREET), Snapshot(now, (group(GREET, "casa-lisboa", open=3, urgent=urgent),), ()))
    async with watching(browser, desk) as watched:
        page = await watched.open()
        counts = page.locator(".case .count")

        async def seconds(index: int, words: str) -> int:
            text = await counts.nth(index).inner_text()
            found = re.fullmatch(r"(\d+):(\d\d) " + words, text)
            assert found is not None, text
            return int(found[1]) * 60 + int(found[2])

        before = [await seconds(0, "left"), await seconds(1, "late"), await seconds(2, "over, unconfirmed")]
        assert 80 <= before[0] <= 100
        assert 10 <= before[1] <= 30
        await page.wait_for_function(
            "text => document.querySelector('.case .count').textContent !== text",
            arg=await counts.nth(0).inner_text(),
        )
        assert await seconds(0, "left") < before[0]
        await page.wait_for_timeout(1000)
        assert await seconds(1, "late") > before[1]
        assert await seconds(2, "over, unconfirmed") > before[2]
        assert watched.complaints == []


async def test_a_browser_whose_clock_is_wrong_counts_by_the_servers(browser: Browser) -> None:
    now = datetime.now(UTC)
    row = group(GREET, "casa-lisboa", open=1, urgent=(case("a", now + timedelta(seconds=100)),))
    async with watching(browser, HeldDesk(book(GREET), Snapshot(now, (row,), ()))) as watched:
        # Two hours fast.
        await watched.page.add_init_script("const wall = Date.now; Date.now = () => wall() + 7200000;")
        page = await watched.open()
        await expect(page.locator(".case .count")).to_have_text(re.compile(r"^1:[0-4]\d left$"))


async def test_a_breach_appears_on_an_open_wallboard_by_itself(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open()
        row = page.locator(ROW.format("casa-lisboa"))
        await expect(row.locator(".word")).to_contain_text("kept")
        await expect(page.locator("h2", has_text="4 alerts firing")).to_be_visible()
        await watched.desk.put(broken_greeting(watched.desk.held, datetime.now(UTC)))
        await expect(row.locator(".word")).to_contain_text("broken")
        await expect(row.locator(".case").first).to_contain_text("late")
        await expect(page.locator("h2", has_text="5 alerts firing")).to_be_visible()
        await expect(page).to_have_title(re.compile("^3 broken"))
        # It is first at its site, its site is no longer last, and those who listen are told.
        site = page.locator('.site[data-site="casa-lisboa"]')
        assert await site.locator(".row").first.get_attribute("data-key") == "greet-within-60s/casa-lisboa"
        assert (await page.locator(".site h2").all_text_contents()).index("Casa Lisboa") < 3
        await expect(page.get_by_role("status")).to_have_text(
            "Casa Lisboa, Arriving guests are greeted within 60 seconds: broken."
        )
        assert watched.complaints == []


async def test_sites_and_rows_come_and_go_without_a_reload(browser: Browser) -> None:
    now = datetime.now(UTC)
    desk = HeldDesk(book(GREET, CHECK_IN), Snapshot(now, (), ()), sites={})
    async with watching(browser, desk) as watched:
        page = await watched.open()
        await expect(page.get_by_role("heading", name="No data yet")).to_be_visible()
        await desk.put(Snapshot(now, (group(GREET, "new-inn"), group(CHECK_IN, "new-inn")), ()))
        await expect(page.locator('.site[data-site="new-inn"] .row')).to_have_count(2)
        await expect(page.get_by_role("heading", name="No data yet")).to_be_hidden()
        await expect(page.get_by_role("link", name="new-inn")).to_be_visible()
        await desk.put(Snapshot(now, (group(CHECK_IN, "new-inn"),), ()))
        await expect(page.locator('.site[data-site="new-inn"] .row')).to_have_count(1)
        await desk.put(Snapshot(now, (), ()))
        await expect(page.locator(".site")).to_have_count(0)
        assert watched.complaints == []


async def test_a_dark_source_is_told_and_forgotten_when_it_is_heard_again(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open()
        await expect(page.locator(".dark")).to_contain_text(
            re.compile(r"pms-bosphorus\s+silent since .+ \(23:\d\d\)")
        )
        held = watched.desk.held
        seen = tuple(replace(source, dark=False) for source in held.sources)
        await watched.desk.put(replace(held, sources=seen))
        await expect(page.locator(".dark")).to_have_count(0)


async def test_a_link_that_names_a_standard_frames_its_rows_also_when_they_change(browser: Browser) -> None:
    async with watching(browser, HeldDesk(*crowd(datetime.now(UTC)))) as watched:
        # Number 151 is kept and quiet: it is folded away, and its fold is opened.
        page = await watched.open("?standard=s151&site=casa-lisboa")
        asked = page.locator(".row.asked")
        await expect(asked).to_have_count(1)
        await expect(asked).to_be_in_viewport()
        await expect(asked).to_contain_text("Standard number 151")
        rule = watched.desk.rules.standards[151]
        await watched.desk.put(changed_group(watched.desk.held, rule, "casa-lisboa", state=State.BROKEN))
        await expect(asked.locator(".word")).to_contain_text("broken")
        assert watched.complaints == []


async def test_a_lost_connection_is_said_and_the_page_finds_back_by_itself(browser: Browser) -> None:
    async with watching(browser, hotels()) as watched:
        page = await watched.open()
        port = int(watched.url.rpartition(":")[2])
        await watched.server.stop()
        lost = page.get_by_role("alert")
        await expect(lost).to_contain_text(re.compile(r"^Connection lost since \d\d:\d\d:\d\d\."))
        await expect(page.locator("#live")).to_have_text("not live since")
        # What is shown stays, paled; a server that comes back is found without a hand.
        await expect(page.locator(ROW.format("casa-lisboa"))).to_be_visible()
        again = Server(build_app(watched.desk), port=port)
        await watched.desk.put(broken_greeting(watched.desk.held, datetime.now(UTC)))
        await again.start()
        try:
            await expect(lost).to_be_hidden(timeout=20_000)
            await expect(page.locator("#live")).to_have_text("live")
            await expect(page.locator(ROW.format("casa-lisboa")).locator(".word")).to_contain_text("broken")
        finally:
            await again.stop()


async def test_it_reads_without_a_script(browser: Browser) -> None:
    async with watching(browser, hotels(), java_script_enabled=False) as watched:
        await watched.page.goto(watched.url)
        row = watched.page.locator(ROW.format("grand-budapest"))
        await expect(row.locator(".word")).to_contain_text("broken")
        await expect(row.locator(".case").first).to_contain_text(re.compile(r"due \d\d:\d\d:\d\d"))
        assert await watched.page.locator("noscript").count() == 1
        assert 'http-equiv="refresh" content="5"' in await watched.page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_contrast_enough_by_day_and_by_night(browser: Browser, scheme: str) -> None:
    desk = hotels()
    desk.held = changed_group(desk.held, GREET, "casa-lisboa", counted=0, kept_ratio=None)
    async with watching(browser, desk, color_scheme=scheme) as watched:
        page = await watched.open()
        ratios = await page.evaluate(CONTRASTS)
        assert len(ratios) > 100
        assert min(ratio for _, ratio in ratios) < 8  # white on green is no black on white: it was measured
        poor = [f"{text!r} {ratio:.2f}" for text, ratio in ratios if ratio < 4.5]
        assert poor == []


@pytest.mark.parametrize("width", [360, 768, 1280, 3840])
async def test_nothing_sticks_out_sideways(browser: Browser, width: int) -> None:
    desk = hotels()
    long_ = "Geschwindigkeitsbegrenzungsüberwachungsanlagenbetreiber" * 2
    rule = replace(GREET, id="long", title=long_)
    odd = group(rule, "a-site-with-" + "x" * 80, state=State.BROKEN, open=1,
                urgent=(case("i" * 200, datetime.now(UTC), late=True),))  # fmt: skip
    desk.rules = replace(desk.rules, standards=(*desk.rules.standards, rule))
    desk.held = replace(desk.held, groups=(*desk.held.groups, odd))
    async with watching(browser, desk, viewport={"width": width, "height": 740}) as watched:
        page = await watched.open()
        inner, outer = await page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert inner <= outer
        wide = await page.evaluate(
            "() => [...document.querySelectorAll('.row, .row > *, .tile, .case')]"
            ".filter(n => !n.classList.contains('aside') && n.getBoundingClientRect().right > innerWidth + 1)"
            ".map(n => n.className)"
        )
        assert wide == []


async def test_two_hundred_standards_at_three_sites_fold_what_is_well_and_stay_quick(
    browser: Browser,
) -> None:
    now = datetime.now(UTC)
    desk = HeldDesk(*crowd(now))
    async with watching(browser, desk) as watched:
        page = await watched.open()
        folds = page.locator(".fold:visible summary")
        await expect(folds).to_have_text(["180 more, all kept"] * 3)
        await folds.first.click()
        folded = page.locator('.site[data-site="bosphorus-view"] tbody.folded .row')
        await expect(folded.first).to_be_visible()
        await expect(folded).to_have_count(180)
        # One that was folded breaks: it comes out, to its place, and the fold stays open.
        rule = desk.rules.standards[199]
        await desk.put(
            changed_group(desk.held, rule, "bosphorus-view", state=State.BROKEN, breached_open=3,
                          alerts={"breach": firing(now)})
        )  # fmt: skip
        await expect(folded).to_have_count(179)
        first = page.locator('.site[data-site="bosphorus-view"] tbody.shown .row').first
        await expect(first).to_contain_text("Standard number 199")
        await expect(folded.first).to_be_visible()
        assert watched.complaints == []
