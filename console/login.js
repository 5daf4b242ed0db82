// Logging in. The window is shown over whatever was there, so that nothing typed is lost when a session ends.

import { login } from "./api.js";
import { field, h } from "./dom.js";

let shown;

/** Asks for name and password until they are right; then calls `done`. */
export function showLogin(reason, done) {
  if (shown) return;
  const user = h("input", { name: "username", autocomplete: "username", required: true, value: "admin", autocapitalize: "none", spellcheck: "false" });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const button = h("button", { class: "primary", type: "submit" }, "Log in");
  const dialog = h("dialog", { class: "login", "aria-label": "Log in" },
    h("form", { method: "dialog", onsubmit: submit },
      h("h1", {}, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 }), "faasd"),
      reason && h("p", { class: "muted" }, reason),
      field("Name", user), field("Password", password), problem, button,
      h("p", { class: "muted small" }, "The password of the first start is in ",
        h("code", {}, "/var/lib/faasd/secrets/basic-auth-password"), " on the machine.")));
  dialog.addEventListener("cancel", (event) => event.preventDefault());

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      await login(user.value, password.value);
      shown = undefined;
      password.value = "";
      dialog.close();
      dialog.remove();
      done();
    } catch (error) {
      problem.hidden = false;
      problem.textContent = error.status ? sentence(error.message) : "The daemon cannot be reached.";
      password.select();
    } finally {
      button.disabled = false;
    }
  }

  shown = dialog;
  document.body.append(dialog);
  dialog.showModal();
  (user.value ? password : user).focus();
}

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
