// The page of one function: how it does, and five tabs.

import * as api from "./api.js";
import * as store from "./store.js";
import { h, put, say, setText, tabs } from "./dom.js";
import { bytes, cores, number, seconds, stamp, stateTone, stateWord } from "./format.js";
import { pathOf } from "./list.js";
import { confirmed, openDialog } from "./dialog.js";
import { invokeTab } from "./invoke.js";
import { logsTab } from "./logs.js";
import { chartsTab } from "./charts.js";
import { callsTab } from "./calls.js";
import { settingsTab } from "./settings.js";

const tabNames = [["invoke", "Invoke"], ["logs", "Logs"], ["charts", "Charts"], ["calls", "Calls"], ["settings", "Settings"]];
const makers = { invoke: invokeTab, logs: logsTab, charts: chartsTab, calls: callsTab, settings: settingsTab };

/** The page of `fn` ({ name, namespace }). */
export function functionView(fn, firstTab) {
  const made = new Map();
  let current;
  let status;
  let isOpen = true;

  const state = h("span", { class: "pill" });
  const reason = h("p", { class: "why" });
  const failure = h("div", { class: "failure", role: "region", "aria-label": "Failure", hidden: true });
  const figures = [
    ["Calls/s", (sample) => number(sample.rate ?? 0)], ["Errors/s", (sample) => number(sample.errors ?? 0)],
    ["p50", (sample) => seconds(sample.p50)], ["p99", (sample) => seconds(sample.p99)],
    ["Running", (sample) => number(sample.inFlight ?? 0)], ["Calls", (sample) => number(sample.calls ?? 0)],
    ["CPU", (sample) => cores(sample.cpu)], ["Memory", (sample) => bytes(sample.memoryBytes)],
  ].map(([label, text]) => ({ text, value: h("dd", {}, "–"), label }));
  const replicas = h("dd", {}, "–");
  const bar = h("div");
  const place = h("div", { class: "tab" });
  const element = h("article", { class: "function" },
    h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Functions"), ` / ${fn.namespace}`),
    h("div", { class: "headline" }, h("h1", {}, fn.name), state,
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: scale }, "Scale"),
        h("a", { class: "button", href: `#/edit/${encodeURIComponent(fn.namespace)}/${encodeURIComponent(fn.name)}` }, "Edit"),
        h("button", { type: "button", class: "danger", onclick: remove }, "Remove"))),
    reason, failure,
    h("dl", { class: "figures card" }, h("div", {}, h("dt", {}, "Replicas"), replicas),
      figures.map(({ label, value }) => h("div", {}, h("dt", {}, label), value))),
    bar, place);

  function go(key) {
    const wanted = Object.hasOwn(makers, key) ? key : "invoke";
    if (current?.key !== wanted) {
      current?.tab.close?.();
      if (!made.has(wanted)) made.set(wanted, makers[wanted](fn, page));
      current = { key: wanted, tab: made.get(wanted) };
      put(place, current.tab.element);
      put(bar, tabs("Parts of this page", tabNames, wanted, (name) => pathOf(fn, name)));
      current.tab.opened?.();
      if (status) current.tab.status?.(status);
    }
  }

  function showSummary() {
    const entry = store.functions.get(store.keyOf(fn));
    if (!entry) {
      if (store.isKnown) {
        setText(state, "not deployed");
        state.dataset.tone = "off";
        setText(reason, "There is no such function any more. Its logs may still be there.");
      }
      return;
    }
    const { summary, sample = {} } = entry;
    setText(state, stateWord(summary.state));
    state.dataset.tone = stateTone(summary.state);
    const sentence = summary.reason.charAt(0).toUpperCase() + summary.reason.slice(1);
    setText(reason, failure.hidden ? `${sentence}.` : "");
    setText(replicas, summary.availableReplicas === summary.replicas ? String(summary.replicas) : `${summary.availableReplicas} of ${summary.replicas}`);
    for (const { text, value } of figures) setText(value, text(sample));
  }

  let asked = 0;
  async function refresh() {
    const number = ++asked;
    try {
      const found = await api.describe(fn);
      if (number !== asked || !isOpen) return;
      status = found;
      showFailure(found);
      showSummary();
      current?.tab.status?.(found);
    } catch (error) {
      // The stream tells of a function that is gone and of a daemon that is.
      if (error.status === 404) showSummary();
    }
  }

  function showFailure({ failure: found }) {
    failure.hidden = !found;
    if (!found) return;
    // What it wrote comes in one line, with bars between.
    const [first, wrote] = String(found.reason).split("; it wrote: ");
    const rest = wrote === undefined ? [] : wrote.split(/ \| |\n/);
    put(failure,
      h("h2", {}, found.count > 1 ? `${found.count} replicas in a row have ended by themselves` : "A replica has ended by itself"),
      h("p", {}, rest.length > 0 ? `${first}. The last it wrote:` : first), rest.length > 0 && h("pre", { tabindex: "0" }, rest.join("\n")),
      h("p", { class: "muted" }, found.retryAt ? `The next one is started at ${stamp(found.retryAt)}. ` : "The next one is being started. ",
        h("a", { href: pathOf(fn, "logs") }, "See its logs")));
  }

  function scale() {
    const entry = store.functions.get(store.keyOf(fn));
    const input = h("input", { type: "number", min: 0, max: 1000, required: true, value: String(entry?.summary.replicas ?? 1), "aria-label": "Replicas" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const step = (by) => { input.value = String(Math.max(0, (Number(input.value) || 0) + by)); };
    const close = openDialog(`Scale ${fn.name}`, h("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          await api.scale(fn, Number(input.value));
          close();
          say(`Scaled to ${input.value}`);
          refresh();
        } catch (error) {
          problem.hidden = false;
          setText(problem, error.message);
        }
      },
    }, h("p", {}, "How many replicas are to run? With 0 it has none until it is called."),
    h("div", { class: "stepper" },
      h("button", { type: "button", "aria-label": "One less", onclick: () => step(-1) }, "−"), input,
      h("button", { type: "button", "aria-label": "One more", onclick: () => step(1) }, "+")),
    problem, h("div", { class: "actions" }, h("button", { class: "primary", type: "submit" }, "Scale"))));
    input.focus();
    input.select();
  }

  function remove() {
    confirmed(`Remove ${fn.name}?`, `Its replicas are stopped and its deployment is forgotten. Calls that wait for ${fn.name} become dead letters. Its image stays on the machine.`,
      "Remove", async () => {
        await api.remove(fn);
        say(`${fn.name} is removed`);
        location.hash = "#/";
      });
  }

  const page = { refresh, status: () => status };
  const onSamples = () => { showSummary(); current?.tab.samples?.(store.functions.get(store.keyOf(fn))?.sample); };
  const onFunctions = () => { showSummary(); refreshSoon(); };
  let known;
  function refreshSoon() {
    const summary = store.functions.get(store.keyOf(fn))?.summary;
    if (summary && summary !== known) {
      known = summary;
      refresh();
    }
  }
  const onConnection = () => current?.tab.connection?.(store.connection);
  const listeners = [["samples", onSamples], ["functions", onFunctions], ["connection", onConnection]];

  return {
    title: fn.name, element, watches: fn, go,
    opened() {
      for (const [name, listener] of listeners) store.news.addEventListener(name, listener);
      if (!current) go(firstTab);
      showSummary();
      refresh();
    },
    close() {
      isOpen = false;
      current?.tab.close?.();
      for (const [name, listener] of listeners) store.news.removeEventListener(name, listener);
    },
    key(event) {
      const tab = { i: "invoke", l: "logs", c: "charts" }[event.key] ?? tabNames[Number(event.key) - 1]?.[0];
      if (!tab) return false;
      location.hash = pathOf(fn, tab);
      return true;
    },
  };
}
