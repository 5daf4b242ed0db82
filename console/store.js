// What the page knows of all functions, kept true by one stream of events.

import { APIError, isLoggedIn, lines, request } from "./api.js";

const sparkLength = 45;

/** Functions by "NAME.NAMESPACE": { key, summary, sample, spark }. */
export const functions = new Map();
export const news = new EventTarget();
/** "connecting", "live", "lost" or "paused". */
export let connection = "connecting";
export let version = "";
export let isKnown = false;

let watched;
let abort;
let attempts = 0;
let timer;

const tell = (name) => news.dispatchEvent(new Event(name));

function setConnection(state) {
  if (connection === state) return;
  connection = state;
  tell("connection");
}

export const keyOf = (fn) => `${fn.name}.${fn.namespace}`;

function take(summary) {
  const key = keyOf(summary);
  const known = functions.get(key);
  if (known) known.summary = summary;
  else functions.set(key, { key, summary, sample: undefined, spark: new Array(sparkLength).fill(0) });
}

function takeSamples(samples) {
  for (const entry of functions.values()) {
    const sample = samples[entry.key];
    if (sample) entry.sample = sample;
    else if (entry.sample) entry.sample = { ...entry.sample, rate: 0, errors: 0, inFlight: 0 };
    entry.spark.push(sample?.rate ?? 0);
    if (entry.spark.length > sparkLength) entry.spark.shift();
  }
}

const handlers = {
  snapshot(data) {
    const present = new Set(data.functions.map(keyOf));
    for (const key of functions.keys()) if (!present.has(key)) functions.delete(key);
    data.functions.forEach(take);
    for (const [key, sample] of Object.entries(data.samples)) {
      const entry = functions.get(key);
      if (entry) entry.sample = sample;
    }
    version = data.version;
    isKnown = true;
    attempts = 0;
    setConnection("live");
    tell("functions");
  },
  function(data) {
    take(data);
    tell("functions");
  },
  gone(data) {
    functions.delete(keyOf(data));
    tell("functions");
  },
  samples(data) {
    takeSamples(data.samples);
    tell("samples");
  },
};

async function follow(signal) {
  const query = watched ? `?${new URLSearchParams({ function: watched.name, namespace: watched.namespace })}` : "";
  const answer = await request("GET", `/system/events${query}`, { signal });
  let name = "";
  for await (const line of lines(answer)) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ") && Object.hasOwn(handlers, name)) handlers[name](JSON.parse(line.slice(6)));
    if (name === "bye") setConnection("lost");
    if (name === "bye" || name === "expired") return;
  }
}

async function run() {
  clearTimeout(timer);
  abort?.abort();
  if (!isLoggedIn() || document.hidden) return;
  const own = new AbortController();
  abort = own;
  try {
    await follow(own.signal);
  } catch (error) {
    if (own.signal.aborted || (error instanceof APIError && error.status === 401)) return;
  }
  if (own.signal.aborted) return;
  attempts += 1;
  // One break may be the browser's own doing; it is worth a word when the daemon does not answer the next time either.
  if (attempts > 1) setConnection("lost");
  timer = setTimeout(run, Math.min(5000, 250 * 2 ** Math.min(attempts, 5)));
}

/** Begins, or begins anew: after a login, and for another function to be measured. */
export function start(fn) {
  watched = fn;
  run();
}

/** Measures the replicas of a function, or of none. */
export function watch(fn) {
  if (watched?.name === fn?.name && watched?.namespace === fn?.namespace) return;
  watched = fn;
  run();
}

export function stop() {
  clearTimeout(timer);
  abort?.abort();
  functions.clear();
  isKnown = false;
}

// A tab that nobody sees asks for nothing.
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.hidden) {
    timer = setTimeout(() => {
      abort?.abort();
      setConnection("paused");
    }, 3000);
  } else if (connection !== "live" || abort?.signal.aborted) {
    run();
  }
});
