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
