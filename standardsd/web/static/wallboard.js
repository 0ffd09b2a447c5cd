// The wallboard, live, and the pages behind it.  The server renders every part; this file puts the parts
// that changed in their places, counts down to due instants, and says plainly when the connection is lost.
"use strict";

(() => {
  const silentMax = 25000; // ms; the server says something at least every 10 s
  const readAgainEvery = 2000; // ms; a page behind the wallboard has no stream of its own
  const retryMax = 30000; // ms between two tries to connect
  const announcedMax = 3; // changes read out at once

  const $ = (id) => document.getElementById(id);
  const body = document.body;
  // The server speaks the language of the house; so do the words that only the script says.
  const words = JSON.parse(body.dataset.words);
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // --- the server's clock: its last word plus what has passed here, whatever this machine's clock says

  let serverNow = Number(body.dataset.now);
  let heardAt = performance.now();
  const now = () => serverNow + (performance.now() - heardAt);
  const heard = (instant) => {
    serverNow = instant;
    heardAt = performance.now();
  };

  const span = (ms) => {
    const seconds = Math.floor(Math.abs(ms) / 1000);
    const two = (n) => String(n).padStart(2, "0");
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor(seconds / 3600) % 24;
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    if (days) return say("days", { days, hours });
    return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
  };
  // Times of day are those of a site, wherever this screen stands; its zone is written beside each clock.
  const hands = new Map();
  const clock = (ms, zone) => {
    if (!hands.has(zone)) hands.set(zone, handsOf(zone));
    return hands.get(zone)(ms);
  };
  const handsOf = (timeZone) => {
    const two = { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    try {
      const format = new Intl.DateTimeFormat("en-GB", { ...two, timeZone });
      return (ms) => format.format(ms);
    } catch { // a browser older than the zone
      return (ms) => `${new Date(ms).toISOString().slice(11, 19)} UTC, not`;
    }
  };
  const zoned = (timeZone) => {
    $("now").dataset.clock = timeZone;
    write($("zone"), timeZone);
  };
  const write = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  function tick() {
    const instant = now();
    for (const node of document.querySelectorAll("[data-due]")) {
      const left = Number(node.dataset.due) - instant;
      if (left > 0) {
        // A started second counts whole, so that 0:00 left is never shown before due.
        write(node, say("left", { time: span(left + 999) }));
      } else {
        // Past due and not yet spoken broken: the source has still to prove that nothing came.
        write(node, say(node.dataset.word === "late" ? "late" : "unconfirmed", { time: span(left) }));
      }
      node.closest(".case").classList.toggle("past", left <= 0);
    }
    for (const node of document.querySelectorAll("[data-since]")) {
      const passed = span(instant - Number(node.dataset.since));
      write(node, node.classList.contains("for") ? ` (${passed})` : say("passed", { time: passed }));
    }
    // What is not live keeps the time at which it was.
    for (const node of document.querySelectorAll("[data-clock]")) {
      write(node, clock(lostSince || instant, node.dataset.clock));
    }
  }

  // --- parts

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  };
  const shown = new Map(); // id of a part → the HTML it was last given
  const fill = (node, part, html) => {
    if (shown.get(part) === html) return;
    shown.set(part, html);
    node.innerHTML = html;
  };
  // Puts the nodes in this order and takes all others out; a node in its place is not touched.
  const arrange = (parent, nodes) => {
    nodes.forEach((node, index) => {
      if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] || null);
    });
    while (parent.children.length > nodes.length) parent.lastElementChild.remove();
  };

  const rows = new Map();
  const sites = new Map();
  for (const row of document.querySelectorAll("tr[data-key]")) rows.set(row.dataset.key, row);
  for (const site of document.querySelectorAll("#sites > .site")) sites.set(site.dataset.site, site);

  function show(board) {
    const changes = [];
    for (const [key, html] of Object.entries(board.rows)) {
      const fresh = parse(html);
      const old = rows.get(key);
      if (old && old.dataset.state !== fresh.dataset.state) changes.push(fresh);
      if (old) old.replaceWith(fresh);
      rows.set(key, fresh);
    }
    const sections = board.sites.map((said) => {
      let site = sites.get(said.name);
      if (!site) {
        site = $("site-template").content.firstElementChild.cloneNode(true);
        site.dataset.site = said.name;
        sites.set(said.name, site);
      }
      site.dataset.state = said.state;
      const [table, folded] = site.querySelectorAll("table");
      table.setAttribute("aria-label", said.title);
      folded.setAttribute("aria-label", say("more", { site: said.title }));
      fill(site.querySelector(".head"), `head/${said.name}`, said.head);
      write(site.querySelector("summary"), said.fold);
      arrange(site.querySelector("tbody.shown"), said.rows.map((key) => rows.get(key)));
      arrange(site.querySelector("tbody.folded"), said.folded.map((key) => rows.get(key)));
      table.hidden = !said.rows.length;
      site.querySelector(".fold").hidden = !said.folded.length;
      site.querySelector(".nothing").hidden = said.rows.length > 0;
      return site;
    });
    arrange($("sites"), sections);
    const alive = new Set(board.sites.flatMap((said) => [...said.rows, ...said.folded]));
    for (const key of rows.keys()) if (!alive.has(key)) rows.delete(key);
    const names = new Set(board.sites.map((said) => said.name));
    for (const name of sites.keys()) if (!names.has(name)) sites.delete(name);
    for (const part of ["nav", "top", "empty", "sources"]) fill($(part), part, board[part]);
    zoned(board.timezone);
    document.title = board.title;
    for (const row of changes) mark(row);
    point();
    announce(changes);
    tick();
  }

  // A link in an alert may name a standard (`?standard=`): its rows are framed, and the first is brought into sight.
  const asked = new URLSearchParams(location.search).get("standard");
  function point() {
    if (!asked) return [];
    const found = [...rows.values()].filter((row) => row.dataset.key.split("/")[0] === asked);
    for (const row of found) row.classList.add("asked");
    return found;
  }

  function mark(row) {
    row.classList.add("changed");
    row.addEventListener("animationend", () => row.classList.remove("changed"), { once: true });
  }

  function announce(changes) {
    if (!changes.length) return;
    const told = changes.slice(0, announcedMax).map((row) => {
      const site = row.closest(".site")?.querySelector("h2")?.textContent;
      return `${site ? `${site}, ` : ""}${row.dataset.say}`;
    });
    if (changes.length > announcedMax) told.push(say("changes", { count: changes.length - announcedMax }));
    $("said").textContent = `${told.join(". ")}.`;
  }

  // --- a page behind the wallboard: read again, and the parts that changed put in their places

  const leaves = new Map(); // id of a part → the HTML it was last given, and its node
  const known = (node) => {
    const leaf = { html: node.outerHTML, node };
    leaves.set(node.id, leaf);
    return leaf;
  };
  if (!body.dataset.events) for (const node of $("parts").children) known(node);

  async function readAgain() {
    clearTimeout(retry);
    try {
      const signal = AbortSignal.timeout(silentMax);
      const answer = await fetch(location.href, { cache: "no-store", signal });
      if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // It is gone, or we may not look any more, or the daemon was upgraded: the page itself says so.
      if (!answer.ok || page.body.dataset.build !== body.dataset.build) return location.reload();
      heard(Number(page.body.dataset.now));
      found();
      place([...page.getElementById("parts").children]);
      zoned(page.getElementById("now").dataset.clock);
      document.title = page.title;
      tick();
      retry = setTimeout(readAgain, readAgainEvery);
    } catch {
      lost();
    }
  }

  function place(fresh) {
    const changes = [];
    const nodes = fresh.map((node) => {
      const old = leaves.get(node.id);
      if (old?.html === node.outerHTML) return old.node;
      if (old && old.node.dataset.state !== node.dataset.state) changes.push(node);
      return known(document.adoptNode(node)).node;
    });
    arrange($("parts"), nodes);
    announce(changes);
  }

  // --- the connection

  let events = null;
  let tries = 0;
  let lostSince = 0;
  let silence = 0;
  let retry = 0;

  function listen() {
    clearTimeout(retry);
    events?.close();
    events = new EventSource(body.dataset.events);
    events.addEventListener("board", (message) => {
      const board = JSON.parse(message.data);
      if (board.build !== body.dataset.build) return location.reload(); // the daemon was upgraded
      heard(board.now);
      found();
      show(board);
    });
    events.addEventListener("alive", (message) => {
      heard(JSON.parse(message.data).now);
      found();
    });
    events.onerror = lost;
    watch();
  }

  function watch() {
    clearTimeout(silence);
    silence = setTimeout(lost, silentMax);
  }

  function found() {
    tries = 0;
    lostSince = 0;
    body.classList.remove("stale");
    $("lost").hidden = true;
    write($("live"), say("live"));
    watch();
  }

  function lost() {
    events?.close();
    clearTimeout(silence);
    clearTimeout(retry);
    if (!lostSince) {
      lostSince = now();
      body.classList.add("stale");
      write($("live"), say("not_live"));
      write($("lost"), say("lost", { time: clock(lostSince, $("now").dataset.clock) }));
      $("lost").hidden = false;
    }
    // Back-off with jitter, so that a hundred screens do not come back in the same instant.
    const wait = Math.min(retryMax, 1000 * 2 ** tries) * (0.5 + Math.random() / 2);
    tries = Math.min(tries + 1, 10);
    retry = setTimeout(connect, wait);
  }

  const connect = () => (body.dataset.events ? listen() : readAgain());

  addEventListener("online", () => lostSince && connect());
  addEventListener("pagehide", () => events?.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && lostSince) connect();
  });

  const [first] = point();
  if (first) {
    first.closest("details")?.setAttribute("open", "");
    first.scrollIntoView({ block: "center" });
  }
  tick();
  setInterval(tick, 250);
  connect();
})();
