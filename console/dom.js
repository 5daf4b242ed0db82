// Building the page. Text is only ever put in as text: there is no way here to make markup of a string.

const svgNamespace = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** An element of HTML: h("a", { href, onclick }, "text", child, [children]). */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/** Replaces what an element holds. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Sets a text when it is another than before: writing costs a layout. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells a screen reader. */
export function say(text) {
  document.getElementById("spoken").textContent = text;
}

let ids = 0;

/** A label above its input. */
export function field(label, input, hint) {
  input.id ||= `field-${++ids}`;
  const note = hint && h("small", { id: `${input.id}-hint` }, hint);
  if (note) input.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input, note);
}

/** Tabs as a list of links. `tabs` are [key, label]. */
export function tabs(label, tabs, current, href) {
  return h("nav", { class: "tabs", "aria-label": label }, tabs.map(([key, text]) =>
    h("a", { href: href(key), "aria-current": key === current ? "page" : undefined }, text)));
}

/** Choices of which one holds. */
export function choice(label, options, current, chosen) {
  const buttons = options.map(([key, text]) => h("button", {
    type: "button", "aria-pressed": String(key === current),
    onclick: (event) => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button === event.currentTarget));
      chosen(key);
    },
  }, text));
  return h("div", { class: "choice", role: "group", "aria-label": label }, buttons);
}

/**
 * A table. `columns` are labels, `rows` are rows of cells: texts or elements. On a phone each row is a card, which would
 * take away what a table is to a screen reader; so the roles are named.
 */
export function table(label, columns, rows) {
  const body = h("tbody", { role: "rowgroup" });
  const element = h("table", { role: "table", "aria-label": label },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map((text) =>
      h("th", { role: "columnheader", scope: "col" }, text === "Actions" ? h("span", { class: "unseen" }, text) : text)))), body);
  const update = (rows) => put(body, rows.map((cells) => h("tr", { role: "row" }, cells.map((cell, index) =>
    h("td", { role: "cell", "data-label": columns[index] === "Actions" ? undefined : columns[index] }, h("div", {}, cell))))));
  update(rows ?? []);
  return { element, update };
}
