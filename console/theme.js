// Before anything is painted, so that the page does not flash in the other colours.
"use strict";
// A browser breaks off what it loads when a network comes or goes, and each replica brings one to this machine: without
// all of its files the page would stay empty.
document.addEventListener("error", (event) => {
  if (event.target.matches?.("script, link")) setTimeout(() => location.reload(), 1000);
}, { capture: true });
{
  const wanted = localStorage.getItem("faasd-theme");
  if (wanted === "light" || wanted === "dark") document.documentElement.dataset.theme = wanted;
}
