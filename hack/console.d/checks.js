// Runs in the page: what a person who cannot see, or sees badly, or has no mouse would stumble over. Returns sentences.
() => {
  const found = [];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length > 0;
  const path = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${element.className && typeof element.className === "string" ? `.${element.className.replaceAll(" ", ".")}` : ""}`;

  // Names
  const labelled = (element) => (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
  const name = (element) => (element.getAttribute("aria-label") || labelled(element) || [...(element.labels ?? [])].map((label) => label.textContent).join("")
    || element.getAttribute("title") || (["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName) ? "" : element.textContent) || "").trim();
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=img], [role=table], [role=log], [tabindex='0']")) {
    if (isShown(element) && !name(element)) found.push(`${path(element)} has no name`);
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) found.push(`${path(image)} has no alt`);

  // Structure
  if (document.documentElement.lang !== "en") found.push("the page names no language");
  if (document.querySelectorAll("main").length !== 1) found.push("there is not one main");
  if ([...document.querySelectorAll("h1")].filter((head) => head.isConnected).length < 1) found.push("there is no h1");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) found.push(`the id ${id} is there twice`);
  for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const id of `${element.getAttribute("aria-describedby") ?? ""} ${element.getAttribute("aria-labelledby") ?? ""}`.split(" ").filter(Boolean)) {
      if (!document.getElementById(id)) found.push(`${path(element)} points to ${id}, which is not there`);
    }
  }

  // Contrast (WCAG 2.2, 1.4.3): every piece of text against what is painted behind it.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colour = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, a], below) => [r * a + below[0] * (1 - a), g * a + below[1] * (1 - a), b * a + below[2] * (1 - a), 1];
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(colour(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || seen.has(element) || !isShown(element) || element.closest(":disabled, option, noscript")) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const behind = ground(element);
    const text = over(colour(element instanceof SVGElement ? style.fill : style.color), behind);
    const [high, low] = [light(text), light(behind)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) found.push(`${path(element)} "${texts.currentNode.textContent.trim().slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
  }

  // Size: nothing wider than the window, nothing too small for a finger (WCAG 2.2, 2.5.8).
  if (document.scrollingElement.scrollWidth > innerWidth) found.push(`the page is ${document.scrollingElement.scrollWidth} wide in a window of ${innerWidth}`);
  for (const element of document.querySelectorAll("button, .button, select, input:not([type=checkbox])")) {
    const box = element.getBoundingClientRect();
    if (isShown(element) && (box.width < 24 || box.height < 24)) found.push(`${path(element)} is ${Math.round(box.width)} by ${Math.round(box.height)}`);
  }
  return found;
}
