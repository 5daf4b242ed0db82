// Secrets. They can be made, replaced and removed; nobody can read them.

import * as api from "./api.js";
import { field, h, put, say, setText, table } from "./dom.js";
import { confirmed, openDialog } from "./dialog.js";

export function secretsView() {
  const namespace = h("select", { "aria-label": "Namespace", onchange: load }, h("option", {}, "openfaas-fn"));
  const list = h("div");
  const element = h("div", {}, h("h1", {}, "Secrets"),
    h("p", { class: "muted" }, "A secret is a file under ", h("code", {}, "/var/openfaas/secrets"), " in the functions that name it. Its value can be replaced, and never read here."),
    h("div", { class: "bar" }, namespace, h("button", { class: "primary", type: "button", onclick: () => edit() }, "New secret")), list);

  async function load() {
    try {
      const found = await api.secrets(namespace.value);
      put(list, found.length ? h("div", { class: "card" }, table("Secrets", ["Name", "Actions"], found
        .sort((a, b) => a.name.localeCompare(b.name)).map(({ name }) => [h("span", { class: "code" }, name),
          h("div", { class: "actions" }, h("button", { type: "button", "aria-label": `Replace ${name}`, onclick: () => edit(name) }, "Replace"),
            h("button", { type: "button", class: "danger", "aria-label": `Remove ${name}`, onclick: () => remove(name) }, "Remove"))])).element)
        : h("p", { class: "empty" }, "There is no secret in this namespace."));
    } catch (error) {
      put(list, h("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  function edit(known) {
    const name = h("input", { required: true, maxlength: 253, value: known ?? "", disabled: Boolean(known), autocomplete: "off", spellcheck: "false" });
    const value = h("textarea", { rows: 4, required: true, class: "code secret", autocomplete: "off", spellcheck: "false" });
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const close = openDialog(known ? `Replace ${known}` : "New secret", h("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          await api.changeSecret(known ? "PUT" : "POST", { name: name.value.trim(), namespace: namespace.value, value: value.value });
          value.value = "";
          close();
          say("The secret is kept");
          load();
        } catch (error) {
          problem.hidden = false;
          setText(problem, error.message);
        }
      },
    }, field("Name", name), field("Value", value), problem, h("div", { class: "actions" }, h("button", { class: "primary", type: "submit" }, known ? "Replace" : "Keep"))));
    (known ? value : name).focus();
  }

  function remove(name) {
    confirmed(`Remove ${name}?`, "Its value is gone then. A secret that a function uses cannot be removed.", "Remove", async () => {
      await api.changeSecret("DELETE", { name, namespace: namespace.value });
      say(`${name} is removed`);
      load();
    });
  }

  return {
    title: "Secrets", element,
    async opened() {
      load();
      const found = await api.namespaces().catch(() => []);
      if (found.length) {
        const current = namespace.value;
        put(namespace, found.map((each) => h("option", { value: each }, each)));
        namespace.value = found.includes(current) ? current : found[0];
      }
    },
  };
}
