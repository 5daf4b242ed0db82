// Windows over the page: <dialog>, which keeps the focus in itself and gives it back.

import { h } from "./dom.js";

export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/** Shows a window. Returns a function that closes it. */
export function openDialog(title, ...content) {
  const dialog = h("dialog", { "aria-label": title },
    h("div", { class: "dialog-head" }, h("h2", {}, title),
      h("button", { class: "plain", type: "button", "aria-label": "Close", onclick: () => dialog.close() }, "✕")),
    content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  return () => dialog.close();
}

/** Asks before something is done that cannot be undone; shows the reason when it fails. */
export function confirmed(title, text, verb, action) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const go = h("button", { class: "danger", type: "button" }, verb);
  const close = openDialog(title, h("p", {}, text), problem,
    h("div", { class: "actions" }, go, h("button", { type: "button", onclick: () => close() }, "Cancel")));
  go.addEventListener("click", async () => {
    go.disabled = true;
    try {
      await action();
      close();
    } catch (error) {
      problem.hidden = false;
      problem.textContent = error.message;
      go.disabled = false;
    }
  });
  go.focus();
}
