// Draws a chart at once from its data, as the chart script will a moment later: that script takes
// seconds to start on a weak machine. Knows only what these pages use: lines, bands, marks, words.
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var DASH = { dot: "2 3", dash: "7 4", longdash: "12 6", dashdot: "7 3 2 3" };
  var SIGN = { // around 0 0, for a size of 2
    circle: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z", diamond: "M0-1.3L1.3 0L0 1.3L-1.3 0z",
    square: "M-.9-.9h1.8v1.8h-1.8z", x: "M-.8-.8L.8 .8M-.8 .8L.8-.8", cross: "M-1 0H1M0-1V1",
    "triangle-up": "M0-1.1L1.1 .9H-1.1z", "triangle-down": "M0 1.1L1.1-.9H-1.1z"
  };
  function add(parent, name, attributes, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) {
      if (attributes[key] !== undefined) { made.setAttribute(key, attributes[key]); }
    });
    if (text !== undefined) { made.textContent = text; }
    parent.appendChild(made);
    return made;
  }
  function isNumber(value) { return typeof value === "number" && isFinite(value); }

  function scale(axis, letter, data, shapes, from, to) {
    var names = axis.categoryarray, values = [];
    data.forEach(function (trace) {
      trace[letter].forEach(function (value) {
        var place = names ? names.indexOf(value) : value;
        if (isNumber(place)) { values.push(place); }
      });
    });
    shapes.forEach(function (shape) {
      if (shape[letter + "ref"] === letter && shape[letter + "0"] === shape[letter + "1"]) {
        values.push(shape[letter + "0"]);
      }
    });
    var low = Math.min.apply(null, values), high = Math.max.apply(null, values);
    if (axis.rangemode === "tozero") { low = Math.min(0, low); }
    var room = (high - low || 1) * 0.06, range = axis.range || [low - room, high + room];
    var at = function (value) {
      var place = names ? names.indexOf(value) : value;
      return from + (place - range[0]) / (range[1] - range[0]) * (to - from);
    };
    at.range = range;
    at.names = names;
    return at;
  }
  function ticks(at, axis, room) {
    if (at.names) { return at.names; }
    var step = axis.dtick, wide = at.range[1] - at.range[0];
    if (!step) {
      var rough = wide / Math.max(room, 2), unit = Math.pow(10, Math.floor(Math.log10(rough)));
      step = [1, 2, 5, 10].map(function (n) { return n * unit; })
        .filter(function (n) { return n >= rough; })[0];
    }
    while (wide / step > 2 * room) { step *= 2; }
    var found = [];
    for (var n = Math.ceil(at.range[0] / step); n * step <= at.range[1]; n++) {
      found.push(Math.round(n * step * 1e6) / 1e6 || 0);
    }
    return found;
  }
  function line(svg, trace, x, y, look, filled) {
    var path = "", open = false;
    trace.x.forEach(function (value, place) {
      var other = trace.y[place];
      if (value === null || other === null) { open = false; return; }
      path += (open ? "L" : "M") + x(value).toFixed(1) + " " + y(other).toFixed(1);
      open = true;
    });
    add(svg, "path", { d: filled ? path + "z" : path, fill: filled ? trace.fillcolor : "none",
      stroke: look.width === 0 ? "none" : look.color, "stroke-width": look.width,
      "stroke-dasharray": DASH[look.dash] });
  }
  function mark(svg, marker, x, y) {
    var symbol = (marker.symbol || "circle").replace("-open", ""), size = (marker.size || 6) / 2;
    var hollow = /-open$/.test(marker.symbol || "") || symbol === "x" || symbol === "cross";
    add(svg, "path", { d: SIGN[symbol] || SIGN.circle, fill: hollow ? "none" : marker.color,
      stroke: hollow ? marker.color : "none", "stroke-width": 2 / size,
      transform: "translate(" + x.toFixed(1) + " " + y.toFixed(1) + ") scale(" + size + ")" });
  }
  function legend(svg, data, left, top, width) {
    var x = left, y = top;
    data.filter(function (t) { return t.name && t.showlegend !== false; }).forEach(function (trace) {
      var look = trace.line || {}, marker = trace.marker;
      var word = add(svg, "text", { x: x + 36, y: y + 4 }, trace.name);
      var long = 36 + word.getComputedTextLength() + 14;
      if (x > left && x + long > width) {
        x = left;
        y += 20;
        word.setAttribute("x", x + 36);
        word.setAttribute("y", y + 4);
      }
      if (trace.fill) { add(svg, "rect", { x: x, y: y - 3, width: 30, height: 7, fill: trace.fillcolor }); }
      if (/lines/.test(trace.mode) && look.width) {
        add(svg, "path", { d: "M" + x + " " + y + "h30", stroke: look.color, fill: "none",
          "stroke-width": look.width, "stroke-dasharray": DASH[look.dash] });
      }
      if (/markers/.test(trace.mode)) { mark(svg, marker, x + 15, y); }
      x += long;
    });
    return y + 12;
  }
  function words(svg, note, x, y, frame) {
    var px = note.xref === "paper" ? frame.left + note.x * frame.width : x(note.x);
    var py = note.yref === "paper" ? frame.top + (1 - note.y) * frame.height : y(note.y);
    var anchor = { left: "start", right: "end", center: "middle" }[note.xanchor] || "middle";
    var look = note.font || {}, edge = note.bordercolor;
    var text = add(svg, "text", { x: px, y: py - (note.yshift || 0) + (note.yanchor === "bottom" ? -4 : 4),
      fill: look.color, "font-size": look.size, "text-anchor": anchor, "paint-order": "stroke", stroke: "#fff", "stroke-width": 3 }, note.text);
    if (edge) {
      var box = text.getBBox();
      add(svg, "rect", { x: box.x - 2, y: box.y - 1, width: box.width + 4, height: box.height + 2,
        fill: "none", stroke: edge });
    }
  }
  function sketch(box, spec) {
    var layout = spec.layout, margin = layout.margin, width = box.clientWidth, height = layout.height;
    var svg = add(box, "svg", { width: width, height: height, "class": "kts-sketch",
      "aria-hidden": "true", "font-family": layout.font.family, "font-size": layout.font.size });
    var left = Math.min(margin.l, width * 0.45), right = width - margin.r;
    var top = margin.t, bottom = height - margin.b - (layout.yaxis.categoryarray ? 0 : 60);
    var shapes = layout.shapes || [];
    var x = scale(layout.xaxis, "x", spec.data, shapes, left, right);
    var y = scale(layout.yaxis, "y", spec.data, shapes, bottom, top);
    ticks(x, layout.xaxis, (right - left) / 60).forEach(function (value) {
      var text = layout.xaxis.tickformat === "d" ? String(value) : value.toLocaleString(document.documentElement.lang);
      add(svg, "path", { d: "M" + x(value) + " " + top + "V" + bottom, stroke: layout.xaxis.gridcolor });
      add(svg, "text", { x: x(value), y: bottom + 17, "text-anchor": "middle" },
        text + (layout.xaxis.ticksuffix || ""));
    });
    ticks(y, layout.yaxis, (bottom - top) / 45).forEach(function (value) {
      var text = y.names ? value : value.toLocaleString(document.documentElement.lang) + (layout.yaxis.ticksuffix || "");
      if (!y.names) { add(svg, "path", { d: "M" + left + " " + y(value) + "H" + right, stroke: layout.yaxis.gridcolor }); }
      add(svg, "text", { x: left - 4, y: y(value) + 4, "text-anchor": "end" }, text);
    });
    add(svg, "path", { d: "M" + left + " " + top + "V" + bottom + "H" + right, fill: "none",
      stroke: layout.yaxis.linecolor });
    spec.data.forEach(function (trace) {
      var look = trace.line || {};
      if (trace.fill) { line(svg, trace, x, y, look, true); }
      else if (/lines/.test(trace.mode)) { line(svg, trace, x, y, look, false); }
    });
    shapes.forEach(function (shape) {
      var level = shape.yref === "y", look = shape.line;
      add(svg, "path", { d: level ? "M" + left + " " + y(shape.y0) + "H" + right
        : "M" + x(shape.x0) + " " + top + "V" + bottom, stroke: look.color, fill: "none",
        "stroke-width": look.width, "stroke-dasharray": DASH[look.dash] });
    });
    spec.data.forEach(function (trace) {
      if (!/markers/.test(trace.mode)) { return; }
      var below = /bottom/.test(trace.textposition || "");
      trace.x.forEach(function (value, place) {
        if (value === null || trace.y[place] === null) { return; }
        mark(svg, trace.marker, x(value), y(trace.y[place]));
        if (trace.text) {
          add(svg, "text", { x: x(value) + 8, y: y(trace.y[place]) + (below ? 16 : 4),
            fill: (trace.textfont || {}).color }, trace.text[place]);
        }
      });
    });
    if ((layout.xaxis.title || {}).text) {
      add(svg, "text", { x: (left + right) / 2, y: bottom + 34, "text-anchor": "middle" }, layout.xaxis.title.text);
    }
    var frame = { left: left, top: top, width: right - left, height: bottom - top };
    (layout.annotations || []).forEach(function (note) { words(svg, note, x, y, frame); });
    var end = Math.max(height, legend(svg, spec.data, left, bottom + 56, width));
    svg.setAttribute("height", end);
    svg.setAttribute("viewBox", "0 0 " + width + " " + end);
  }
  window.ktsSketch = sketch;
})();
