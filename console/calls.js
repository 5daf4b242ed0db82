// Asynchronous calls: what waits, what ran, and what is dead and can be sent again.

import * as api from "./api.js";
import { choice, h, put, say, setText } from "./dom.js";
import { seconds, stamp } from "./format.js";
import { pathOf } from "./list.js";

const states = [["", "All"], ["waiting", "Waiting"], ["running", "Running"], ["succeeded", "Succeeded"], ["dead", "Dead"], ["cancelled", "Called off"]];
const tones = { succeeded: "good", dead: "bad", running: "warn", waiting: "cold" };
const pageSize = 100;

/** The calls of one function, or of all without one. */
export function callsTab(fn) {
  let state = "";
  let timer;
  let isOpen = false;
  let isMore = false;
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const rows = h("tbody");
  const table = h("table", { class: "card" }, h("caption", { class: "unseen" }, "Asynchronous calls"),
    h("thead", {}, h("tr", {}, ["Accepted", !fn && "Function", "State", "Request", "Tries", "Took", ""].filter((text) => text !== false)
      .map((text) => h("th", { scope: "col" }, text || h("span", { class: "unseen" }, "Actions"))))), rows);
  const empty = h("p", { class: "empty", hidden: true });
  const all = h("button", { type: "button", onclick: redriveAll }, "Send all dead ones again");
  const more = h("button", { type: "button", hidden: true, onclick: () => { isMore = true; load(); } }, "Show more");
  const element = h("div", {},
    h("div", { class: "bar" }, choice("State", states, state, (chosen) => { state = chosen; isMore = false; load(); }), all),
    problem, h("div", { class: "wide" }, table), empty, more);

  const query = () => ({ ...(fn ? { function: fn.name, namespace: fn.namespace } : {}) });

  async function load() {
    clearTimeout(timer);
    try {
      const found = await api.calls({ ...query(), ...(state ? { state } : {}), limit: isMore ? 1000 : pageSize });
      problem.hidden = true;
      table.hidden = found.length === 0;
      empty.hidden = found.length > 0;
      more.hidden = isMore || found.length < pageSize;
      setText(empty, state ? "There is no such call." : "No asynchronous call is known. POST /async-function/NAME makes one.");
      // A button that has the focus would lose it.
      if (!rows.contains(document.activeElement)) put(rows, found.map(row));
    } catch (error) {
      table.hidden = true;
      empty.hidden = false;
      more.hidden = true;
      setText(empty, error.status === 404 ? "This gateway keeps no asynchronous calls." : error.message);
    }
    if (isOpen) timer = setTimeout(load, document.hidden ? 60_000 : 3000);
  }

  async function act(action, words) {
    try {
      await action();
      say(words);
      document.activeElement?.blur();
      load();
    } catch (error) {
      problem.hidden = false;
      setText(problem, error.message);
    }
  }

  function redriveAll() {
    act(async () => {
      const { redriven } = await api.redriveAll(query());
      say(`${redriven} calls are sent again`);
    }, "Sent again");
  }

  function row(call) {
    const owner = { name: call.function, namespace: call.namespace };
    const when = call.state === "waiting" && call.nextAttemptAt && call.attempts > 0 ? `next try at ${stamp(call.nextAttemptAt)}` : "";
    return h("tr", {},
      h("td", {}, h("time", { datetime: call.acceptedAt }, stamp(call.acceptedAt)), h("small", { class: "id" }, call.id)),
      !fn && h("td", {}, h("a", { href: pathOf(owner) }, call.function)),
      h("td", {}, h("span", { class: "pill", "data-tone": tones[call.state] ?? "off" }, call.state),
        h("small", {}, [call.error ?? (call.status ? `answered ${call.status}` : ""), when].filter(Boolean).join("; "))),
      h("td", { class: "code" }, `${call.method} ${call.path || "/"}`),
      h("td", {}, String(call.attempts)),
      h("td", {}, call.durationSeconds === undefined ? "–" : seconds(call.durationSeconds)),
      h("td", {}, call.state === "dead" && h("button", {
        type: "button", "aria-label": `Send ${call.id} again`, onclick: () => act(() => api.redrive(call.id), "Sent again"),
      }, "Send again"),
      (call.state === "waiting" || call.state === "running") && h("button", {
        type: "button", "aria-label": `Call off ${call.id}`, onclick: () => act(() => api.cancel(call.id), "Called off"),
      }, "Call off")));
  }

  return {
    element,
    opened() { isOpen = true; load(); },
    close() { isOpen = false; clearTimeout(timer); },
  };
}

/** The page of all calls. */
export function callsPage() {
  const tab = callsTab(undefined);
  return { title: "Calls", element: h("div", {}, h("h1", {}, "Asynchronous calls"), tab.element), opened: tab.opened, close: tab.close };
}
