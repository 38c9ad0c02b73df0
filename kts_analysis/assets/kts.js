// Draws the charts of a page from the JSON beside each one, first on screen first.
(function () {
  "use strict";
  var waiting = [];
  function read(id) {
    return JSON.parse(document.getElementById(id).textContent);
  }
  function draw(box) {
    if (box.dataset.drawn) { return; }
    box.dataset.drawn = "yes";
    var spec = read(box.dataset.figure);
    // No tool bar: its buttons are English, some reach for a server, and all are tab stops.
    var config = { displayModeBar: false, responsive: true, plotlyServerURL: "" };
    Plotly.newPlot(box, spec.data, spec.layout, config);
  }
  function step() {
    var box = waiting.shift();
    if (box) { draw(box); window.setTimeout(step, 0); }
  }
  var PAPER = 660; // pixels between the margins of an A4 page
  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }
  function beforePrint() {
    waiting.splice(0).forEach(draw);
    each(".kts-figure", function (box) { Plotly.relayout(box, { width: PAPER, autosize: false }); });
    each("details:not([open])", function (part) { part.open = true; part.dataset.printed = "yes"; });
  }
  function afterPrint() {
    each(".kts-figure", function (box) { Plotly.relayout(box, { width: null, autosize: true }); });
    each("details[data-printed]", function (part) { part.open = false; delete part.dataset.printed; });
  }
  function start() {
    waiting = Array.prototype.slice.call(document.querySelectorAll(".kts-figure"));
    step();
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
