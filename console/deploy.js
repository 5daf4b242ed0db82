// Deploying a function, and changing how one is deployed.

import * as api from "./api.js";
import { field, h, put, say, setText } from "./dom.js";
import { pathOf } from "./list.js";
import { sentence } from "./login.js";

/** The form: empty, or of `fn`. */
export function deployView(fn) {
  const input = (attributes) => h("input", { autocomplete: "off", spellcheck: "false", ...attributes });
  const area = (placeholder) => h("textarea", { rows: 3, spellcheck: "false", class: "code", placeholder });
  const image = input({ required: true, placeholder: "ghcr.io/openfaas/figlet:latest" });
  const name = input({ required: true, placeholder: "figlet", maxlength: 63, value: fn?.name ?? "", disabled: Boolean(fn) });
  const namespace = h("select", { disabled: Boolean(fn), onchange: loadSecrets }, h("option", {}, fn?.namespace ?? "openfaas-fn"));
  const command = input({ placeholder: "the image's own" });
  const environment = area("KEY=value");
  const labels = area("com.openfaas.scale.min=1");
  const annotations = area("topic=orders");
  const constraints = input({ placeholder: "none" });
  const memory = input({ placeholder: "128Mi" });
  const cpu = input({ placeholder: "500m" });
  const memoryRequest = input({ placeholder: "none" });
  const cpuRequest = input({ placeholder: "none" });
  const readOnly = h("input", { type: "checkbox" });
  const secrets = h("div", { class: "checks" }, h("span", { class: "muted" }, "There is none in this namespace."));
  const problem = h("pre", { class: "problem", role: "alert", hidden: true });
  const button = h("button", { class: "primary", type: "submit" }, fn ? "Update" : "Deploy");
  const progress = h("p", { class: "muted", role: "status" });
  let chosenSecrets = new Set();
  let isOpen = true;

  const more = h("details", { class: "card", open: Boolean(fn) }, h("summary", {}, "More settings"),
    h("div", { class: "grid" },
      field("Environment", environment, "KEY=value, one a line"), field("Labels", labels, "KEY=value, one a line"),
      field("Annotations", annotations, "KEY=value, one a line"),
      h("fieldset", { class: "field" }, h("legend", {}, "Secrets"), secrets),
      field("Memory at most", memory), field("CPU at most", cpu), field("Memory asked for", memoryRequest), field("CPU asked for", cpuRequest),
      field("Constraints", constraints, "with commas between"),
      h("label", { class: "check" }, readOnly, " read-only root file system")));
  const element = h("form", { class: "deploy", onsubmit: submit },
    h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Functions"), fn && [" / ", h("a", { href: pathOf(fn) }, fn.name)]),
    h("h1", {}, fn ? `Edit ${fn.name}` : "Deploy a function"),
    h("div", { class: "card grid" },
      field("Image", image, "any image with a command; a watchdog inside is not needed"), field("Name", name, fn ? undefined : "lower-case letters, digits and -"),
      field("Command", command, "reads a call from standard input and writes the answer to standard output"), field("Namespace", namespace)),
    more, problem, h("div", { class: "actions" }, button, h("a", { class: "button", href: fn ? pathOf(fn) : "#/" }, "Cancel"), progress));

  function pairs(textarea, what) {
    const read = {};
    for (const line of textarea.value.split("\n").filter((line) => line.trim())) {
      const equals = line.indexOf("=");
      if (equals < 1) throw new Error(`${what}: "${line.trim()}" is not KEY=value`);
      read[line.slice(0, equals).trim()] = line.slice(equals + 1);
    }
    return read;
  }

  async function submit(event) {
    event.preventDefault();
    problem.hidden = true;
    try {
      const target = { name: name.value.trim(), namespace: namespace.value };
      const deployment = {
        service: target.name, namespace: target.namespace, image: image.value.trim(), envProcess: command.value.trim() || undefined,
        envVars: pairs(environment, "Environment"), labels: pairs(labels, "Labels"), annotations: pairs(annotations, "Annotations"),
        secrets: [...chosenSecrets], constraints: constraints.value.split(",").map((text) => text.trim()).filter(Boolean),
        limits: resources(memory, cpu), requests: resources(memoryRequest, cpuRequest), readOnlyRootFilesystem: readOnly.checked,
      };
      button.disabled = true;
      setText(progress, "Fetching the image and waiting for the first replica…");
      await api.deploy(deployment, !fn);
      say(fn ? "Updated" : "Deployed");
      if (isOpen) location.hash = pathOf(target);
    } catch (error) {
      problem.hidden = false;
      setText(problem, sentence(error.message));
      problem.scrollIntoView({ block: "nearest" });
    } finally {
      button.disabled = false;
      setText(progress, "");
    }
  }

  const resources = (memory, cpu) => (memory.value.trim() || cpu.value.trim()
    ? { memory: memory.value.trim() || undefined, cpu: cpu.value.trim() || undefined } : undefined);

  async function loadSecrets() {
    try {
      const found = await api.secrets(namespace.value);
      const names = [...new Set([...found.map((secret) => secret.name), ...chosenSecrets])].sort();
      put(secrets, names.length ? names.map((secret) => h("label", { class: "check" }, h("input", {
        type: "checkbox", checked: chosenSecrets.has(secret),
        onchange: (event) => { if (event.target.checked) chosenSecrets.add(secret); else chosenSecrets.delete(secret); },
      }), ` ${secret}`)) : h("span", { class: "muted" }, "There is none in this namespace."));
    } catch {
      // Without the list a deployment can still be made.
    }
  }

  async function load() {
    const text = (values) => Object.entries(values ?? {}).map(([key, value]) => `${key}=${value}`).join("\n");
    if (fn) {
      try {
        const status = await api.describe(fn);
        image.value = status.image;
        command.value = status.envProcess ?? "";
        environment.value = text(status.envVars);
        labels.value = text(status.labels);
        annotations.value = text(status.annotations);
        constraints.value = (status.constraints ?? []).join(", ");
        [memory.value, cpu.value] = [status.limits?.memory ?? "", status.limits?.cpu ?? ""];
        [memoryRequest.value, cpuRequest.value] = [status.requests?.memory ?? "", status.requests?.cpu ?? ""];
        readOnly.checked = status.readOnlyRootFilesystem === true;
        chosenSecrets = new Set(status.secrets ?? []);
      } catch (error) {
        problem.hidden = false;
        setText(problem, sentence(error.message));
      }
    } else {
      const found = await api.namespaces().catch(() => []);
      if (found.length) put(namespace, found.map((each) => h("option", { value: each }, each)));
    }
    await loadSecrets();
  }

  let isLoaded = false;
  return {
    title: fn ? `Edit ${fn.name}` : "Deploy", element,
    opened() {
      // A session that ended and was renewed must not undo what was typed.
      if (!isLoaded) load();
      isLoaded = true;
      image.focus({ preventScroll: true });
    },
    close() { isOpen = false; },
  };
}
