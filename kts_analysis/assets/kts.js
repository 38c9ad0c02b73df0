// Draws the charts of a page from the JSON beside each one: at once as sketches, then by the chart
// script, first on screen first. That script is asked for only when the page itself stands.
(function () {
  "use strict";
  var waiting = [], PAPER = 660; // pixels between the margins of an A4 page
  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }
  function read(box) {
    return JSON.parse(document.getElementById(box.dataset.figure).textContent);
  }
  function draw(box) {
    if (box.dataset.drawn) { return; }
    box.dataset.drawn = "yes";
    var spec = read(box);
    // No tool bar: its buttons are English, some reach for a server, and all are tab stops.
    var config = { displayModeBar: false, responsive: true, plotlyServerURL: "" };
    var sketch = box.querySelector(".kts-sketch");
    if (sketch) { sketch.remove(); }
    Plotly.newPlot(box, spec.data, spec.layout, config);
  }
  function step() {
    var box = window.Plotly ? waiting.shift() : null; // without it the sketches stay
    if (box) { draw(box); window.setTimeout(step, 0); }
  }
  function load() {
    var source = document.querySelector("script[data-charts]");
    if (!source || !waiting.length) { return; }
    var script = document.createElement("script");
    script.src = source.dataset.charts;
    script.addEventListener("load", step);
    document.head.appendChild(script);
  }
  function sketches() {
    each(".kts-figure", function (box) { window.ktsSketch(box, read(box)); });
  }
  function beforePrint() {
    if (window.Plotly) {
      waiting.splice(0).forEach(draw);
      each(".kts-figure", function (box) { Plotly.relayout(box, { width: PAPER, autosize: false }); });
    }
    each("details:not([open])", function (part) { part.open = true; part.dataset.printed = "yes"; });
  }
  function afterPrint() {
    if (window.Plotly) {
      each(".kts-figure", function (box) { Plotly.relayout(box, { width: null, autosize: true }); });
    }
    each("details[data-printed]", function (part) { part.open = false; delete part.dataset.printed; });
  }
  function start() {
    waiting = Array.prototype.slice.call(document.querySelectorAll(".kts-figure"));
    sketches();
    // After the next frame: what has been sketched is on the screen before the long wait.
    window.requestAnimationFrame(function () { window.setTimeout(load, 50); });
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
