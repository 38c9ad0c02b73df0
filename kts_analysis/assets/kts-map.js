// Colours the map by one target. Without this script it shows every area's share of targets.
(function () {
  "use strict";
  function enhance(box) {
    var given = JSON.parse(document.getElementById(box.dataset.areas).textContent);
    var areas = Array.prototype.slice.call(box.querySelectorAll("g[data-code]"));
    var pick = box.querySelector(".kts-pick"), choice = pick.querySelector("select");
    var shares = box.querySelector(".kts-shares"), words = box.querySelector(".kts-words");
    var picture = box.querySelector("svg"), label = picture.getAttribute("aria-label");
    var first = areas.map(function (area) {
      return [area.getAttribute("class"), area.querySelector("title").textContent,
        area.querySelector(".sign").textContent];
    });
    function paint(area, css, title, sign) {
      area.setAttribute("class", css);
      area.querySelector("title").textContent = title;
      area.querySelector(".sign").textContent = sign;
    }
    function show() {
      var target = choice.value;
      areas.forEach(function (area, place) {
        if (target === "") { paint.apply(null, [area].concat(first[place])); return; }
        var own = given.areas[area.dataset.code], word = given.words[own[0].charAt(Number(target))];
        var told = own[1] ? own[1][Number(target)] : "";
        paint(area, word[2], first[place][1].split(":")[0] + ": " + word[0] + (told ? " (" + told + ")" : ""),
          told ? word[1] + " " + told : word[1]);
      });
      shares.hidden = target !== "";
      words.hidden = target === "";
      var name = choice.options[choice.selectedIndex].textContent;
      box.querySelector(".kts-shown").textContent = name;
      picture.setAttribute("aria-label", label.split(":")[0] + ": " + name);
    }
    choice.addEventListener("change", show);
    pick.hidden = false;
  }
  function start() { Array.prototype.forEach.call(document.querySelectorAll(".kts-map"), enhance); }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
