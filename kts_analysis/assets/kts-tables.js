// Sorts and filters tables of areas. Without this script every row is there, in its usual order.
(function () {
  "use strict";
  function list(found) { return Array.prototype.slice.call(found); }
  function all(box, selector) { return list(box.querySelectorAll(selector)); }
  // "Đông Á" is found by "dong a" as well: people type without marks.
  function plain(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  }
  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function number(text) {
    var vietnamese = document.documentElement.lang === "vi";
    var bare = vietnamese ? text.replace(/\./g, "").replace(",", ".") : text.replace(/,/g, "");
    var value = parseFloat(bare);
    return isNaN(value) ? -Infinity : value; // without a figure: last among the largest first
  }
  function count(value) { return value.toLocaleString(document.documentElement.lang); }

  function enhance(box) {
    var table = box.querySelector("table"), form = box.querySelector("form");
    var said = box.querySelector("[role=status]"), body = table.tBodies[0];
    var rows = list(body.rows), headers = list(table.tHead.rows[0].cells);
    var names = rows.map(function (row) { return plain(row.cells[0].textContent); });
    var matrix = box.dataset.kind === "matrix", shown = rows.length, sorted = "";
    rows.forEach(function (row, place) { row.place = place; });

    function key(row, column) { // smaller comes first when a heading is pressed once
      if (column === 0) { return [row.place, 0]; }
      var cell = row.cells[column];
      if (!matrix) { return [-number(cell.textContent), 0]; }
      var figure = cell.querySelector("small");
      return [row.dataset.s.charCodeAt(column - 1), figure ? -number(figure.textContent) : Infinity];
    }
    function sort(column) {
      var header = headers[column], down = header.getAttribute("aria-sort") === "ascending";
      var sign = down ? -1 : 1;
      var keys = rows.map(function (row) { return [key(row, column), row]; });
      keys.sort(function (a, b) {
        var one = a[0], two = b[0];
        if (one[0] !== two[0]) { return sign * (one[0] < two[0] ? -1 : 1); }
        if (one[1] !== two[1]) { return sign * (one[1] < two[1] ? -1 : 1); }
        return a[1].place - b[1].place;
      });
      keys.forEach(function (pair) { body.appendChild(pair[1]); });
      headers.forEach(function (other) { other.removeAttribute("aria-sort"); });
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      sorted = fill(said.dataset.sorted, {
        column: header.textContent.trim(), order: down ? said.dataset.down : said.dataset.up
      });
      tell();
    }
    function filter() {
      var wanted = plain(form.elements.area.value.trim());
      var target = form.elements.target.value, status = form.elements.status.value;
      shown = 0;
      rows.forEach(function (row, place) {
        var letters = target === "" ? row.dataset.s : row.dataset.s.charAt(Number(target));
        var fits = names[place].indexOf(wanted) >= 0 && (!status || letters.indexOf(status) >= 0);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
        if (matrix) {
          list(row.cells).slice(1).forEach(function (cell, column) {
            cell.hidden = target !== "" && column !== Number(target);
          });
        }
      });
      if (matrix) {
        headers.slice(1).forEach(function (cell, column) {
          cell.hidden = target !== "" && column !== Number(target);
        });
      }
      tell();
    }
    function tell() {
      var values = { shown: count(shown), n: count(rows.length) };
      said.textContent = (fill(said.dataset.shown, values) + " " + sorted).trim();
    }
    headers.forEach(function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "kts-sort";
      while (header.firstChild) { button.appendChild(header.firstChild); }
      header.appendChild(button);
      button.addEventListener("click", function () { sort(column); });
    });
    headers[0].setAttribute("aria-sort", "ascending");
    form.addEventListener("input", filter);
    form.addEventListener("reset", function () { window.setTimeout(filter, 0); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.hidden = false;
  }
  function start() { all(document, ".kts-sortable").forEach(enhance); }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
