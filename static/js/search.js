/* The field of the search: «/» or Ctrl+K goes to it, arrows walk through what it offers. Without this script it is a
   plain form: Enter shows the page of results. */
(function () {
  "use strict";

  var form = document.querySelector("[data-search]");
  if (!form) return;
  var field = form.querySelector("input[type=search]");
  var box = form.querySelector(".search-offered");
  var told = form.querySelector("[data-search-told]");
  var fold = document.querySelector(".search-fold");
  var chosen = -1;

  /* A list box belongs to a field only where a script can drive it. */
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", "search-offered");
  field.setAttribute("aria-expanded", "false");

  function options() {
    return box.querySelectorAll("[role=option]");
  }

  function choose(number) {
    var all = options();
    all.forEach(function (one) { one.setAttribute("aria-selected", "false"); });
    chosen = number;
    if (number < 0 || number >= all.length) {
      chosen = -1;
      field.removeAttribute("aria-activedescendant");
      return;
    }
    all[number].setAttribute("aria-selected", "true");
    all[number].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[number].id);
  }

  function show() {
    var list = box.querySelector("[role=listbox]");
    box.hidden = !box.firstElementChild || !field.value.trim();
    field.setAttribute("aria-expanded", String(!box.hidden && Boolean(list)));
    field.setAttribute("aria-controls", list ? list.id : box.id);
  }

  function hide() {
    choose(-1);
    box.hidden = true;
    field.setAttribute("aria-expanded", "false");
  }

  box.addEventListener("htmx:afterSwap", function () {
    choose(-1);
    /* An answer that comes after the reader has gone on must not open under his hands. */
    if (document.activeElement !== field) return;
    show();
    var says = box.querySelector("[data-told]");
    told.textContent = says ? says.dataset.told : "";
  });

  field.addEventListener("input", function () {
    choose(-1);
    if (!field.value.trim()) hide();
  });

  field.addEventListener("focus", function () {
    if (box.firstElementChild) show();
  });

  field.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    var count = options().length;
    if (event.key === "Escape") {
      if (!box.hidden) hide();
      else if (field.value) field.value = "";
      else { field.blur(); if (fold) fold.open = false; }
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (box.hidden) show();
      var step = event.key === "ArrowDown" ? 1 : -1;
      /* Past either end one is in the field again. */
      choose(chosen < 0 && step < 0 ? count - 1 : chosen + step);
      return;
    }
    if (event.key === "Enter" && chosen >= 0 && !box.hidden) {
      event.preventDefault();
      options()[chosen].click();
    }
  });

  document.addEventListener("click", function (event) {
    if (!form.contains(event.target)) hide();
  });
  form.addEventListener("focusout", function (event) {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) hide();
  });

  function open() {
    if (fold) fold.open = true;
    field.focus();
    field.select();
  }

  if (fold) {
    fold.addEventListener("toggle", function () {
      if (fold.open) field.focus();
      else hide();
    });
  }

  function isTyping(element) {
    return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  }

  document.addEventListener("keydown", function (event) {
    /* By the key, not the letter: in the Russian layout «/» is elsewhere and K is «л». */
    var isLetter = event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    var isBare = !event.ctrlKey && !event.metaKey && !event.altKey;
    var isSlash = isBare && (event.key === "/" || (event.code === "Slash" && !event.shiftKey));
    if (!isLetter && !(isSlash && !isTyping(event.target))) return;
    event.preventDefault();
    open();
  });
})();
