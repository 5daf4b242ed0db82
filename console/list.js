// All functions, those in trouble first. Only the rows that are seen exist, so thousands cost what thirty do.

import { sparkline } from "./chart.js";
import { h, put, say, setText } from "./dom.js";
import { ago, number, seconds, stateRank, stateTone, stateWord } from "./format.js";
import * as store from "./store.js";

const sparkLength = 45;
const spare = 6;
let remembered = { text: "", namespace: "", state: "", order: "urgency", active: "" };

export const pathOf = (fn, tab) =>
  `#/f/${encodeURIComponent(fn.namespace)}/${encodeURIComponent(fn.name)}${tab ? `/${tab}` : ""}`;

const columns = [
  ["name", "Function"], ["state", "State"], ["rate", "Calls/s"], ["p50", "p50"], ["p99", "p99"],
  ["errors", "Errors/s"], ["replicas", "Replicas"], ["last", "Last call"],
];

const sample = (entry, column) => entry.sample?.[column] ?? 0;
const byName = (a, b) => a.summary.name.localeCompare(b.summary.name) || a.summary.namespace.localeCompare(b.summary.namespace);
const orders = {
  urgency: (a, b) => Math.min(4, stateRank(a.summary.state)) - Math.min(4, stateRank(b.summary.state)) || byName(a, b),
  name: byName,
  state: (a, b) => stateRank(a.summary.state) - stateRank(b.summary.state) || a.summary.state.localeCompare(b.summary.state) || byName(a, b),
  rate: (a, b) => sample(b, "rate") - sample(a, "rate") || byName(a, b),
  p50: (a, b) => sample(b, "p50") - sample(a, "p50") || byName(a, b),
  p99: (a, b) => sample(b, "p99") - sample(a, "p99") || byName(a, b),
  errors: (a, b) => sample(b, "errors") - sample(a, "errors") || byName(a, b),
  replicas: (a, b) => b.summary.replicas - a.summary.replicas || byName(a, b),
  last: (a, b) => sample(b, "lastCall") - sample(a, "lastCall") || sample(b, "calls") - sample(a, "calls") || byName(a, b),
};
const filters = {
  "": () => true,
  trouble: (entry) => ["bad", "warn"].includes(stateTone(entry.summary.state)),
  calls: (entry) => sample(entry, "rate") > 0 || sample(entry, "inFlight") > 0,
  rest: (entry) => ["off", "cold"].includes(stateTone(entry.summary.state)),
};

/** What a row shows, written only where it differs. */
function makeRow() {
  const name = h("a", { tabindex: "-1" });
  const space = h("span", { class: "space" });
  const below = h("div", { class: "below" });
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  const word = h("span");
  const spark = sparkline(90, 22);
  const cells = Object.fromEntries(["rate", "p50", "p99", "errors", "replicas", "last"].map((key) => [key, h("span")]));
  const cell = (key, label, ...content) => h("div", { role: "cell", class: `cell ${key}` }, h("span", { class: "label", "aria-hidden": "true" }, label), content);
  const element = h("div", { role: "row", class: "row" },
    h("div", { role: "cell", class: "cell name" }, h("div", { class: "title" }, name, space), below),
    h("div", { role: "cell", class: "cell state" }, dot, word),
    cell("rate", "calls/s", spark.element, cells.rate), cell("p50", "p50", cells.p50), cell("p99", "p99", cells.p99),
    cell("errors", "errors/s", cells.errors), cell("replicas", "replicas", cells.replicas), cell("last", "last call", cells.last));
  return {
    element, name,
    update(entry, index, active) {
      const { summary } = entry;
      const tone = stateTone(summary.state);
      const isTrouble = tone === "bad" || tone === "warn";
      element.setAttribute("aria-rowindex", index + 2);
      element.dataset.key = entry.key;
      element.dataset.tone = tone;
      element.classList.toggle("active", active);
      name.tabIndex = active ? 0 : -1;
      setText(name, summary.name);
      const href = pathOf(summary);
      if (name.getAttribute("href") !== href) name.setAttribute("href", href);
      setText(space, summary.namespace === "openfaas-fn" ? "" : summary.namespace);
      setText(below, isTrouble ? summary.reason : summary.image);
      below.title = isTrouble ? summary.reason : summary.image;
      below.classList.toggle("reason", isTrouble);
      setText(word, stateWord(summary.state));
      word.title = summary.reason;
      spark.update(entry.spark, sparkLength);
      const { rate = 0, errors = 0, p50, p99, lastCall, calls } = entry.sample ?? {};
      setText(cells.rate, rate > 0 ? number(rate) : "0");
      cells.rate.classList.toggle("quiet", !(rate > 0));
      setText(cells.p50, seconds(p50));
      setText(cells.p99, seconds(p99));
      setText(cells.errors, errors > 0 ? number(errors) : "0");
      cells.errors.className = errors > 0 ? "bad" : "quiet";
      setText(cells.replicas, summary.availableReplicas === summary.replicas ? String(summary.replicas) : `${summary.availableReplicas}/${summary.replicas}`);
      setText(cells.last, lastCall ? ago(lastCall) : calls ? "earlier" : "never");
    },
  };
}

export function listView() {
  const search = h("input", {
    type: "search", placeholder: "Search by name, image or state ( / )", "aria-label": "Search functions", value: remembered.text,
    autocomplete: "off", spellcheck: "false", oninput: () => { remembered.text = search.value; scroller.scrollTop = 0; arrange(); announce(); },
  });
  const spaces = h("select", { "aria-label": "Namespace", onchange: () => { remembered.namespace = spaces.value; arrange(); announce(); } });
  const filterButtons = [["", "All"], ["trouble", "In trouble"], ["calls", "Called now"], ["rest", "At rest"]].map(([key, label]) => {
    const count = h("b");
    const button = h("button", { type: "button", onclick: () => { remembered.state = key; arrange(); announce(); } }, label, " ", count);
    return { key, button, count };
  });
  const heads = columns.map(([key, label]) => h("div", { role: "columnheader", class: `cell ${key}` },
    h("button", { type: "button", class: "plain", onclick: () => { remembered.order = remembered.order === key ? "urgency" : key; arrange(); } }, label)));
  const sum = h("p", { class: "sum muted" });
  const rows = h("div", { role: "rowgroup", class: "rows" });
  const body = h("div", { class: "scroller", tabindex: "-1" }, rows);
  const scroller = body;
  const head = h("div", { role: "rowgroup", class: "heads" }, h("div", { role: "row", class: "row head", "aria-rowindex": 1 }, heads));
  const table = h("div", { role: "table", class: "table card", "aria-label": "Functions" }, head, body);
  const empty = h("div", { class: "empty", hidden: true });
  const element = h("div", { class: "list" },
    h("h1", { class: "unseen" }, "Functions"),
    h("div", { class: "bar" }, search, spaces, h("div", { class: "choice", role: "group", "aria-label": "Which" }, filterButtons.map((filter) => filter.button)),
      h("a", { class: "button primary", href: "#/deploy" }, "Deploy")),
    sum, table, empty);
  const pool = [];
  let shown = [];
  let rowHeight = 52;
  let frame;

  function announce() { say(`${shown.length} functions`); }

  function arrange() {
    const words = remembered.text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...store.functions.values()];
    const found = all.filter(({ summary }) =>
      (!remembered.namespace || summary.namespace === remembered.namespace)
      && words.every((word) => `${summary.name} ${summary.namespace} ${summary.image} ${stateWord(summary.state)}`.toLowerCase().includes(word)));
    for (const { key, button, count } of filterButtons) {
      setText(count, String(found.filter(filters[key]).length));
      button.setAttribute("aria-pressed", String(remembered.state === key));
    }
    shown = found.filter(filters[remembered.state]).sort(orders[remembered.order]);
    heads.forEach((cell, index) => {
      const isOrder = columns[index][0] === remembered.order;
      if (isOrder) cell.setAttribute("aria-sort", ["name", "state"].includes(columns[index][0]) ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    });
    table.setAttribute("aria-rowcount", shown.length + 1);
    const rate = all.reduce((total, entry) => total + sample(entry, "rate"), 0);
    const errors = all.reduce((total, entry) => total + sample(entry, "errors"), 0);
    setText(sum, all.length ? `${all.length} ${all.length === 1 ? "function" : "functions"} · ${number(rate)} calls/s · ${number(errors)} errors/s` : "");
    showSpaces(all);
    showEmpty(all);
    draw();
  }

  function showSpaces(all) {
    const names = [...new Set(all.map(({ summary }) => summary.namespace).concat(remembered.namespace || []))].sort();
    spaces.hidden = names.length < 2;
    const wanted = ["", ...names];
    if (wanted.join("\n") !== [...spaces.options].map((option) => option.value).join("\n")) {
      put(spaces, wanted.map((name) => h("option", { value: name }, name || "All namespaces")));
    }
    spaces.value = remembered.namespace;
  }

  function showEmpty(all) {
    const isEmpty = shown.length === 0;
    table.hidden = isEmpty;
    empty.hidden = !isEmpty;
    if (!isEmpty) return;
    if (!store.isKnown) put(empty, h("p", {}, "Loading…"));
    else if (all.length === 0) put(empty, firstSteps());
    else put(empty, h("p", {}, "No function is like that. "), h("button", {
      type: "button", onclick: () => { remembered = { ...remembered, text: "", namespace: "", state: "" }; search.value = ""; arrange(); },
    }, "Show all"));
  }

  function draw() {
    rowHeight = matchMedia("(max-width: 46rem)").matches ? 104 : 52;
    rows.style.height = `${shown.length * rowHeight}px`;
    const first = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - spare);
    const count = Math.min(shown.length - first, Math.ceil((scroller.clientHeight || 800) / rowHeight) + 2 * spare);
    if (!shown.some((entry) => entry.key === remembered.active)) remembered.active = shown[0]?.key ?? "";
    while (pool.length < count) {
      pool.push(makeRow());
      rows.append(pool.at(-1).element);
    }
    pool.forEach((row, index) => {
      const entry = index < count ? shown[first + index] : undefined;
      row.element.hidden = !entry;
      if (!entry) return;
      row.element.style.transform = `translateY(${(first + index) * rowHeight}px)`;
      row.update(entry, first + index, entry.key === remembered.active);
    });
  }

  function move(step) {
    const index = shown.findIndex((entry) => entry.key === remembered.active);
    const hasFocus = rows.contains(document.activeElement);
    const next = Math.max(0, Math.min(shown.length - 1, hasFocus ? index + step : index));
    if (!shown[next]) return;
    remembered.active = shown[next].key;
    const top = next * rowHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + rowHeight - scroller.clientHeight;
    draw();
    pool.find((row) => row.element.dataset.key === remembered.active && !row.element.hidden)?.name.focus({ preventScroll: true });
  }

  const active = () => store.functions.get(remembered.active)?.summary;
  const keys = {
    "/": () => search.focus(),
    ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1),
    PageDown: () => move(10), PageUp: () => move(-10),
    i: () => { if (active()) location.hash = pathOf(active(), "invoke"); },
    l: () => { if (active()) location.hash = pathOf(active(), "logs"); },
  };

  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); move(0); }
    if (event.key === "Enter" && shown.length) location.hash = pathOf(shown[0].summary);
  });
  rows.addEventListener("focusin", (event) => {
    const key = event.target.closest(".row")?.dataset.key;
    if (key) remembered.active = key;
  });
  // The whole row opens the function; the link in it is for keys and for those who want a new tab.
  rows.addEventListener("click", (event) => {
    const key = event.target.closest(".row")?.dataset.key;
    if (key && !event.target.closest("a") && getSelection().isCollapsed) location.hash = pathOf(store.functions.get(key).summary);
  });
  const later = () => { frame ??= requestAnimationFrame(() => { frame = undefined; draw(); }); };
  scroller.addEventListener("scroll", later, { passive: true });
  const sizes = new ResizeObserver(later);
  const refresh = () => { if (element.isConnected) arrange(); };
  return {
    title: "Functions", element,
    opened() {
      sizes.observe(scroller);
      store.news.addEventListener("functions", refresh);
      store.news.addEventListener("samples", refresh);
      arrange();
    },
    close() {
      sizes.disconnect();
      store.news.removeEventListener("functions", refresh);
      store.news.removeEventListener("samples", refresh);
    },
    key(event) {
      if (!Object.hasOwn(keys, event.key)) return false;
      keys[event.key]();
      return true;
    },
  };
}

function firstSteps() {
  const command = `sudo cat /var/lib/faasd/secrets/basic-auth-password | faas-cli login --gateway ${location.origin} --password-stdin\nfaas-cli deploy --gateway ${location.origin} --image ghcr.io/openfaas/figlet:latest --name figlet`;
  const done = h("span", { role: "status", class: "muted" });
  return [
    h("h2", {}, "No function is deployed yet"),
    h("p", {}, "Deploy the first one here, or from a shell on this machine:"),
    h("pre", { class: "command", tabindex: "0", "aria-label": "Commands" }, command),
    h("p", { class: "actions" },
      h("a", { class: "button primary", href: "#/deploy" }, "Deploy a function"),
      navigator.clipboard && h("button", {
        type: "button", onclick: async () => { await navigator.clipboard.writeText(command); setText(done, "Copied"); },
      }, "Copy the commands"), done),
  ];
}
