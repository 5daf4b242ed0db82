// What replicas write, as they write it.

import { lines, request } from "./api.js";
import { field, h, put, setText } from "./dom.js";
import { clock } from "./format.js";

const kept = 5000;
const shownAtMost = 1000;
const tail = 500;

export function logsTab(fn) {
  const search = h("input", { type: "search", placeholder: "Show only lines with…", "aria-label": "Search the logs", autocomplete: "off", spellcheck: "false", oninput: () => { rebuild(); } });
  const instance = h("select", { "aria-label": "Replica", onchange: rebuild }, h("option", { value: "" }, "All replicas"));
  const follow = h("input", { type: "checkbox", checked: true });
  const state = h("span", { class: "muted", role: "status" });
  const pane = h("div", { class: "logs card", role: "log", "aria-live": "off", "aria-label": "Log lines", tabindex: "0" });
  const element = h("div", {},
    h("div", { class: "bar" }, search, instance, h("label", { class: "check" }, follow, " follow"),
      h("button", { type: "button", onclick: save }, "Save"), state),
    pane);
  let messages = [];
  let fresh = [];
  let instances = new Set();
  let abort;
  let frame;
  let isOpen = false;
  let last;

  const isWanted = (message) => (!instance.value || message.instance === instance.value)
    && (!search.value || message.text.toLowerCase().includes(search.value.toLowerCase()));

  function line(message) {
    const date = new Date(message.timestamp);
    return h("div", { class: "log" },
      h("time", { datetime: message.timestamp, title: message.timestamp }, isNaN(date) ? "" : clock(date)),
      instances.size > 1 && h("span", { class: "who", title: message.instance }, message.instance.slice(-5)),
      h("span", { class: "what" }, marked(message.text, search.value)));
  }

  function rebuild() {
    const wanted = messages.filter(isWanted);
    put(pane, wanted.length > shownAtMost && h("p", { class: "muted" }, `The last ${shownAtMost} of ${wanted.length} lines.`),
      wanted.slice(-shownAtMost).map(line));
    if (wanted.length === 0) put(pane, h("p", { class: "muted" }, messages.length ? "No line is like that." : "Nothing has been written yet."));
    pane.scrollTop = pane.scrollHeight;
    fresh = [];
  }

  function add() {
    frame = undefined;
    for (const message of fresh) {
      if (!instances.has(message.instance)) {
        instances.add(message.instance);
        instance.append(h("option", { value: message.instance }, message.instance));
        if (instances.size === 2) return rebuild();
      }
    }
    if (pane.firstElementChild?.matches("p")) return rebuild();
    pane.append(...fresh.filter(isWanted).map(line));
    while (pane.childElementCount > shownAtMost) pane.firstElementChild.remove();
    fresh = [];
    if (follow.checked) pane.scrollTop = pane.scrollHeight;
  }

  function take(message) {
    messages.push(message);
    if (messages.length > kept * 1.2) messages = messages.slice(-kept);
    fresh.push(message);
    if (fresh.length > kept) fresh = fresh.slice(-kept);
    frame ??= requestAnimationFrame(add);
  }

  async function read() {
    abort?.abort();
    const own = new AbortController();
    abort = own;
    const query = new URLSearchParams({ name: fn.name, namespace: fn.namespace, follow: "1" });
    // After a break the lines go on where they were.
    if (last) query.set("since", last);
    else query.set("tail", String(tail));
    const seen = new Set(messages.filter((message) => message.timestamp === last).map((message) => message.text));
    try {
      const answer = await request("GET", `/system/logs?${query}`, { signal: own.signal });
      setText(state, "");
      if (messages.length === 0) rebuild();
      for await (const text of lines(answer)) {
        const message = JSON.parse(text);
        if (message.timestamp === last && seen.has(message.text)) continue;
        last = message.timestamp;
        take(message);
      }
    } catch (error) {
      if (own.signal.aborted) return;
      setText(state, error.status ? error.message : "The logs broke off; trying again…");
      if (error.status === 404) return;
    }
    if (!own.signal.aborted && isOpen) timer = setTimeout(read, 1000);
  }
  let timer;

  function save() {
    const text = messages.map((message) => `${message.timestamp} ${message.instance} ${message.text}`).join("\n");
    const url = URL.createObjectURL(new Blob([text, "\n"], { type: "application/octet-stream" }));
    h("a", { href: url, download: `${fn.name}.log` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  pane.addEventListener("scroll", () => {
    const isAtEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 8;
    // Whoever scrolls up wants to read; whoever comes back to the end wants what is new.
    if (pane.scrollHeight > pane.clientHeight) follow.checked = isAtEnd;
  }, { passive: true });
  follow.addEventListener("change", () => { if (follow.checked) pane.scrollTop = pane.scrollHeight; });
  const onVisibility = () => {
    clearTimeout(timer);
    if (document.hidden) abort?.abort();
    else if (isOpen) read();
  };

  return {
    element,
    opened() {
      isOpen = true;
      document.addEventListener("visibilitychange", onVisibility);
      read();
      search.focus({ preventScroll: true });
    },
    close() {
      isOpen = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
      abort?.abort();
    },
    connection(connection) {
      // An open log would hold up the daemon that wants to end.
      if (connection === "lost") abort?.abort();
      if (connection === "live" && isOpen && abort?.signal.aborted) read();
    },
  };
}

/** A text with what was searched for marked in it. */
function marked(text, wanted) {
  if (!wanted) return [text];
  const parts = [];
  const low = text.toLowerCase();
  const find = wanted.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(find); at >= 0 && parts.length < 200; at = low.indexOf(find, from)) {
    parts.push(text.slice(from, at), h("mark", {}, text.slice(at, at + find.length)));
    from = at + find.length;
  }
  parts.push(text.slice(from));
  return parts;
}
