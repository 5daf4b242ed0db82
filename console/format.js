// Numbers and times for people.

export function number(value) {
  if (value === undefined || value === null) return "–";
  if (value >= 1e6) return `${trim(value / 1e6)}M`;
  if (value >= 1e4) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value) {
  if (value === 0) return "0";
  if (value >= 100) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(2).replace(/\.?0+$/, "");
}

export function seconds(value) {
  if (!value) return "–";
  if (value >= 60) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  if (value >= 1) return `${trim(value)} s`;
  return `${trim(value * 1000)} ms`;
}

export function bytes(value) {
  if (value === undefined || value === null) return "–";
  if (value < 1024) return `${value} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${trim(value)} ${units[unit]}`;
}

/** Thousandths of a core as a part of one. */
export function cores(thousandths) {
  if (thousandths === undefined || thousandths === null) return "–";
  return thousandths >= 1000 ? `${trim(thousandths / 1000)} cores` : `${trim(thousandths / 10)} %`;
}

/** How long ago, in one unit. `time` is seconds since 1970. */
export function ago(time) {
  if (!time) return "–";
  const passed = Math.max(0, Date.now() / 1000 - time);
  if (passed < 5) return "now";
  if (passed < 60) return `${Math.floor(passed)} s ago`;
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`;
  return `${Math.floor(passed / 86400)} d ago`;
}

export const clock = (date) => date.toLocaleTimeString(undefined, { hour12: false });

export const stamp = (text) => {
  const date = new Date(text);
  return isNaN(date) ? String(text) : date.toLocaleString(undefined, { hour12: false });
};

/** What a state is called, and how urgent it is: 0 is worst. Words of later versions are shown as they are. */
const states = {
  "crash-loop": ["crash loop", 0, "bad"],
  failing: ["failing", 1, "bad"],
  degraded: ["degraded", 2, "warn"],
  starting: ["starting", 3, "warn"],
  running: ["running", 4, "good"],
  frozen: ["frozen", 4, "cold"],
  stopped: ["stopped", 4, "off"],
};

export const stateWord = (state) => (states[state]?.[0] ?? state);
export const stateRank = (state) => (states[state]?.[1] ?? 3);
export const stateTone = (state) => (states[state]?.[2] ?? "off");
