// Rate, errors, latency, CPU and memory over five minutes or an hour.

import * as api from "./api.js";
import { chart } from "./chart.js";
import { choice, h, setText } from "./dom.js";
import { bytes, cores, number, seconds } from "./format.js";

export function chartsTab(fn) {
  const charts = [
    chart("Calls a second", [{ label: "calls", tone: "a", column: "rate" }, { label: "errors", tone: "bad", column: "errors" }], number),
    chart("Time a call takes", [{ label: "p50", tone: "a", column: "p50" }, { label: "p95", tone: "b", column: "p95" }, { label: "p99", tone: "c", column: "p99" }], seconds, { zeroIsNone: true }),
    chart("CPU", [{ label: "all replicas", tone: "a", column: "cpu" }], cores),
    chart("Memory", [{ label: "all replicas", tone: "b", column: "memoryBytes" }], (value) => bytes(Math.round(value)), { base: 1024 }),
  ];
  const state = h("p", { class: "muted", role: "status" });
  const element = h("div", {},
    h("div", { class: "bar" }, choice("Time", [["5m", "5 minutes"], ["1h", "1 hour"]], "5m", (chosen) => { span = chosen; load(); }), state),
    h("div", { class: "charts" }, charts.map(({ element }) => element)));
  let span = "5m";
  let isOpen = false;
  let ticks = 0;

  async function load() {
    try {
      const asked = span;
      const found = await api.series(fn, asked);
      if (asked !== span) return;
      setText(state, found.time.length < 2 ? "Samples are taken while somebody looks; the first come in a few seconds." : "");
      for (const each of charts) each.update(found, span === "5m" ? 300 : 3600);
    } catch (error) {
      if (error.status) setText(state, error.message);
    }
  }

  return {
    element,
    opened() { isOpen = true; load(); },
    close() { isOpen = false; },
    samples() {
      ticks += 1;
      if (isOpen && (span === "5m" || ticks % 15 === 0)) load();
    },
  };
}
