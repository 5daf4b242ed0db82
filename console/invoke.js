// Calling a function, and looking at what it answers. Nothing of an answer is ever shown as anything but text.

import { choice, field, h, put, say, setText } from "./dom.js";
import { bytes, seconds } from "./format.js";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const largestShown = 256 * 1024;
const largestRead = 8 * 1024 * 1024;

export function invokeTab(fn) {
  const method = h("select", { "aria-label": "Method" }, methods.map((name) => h("option", { selected: name === "POST" }, name)));
  const path = h("input", { placeholder: "/path?query", "aria-label": "Path and query", autocomplete: "off", spellcheck: "false" });
  const headers = h("textarea", { rows: 2, spellcheck: "false", placeholder: "Name: value" });
  const text = h("textarea", { rows: 8, spellcheck: "false", class: "code" });
  const file = h("input", { type: "file" });
  const later = h("input", { type: "checkbox" });
  const send = h("button", { class: "primary", type: "submit" }, "Send");
  const stop = h("button", { type: "button", hidden: true, onclick: () => abort?.abort() }, "Stop");
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const answer = h("section", { class: "answer card", "aria-label": "Answer" }, h("p", { class: "muted" }, "The answer will be here."));
  const textField = field("Body", text);
  const fileField = field("File", file);
  fileField.hidden = true;
  let kind = "text";
  let abort;

  const form = h("form", { class: "request card", onsubmit: submit },
    h("div", { class: "line" }, method, h("span", { class: "prefix", "aria-hidden": "true" }, `/function/${fn.name}`), path, send, stop),
    h("div", { class: "line" },
      choice("Kind of body", [["text", "Text"], ["json", "JSON"], ["file", "File"]], kind, (chosen) => {
        kind = chosen;
        textField.hidden = kind === "file";
        fileField.hidden = kind !== "file";
      }),
      h("label", { class: "check" }, later, " later (asynchronous)")),
    textField, fileField,
    h("details", {}, h("summary", {}, "Headers"), field("One a line", headers)),
    problem,
    h("p", { class: "muted small" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"), " sends. ",
      h("a", { href: target(), target: "_blank", rel: "noopener noreferrer" }, "Open in a new tab")));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });

  function target(prefix = "function") {
    const rest = path.value && !/^[/?]/.test(path.value) ? `/${path.value}` : path.value;
    return `/${prefix}/${encodeURIComponent(`${fn.name}.${fn.namespace}`)}${rest}`;
  }

  function readHeaders() {
    const read = new Headers();
    for (const line of headers.value.split("\n").filter((line) => line.trim())) {
      const colon = line.indexOf(":");
      if (colon < 1) throw new Error(`The header "${line.trim()}" has no colon.`);
      read.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    }
    return read;
  }

  async function submit(event) {
    event.preventDefault();
    problem.hidden = true;
    try {
      const used = readHeaders();
      let body;
      if (!["GET", "HEAD"].includes(method.value)) {
        if (kind === "file") {
          body = file.files[0];
          if (!body) throw new Error("No file is chosen.");
        } else {
          body = text.value;
        }
        if (kind === "json") {
          JSON.parse(body);
          if (!used.has("content-type")) used.set("content-type", "application/json");
        } else if (kind === "text" && !used.has("content-type")) {
          used.set("content-type", "text/plain");
        }
      }
      await call(used, body);
    } catch (error) {
      problem.hidden = false;
      setText(problem, error instanceof SyntaxError ? `The body is not JSON: ${error.message}` : error.message);
    }
  }

  async function call(used, body) {
    abort = new AbortController();
    const isLater = later.checked;
    send.disabled = true;
    stop.hidden = false;
    put(answer, h("p", { class: "muted", role: "status" }, "Waiting for the answer…"));
    const begun = performance.now();
    try {
      const response = await fetch(target(isLater ? "async-function" : "function"), {
        method: isLater ? "POST" : method.value, headers: used, body, signal: abort.signal,
        credentials: "omit", cache: "no-store", redirect: "manual",
      });
      const first = performance.now() - begun;
      if (response.type === "opaqueredirect") {
        put(answer, h("p", {}, "The function redirects elsewhere. A browser does not say where; ", h("code", {}, "curl -i"), " does."));
        return;
      }
      const { data, isCut } = await read(response);
      show(response, data, isCut, first, performance.now() - begun, isLater);
    } catch (error) {
      put(answer, h("p", { class: "problem" }, error.name === "AbortError" ? "Stopped." : "The call broke off: the gateway could not be reached, or closed the connection."));
    } finally {
      send.disabled = false;
      stop.hidden = true;
    }
  }

  async function read(response) {
    const parts = [];
    let size = 0;
    const reader = response.body?.getReader();
    while (reader) {
      const { value, done } = await reader.read();
      if (done) break;
      parts.push(value);
      size += value.length;
      if (size > largestRead) {
        reader.cancel();
        break;
      }
    }
    return { data: new Uint8Array(await new Blob(parts).arrayBuffer()), isCut: size > largestRead };
  }

  function show(response, data, isCut, first, whole, isLater) {
    const tone = response.status >= 500 ? "bad" : response.status >= 400 ? "warn" : "good";
    const inside = Number(response.headers.get("x-duration-seconds"));
    const words = `${response.status} ${response.statusText}`.trim();
    const found = [...response.headers].sort(([a], [b]) => a.localeCompare(b));
    put(answer,
      h("div", { class: "line" }, h("span", { class: "pill", "data-tone": tone }, words),
        h("span", { title: `first byte after ${seconds(first / 1000)}` }, `${seconds(whole / 1000)} in all`),
        inside > 0 && h("span", { class: "muted" }, `${seconds(inside)} at the gateway`), h("span", { class: "muted" }, bytes(data.length)),
        h("button", { type: "button", onclick: () => save(data, response) }, "Save")),
      isLater && response.status === 202 && h("p", {}, "The call is kept, and runs when it is its turn: ", h("code", {}, response.headers.get("x-call-id") ?? "")),
      isCut && h("p", { class: "muted" }, `Only the first ${bytes(largestRead)} were read.`),
      body(data, response.headers.get("content-type") ?? ""),
      h("details", {}, h("summary", {}, `Headers (${found.length})`),
        h("dl", { class: "pairs" }, found.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))));
    // On a phone it is below what can be seen.
    answer.scrollIntoView({ block: "nearest" });
    say(`Answered ${words} after ${seconds(whole / 1000)}`);
  }

  function body(data, type) {
    if (data.length === 0) return h("p", { class: "muted" }, "The body is empty.");
    let shown;
    try {
      shown = new TextDecoder("utf-8", { fatal: data.length <= largestShown }).decode(data.subarray(0, largestShown));
      if (shown.includes("\u0000")) throw new TypeError();
    } catch {
      return h("pre", { class: "body", tabindex: "0", role: "region", "aria-label": "Answer in hexadecimal" }, hexadecimal(data.subarray(0, 4096)));
    }
    if (/json/.test(type) || /^\s*[[{]/.test(shown)) {
      try {
        shown = JSON.stringify(JSON.parse(shown), null, 2);
      } catch {
        // It looked like JSON, and is shown as it came.
      }
    }
    return [
      h("pre", { class: "body", tabindex: "0", role: "region", "aria-label": "What was answered" }, shown),
      data.length > largestShown && h("p", { class: "muted" }, `The first ${bytes(largestShown)} are shown; Save has all.`),
    ];
  }

  return { element: h("div", { class: "invoke" }, form, answer), opened() { text.focus({ preventScroll: true }); }, close() { abort?.abort(); } };
}

function hexadecimal(data) {
  const rows = [];
  for (let start = 0; start < data.length; start += 16) {
    const row = [...data.subarray(start, start + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${start.toString(16).padStart(6, "0")}  ${digits.padEnd(47)}  ${letters}`);
  }
  return rows.join("\n");
}

function save(data, response) {
  // Never by its own type: a page of the function must not be opened as one of the console's.
  const url = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  const subtype = (response.headers.get("content-type") ?? "").match(/^\w+\/([\w]+)/)?.[1] ?? "bin";
  h("a", { href: url, download: `answer.${subtype === "plain" ? "txt" : subtype}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
