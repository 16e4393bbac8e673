/* All tasks of the list ticked at once; one by one they are ticked without this too. */
(function () {
  "use strict";
  var whole = document.querySelector("[data-tick-all]");
  var ticks = document.querySelectorAll("input[name=task]");
  if (!whole || !ticks.length) return;
  var box = whole.querySelector("input");
  whole.hidden = false;
  box.addEventListener("change", function () {
    ticks.forEach(function (tick) { tick.checked = box.checked; });
  });
  ticks.forEach(function (tick) {
    tick.addEventListener("change", function () { if (!tick.checked) box.checked = false; });
  });
})();

/* Cards of the board moved by hand. The buttons on every card do the same, without this too. */
(function () {
  "use strict";
  var mover = document.querySelector("form[data-mover]");
  if (!mover || !window.Sortable || !window.matchMedia("(pointer: fine)").matches) return;

  document.querySelectorAll("[data-column]").forEach(function (column) {
    window.Sortable.create(column, {
      group: "board",
      sort: false,
      draggable: "[data-move]",
      filter: "a, button",
      preventOnFilter: false,
      onEnd: function (event) {
        if (event.to === event.from) return;
        mover.action = event.item.dataset.move;
        mover.elements.to.value = event.to.dataset.column;
        mover.requestSubmit();
      }
    });
  });
})();
