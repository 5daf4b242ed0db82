// Before anything is painted, so that the page does not flash in the other colours.
"use strict";
{
  const wanted = localStorage.getItem("faasd-theme");
  if (wanted === "light" || wanted === "dark") document.documentElement.dataset.theme = wanted;
}
