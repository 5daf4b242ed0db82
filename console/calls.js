// Asynchronous calls: what waits, what ran, and what is dead and can be sent again.

import * as api from "./api.js";
import { choice, h, say, setText, table as makeTable } from "./dom.js";
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
  const { element: table, update } = makeTable("Asynchronous calls",
    ["Accepted", ...(fn ? [] : ["Function"]), "State", "Request", "Tries", "Took", "Actions"]);
  table.classList.add("card");
  const empty = h("p", { class: "empty", hidden: true });
  const all = h("button", { type: "button", onclick: redriveAll }, "Send all dead ones again");
  const more = h("button", { type: "button", hidden: true, onclick: () => { isMore = true; load(); } }, "Show more");
  const element = h("div", {},
    h("div", { class: "bar" }, choice("State", states, state, (chosen) => { state = chosen; isMore = false; load(); }), all),
    problem, table, empty, more);

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
      if (!table.contains(document.activeElement)) update(found.map(row));
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
    const button = (text, label, action, words) => h("button", { type: "button", "aria-label": label, onclick: () => act(action, words) }, text);
    return [
      [h("time", { datetime: call.acceptedAt }, stamp(call.acceptedAt)), h("small", { class: "id" }, call.id)],
      ...(fn ? [] : [h("a", { href: pathOf(owner) }, call.function)]),
      [h("span", { class: "pill", "data-tone": tones[call.state] ?? "off" }, call.state),
        h("small", {}, [call.error ?? (call.status ? `answered ${call.status}` : ""), when].filter(Boolean).join("; "))],
      h("span", { class: "code" }, `${call.method} ${call.path || "/"}`),
      String(call.attempts),
      call.durationSeconds === undefined ? "–" : seconds(call.durationSeconds),
      call.state === "dead" ? button("Send again", `Send ${call.id} again`, () => api.redrive(call.id), "Sent again")
        : call.state === "waiting" || call.state === "running" ? button("Call off", `Call off ${call.id}`, () => api.cancel(call.id), "Called off")
          : "",
    ];
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
