// The frame of the page: navigation, theme, keys, and which view is shown.

import * as api from "./api.js";
import * as store from "./store.js";
import { h, put, say, setText } from "./dom.js";
import { showLogin } from "./login.js";
import { openDialog, isDialogOpen } from "./dialog.js";
import { listView } from "./list.js";
import { functionView } from "./function.js";
import { deployView } from "./deploy.js";
import { callsPage } from "./calls.js";
import { secretsView } from "./secrets.js";

const main = document.getElementById("main");
const notice = document.getElementById("notice");
let view;

/** The view of a hash such as #/f/NAMESPACE/NAME/logs. */
function viewOf(parts) {
  switch (parts[0] ?? "") {
    case "": return listView();
    case "f": if (parts[1] && parts[2]) return functionView({ namespace: parts[1], name: parts[2] }, parts[3] ?? "invoke"); break;
    case "deploy": return deployView(undefined);
    case "edit": if (parts[1] && parts[2]) return deployView({ namespace: parts[1], name: parts[2] }); break;
    case "calls": return callsPage();
    case "secrets": return secretsView();
  }
  return { title: "Not found", element: h("p", { class: "empty" }, "There is no such page. ", h("a", { href: "#/" }, "All functions")) };
}

function partsOfHash() {
  try {
    return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return ["nowhere"];
  }
}

function show() {
  api.keepToken();
  if (!api.isLoggedIn()) return askForLogin();
  const parts = partsOfHash();
  // Going from one tab of a function to another keeps its page.
  const identity = parts[0] === "f" ? parts.slice(0, 3).join("/") : location.hash;
  if (view?.identity === identity && view.go) {
    view.go(parts[3] ?? "invoke");
  } else {
    view?.close?.();
    view = viewOf(parts);
    view.identity = identity;
    put(main, view.element);
    store.watch(view.watches);
    view.opened?.();
    main.scrollTop = 0;
    window.scrollTo(0, 0);
  }
  document.title = view.title ? `${view.title} – faasd` : "faasd";
  for (const link of document.querySelectorAll(".top nav a")) {
    const isHere = link.dataset.part === (parts[0] === "f" || parts[0] === "edit" ? "" : parts[0] ?? "");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function askForLogin(reason) {
  store.stop();
  document.body.classList.add("locked");
  showLogin(reason, () => {
    document.body.classList.remove("locked");
    store.start(view?.watches);
    if (view) view.opened?.();
    else show();
  });
}

// MARK: The bar at the top

const lamp = h("span", { class: "lamp", role: "img" });

function themeButton() {
  const next = { auto: "light", light: "dark", dark: "auto" };
  const labels = { auto: "as the system", light: "light", dark: "dark" };
  const signs = { auto: "◐", light: "☀", dark: "☾" };
  const current = () => document.documentElement.dataset.theme ?? "auto";
  const button = h("button", { class: "plain", type: "button", onclick: change });
  const tell = () => {
    put(button, h("span", { "aria-hidden": "true" }, signs[current()]));
    button.setAttribute("aria-label", `Colours: ${labels[current()]}`);
    button.title = `Colours: ${labels[current()]}`;
  };
  function change() {
    const wanted = next[current()];
    if (wanted === "auto") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("faasd-theme");
    } else {
      document.documentElement.dataset.theme = wanted;
      localStorage.setItem("faasd-theme", wanted);
    }
    tell();
    say(`Colours: ${labels[wanted]}`);
  }
  tell();
  return button;
}

async function logout() {
  store.stop();
  view?.close?.();
  view = undefined;
  put(main);
  await api.logout();
  askForLogin();
}

put(document.getElementById("top"),
  h("a", { class: "brand", href: "#/" }, h("img", { src: "/ui/icon.svg", alt: "", width: 22, height: 22 }), "faasd"),
  h("nav", { "aria-label": "Main" },
    [["", "Functions"], ["calls", "Calls"], ["secrets", "Secrets"]].map(([part, label]) =>
      h("a", { href: `#/${part}`, "data-part": part }, label))),
  h("div", { class: "tools" }, lamp, themeButton(),
    h("button", { class: "plain wide-only", type: "button", "aria-label": "Keys", title: "Keys (?)", onclick: showKeys }, "?"),
    h("button", { class: "plain", type: "button", onclick: logout }, "Log out")));

function showConnection() {
  const words = {
    connecting: "connecting", live: "live", lost: "connection lost", paused: "paused while the tab is hidden",
  };
  lamp.dataset.state = store.connection;
  lamp.setAttribute("aria-label", words[store.connection]);
  lamp.title = words[store.connection] + (store.version ? ` · faasd ${store.version}` : "");
  const wasLost = notice.textContent !== "";
  setText(notice, store.connection === "lost" ? "The daemon does not answer. What you see is of before; trying again…" : "");
  if (wasLost && store.connection === "live") say("Connected again");
}
store.news.addEventListener("connection", showConnection);
showConnection();

// MARK: Keys

const keys = [
  ["/", "search"], ["↑ ↓ or j k", "choose a function"], ["Enter", "open it"], ["i", "invoke it"], ["l", "its logs"],
  ["1 … 5", "its tabs"], ["d", "deploy"], ["Ctrl Enter", "send the call"], ["Esc", "back to all functions"], ["?", "this list"],
];

function showKeys() {
  openDialog("Keys", h("dl", { class: "keys" }, keys.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !api.isLoggedIn() || isDialogOpen()) return;
  const target = event.target;
  const isTyping = target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && isTyping) return target.blur();
  if (isTyping) return;
  if (view?.key?.(event)) return event.preventDefault();
  const actions = { "?": showKeys, d: () => { location.hash = "#/deploy"; }, Escape: () => { location.hash = "#/"; }, "/": () => { location.hash = "#/"; } };
  if (Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  }
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

api.whenExpired(() => askForLogin("The session is over. Log in to go on where you were."));
window.addEventListener("hashchange", show);
if (api.isLoggedIn()) {
  show();
  store.start(view?.watches);
} else {
  askForLogin();
}
