// Small charts of SVG, drawn by hand.

import { h, put, s, setText } from "./dom.js";

/** A line without axes; `update(values)` draws. */
export function sparkline(width, height) {
  const area = s("path", { class: "spark-area" });
  const line = s("path", { class: "spark-line" });
  const element = s("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", preserveAspectRatio: "none" }, area, line);
  return {
    element,
    update(values, length) {
      const top = Math.max(...values, 0.001);
      const isQuiet = !values.some((value) => value > 0);
      const points = values.map((value, index) => {
        const x = ((index + length - values.length) / (length - 1)) * width;
        return `${x.toFixed(1)} ${(height - 1 - (value / top) * (height - 3)).toFixed(1)}`;
      });
      element.classList.toggle("quiet", isQuiet);
      if (points.length < 2) {
        line.setAttribute("d", "");
        area.setAttribute("d", "");
        return;
      }
      line.setAttribute("d", `M${points.join("L")}`);
      area.setAttribute("d", isQuiet ? "" : `M${points.join("L")}L${width} ${height}L${points[0].split(" ")[0]} ${height}Z`);
    },
  };
}

const height = 150;
const left = 52;
const bottom = 18;

/** The next number above that makes a good end of an axis, in a unit that is `base` times the one below it. */
function niceTop(value, base) {
  if (!(value > 0)) return 1;
  if (base && value >= base) return base * niceTop(value / base, base);
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value);
}

/**
 * A chart with axes. `lines` are [{ label, tone, column }]; `format` writes a value. Where `zeroIsNone`, 0 is no value but
 * the want of one. `base` is that of the units.
 * `update(series)` draws the columns of /system/series.
 */
export function chart(title, lines, format, { zeroIsNone = false, base } = {}) {
  const plot = s("g");
  const cursor = s("line", { class: "cursor", y1: 0, y2: height - bottom, visibility: "hidden" });
  const picture = s("svg", { class: "chart", role: "img", "aria-label": title }, plot, cursor);
  let width = 600;
  const readings = lines.map(() => h("output", {}, "–"));
  const when = h("span", { class: "muted" });
  const element = h("figure", { class: "card" },
    h("figcaption", {}, h("strong", {}, title), when,
      h("span", { class: "legend" }, lines.map((line, index) =>
        h("span", { class: `key ${line.tone}` }, `${line.label} `, readings[index])))),
    picture);
  let data;
  let span = [0, 1];

  const x = (time) => left + ((time - span[0]) / (span[1] - span[0])) * (width - left - 4);

  function read(index) {
    lines.forEach((line, number) => {
      const value = index === undefined ? undefined : data[line.column][index];
      setText(readings[number], value === null || value === undefined ? "–" : format(value));
    });
  }

  function update(series, seconds) {
    data = series;
    // One unit is one pixel, so that letters on a phone are as large as elsewhere.
    width = Math.max(220, picture.clientWidth || width);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const end = series.time.at(-1) ?? Math.floor(Date.now() / 1000);
    span = [end - seconds, end];
    const highest = Math.max(0, ...lines.flatMap((line) => series[line.column].filter((value) => value !== null)));
    const top = niceTop(highest, base);
    const y = (value) => 6 + (1 - value / top) * (height - bottom - 10);
    const marks = [0, 0.5, 1].map((share) => [
      s("line", { class: "grid", x1: left, x2: width, y1: y(top * share), y2: y(top * share) }),
      s("text", { x: left - 6, y: y(top * share) + 4, "text-anchor": "end" }, share === 0 ? "0" : format(top * share)),
    ]);
    const minutes = seconds / 60;
    const times = (width < 420 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((share) => s("text", {
      x: left + share * (width - left - 4), y: height - 3, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
    }, share === 1 ? "now" : `−${Number((minutes * (1 - share)).toFixed(2))} min`));
    put(plot, marks, times, lines.map((line) => path(series, line, y)));
    const last = series.time.length - 1;
    read(last < 0 ? undefined : last);
    setText(when, "");
    picture.setAttribute("aria-label", `${title}, the last ${minutes} minutes: ${lines.map((line) =>
      `${line.label} is now ${last < 0 ? "unknown" : format(data[line.column][last] ?? 0)}, at most ${format(
        Math.max(0, ...series[line.column].map((value) => value ?? 0)))}`).join("; ")}`);
  }

  function path(series, line, y) {
    const pieces = [];
    let before;
    series.time.forEach((time, index) => {
      const value = series[line.column][index];
      if (value === null || value === undefined || (zeroIsNone && value === 0) || time < span[0]) { before = undefined; return; }
      // Where nobody looked there is a gap, and not a straight line.
      if (before === undefined || time - before >= series.stepSeconds * 2.5) pieces.push([]);
      pieces.at(-1).push([x(time), y(value)]);
      before = time;
    });
    // A point by itself is a short dash.
    const drawn = pieces.map((points) => (points.length > 1
      ? `M${points.map(([left, top]) => `${left.toFixed(1)} ${top.toFixed(1)}`).join("L")}`
      : `M${(points[0][0] - 2).toFixed(1)} ${points[0][1].toFixed(1)}h4`));
    return s("path", { class: `line ${line.tone}`, d: drawn.join("") });
  }

  picture.addEventListener("pointermove", (event) => {
    if (!data?.time.length) return;
    const box = picture.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    let best = 0;
    data.time.forEach((time, index) => {
      if (Math.abs(x(time) - place) < Math.abs(x(data.time[best]) - place)) best = index;
    });
    cursor.setAttribute("x1", x(data.time[best]));
    cursor.setAttribute("x2", x(data.time[best]));
    cursor.setAttribute("visibility", "visible");
    setText(when, new Date(data.time[best] * 1000).toLocaleTimeString(undefined, { hour12: false }));
    read(best);
  });
  picture.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    setText(when, "");
    if (data) read(data.time.length - 1);
  });
  return { element, update };
}
