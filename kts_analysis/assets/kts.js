// Draws the charts of a page from the JSON beside each one, first on screen first.
(function () {
  "use strict";
  var waiting = [];
  function draw(box) {
    if (box.dataset.drawn) { return; }
    box.dataset.drawn = "yes";
    var spec = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    var config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["sendDataToCloud"] };
    Plotly.newPlot(box, spec.data, spec.layout, config);
  }
  function step() {
    var box = waiting.shift();
    if (box) { draw(box); window.setTimeout(step, 0); }
  }
  function start() {
    waiting = Array.prototype.slice.call(document.querySelectorAll(".kts-figure"));
    step();
    window.addEventListener("beforeprint", function () { waiting.splice(0).forEach(draw); });
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
