/* Agreement by keyboard and without reloading. Without it every line has its radios and a button of its own.
   Keys are read by their place on the keyboard: the layout does not matter. */
(function () {
  "use strict";

  var VERDICTS = {
    Digit1: "accept", Numpad1: "accept", KeyG: "accept", /* П */
    Digit2: "clarify", Numpad2: "clarify", KeyE: "clarify", /* У */
    Digit3: "remove", Numpad3: "remove", Comma: "remove", /* Б */
  };
  var here = "";      /* the id of the present line: its element is replaced after every answer */
  var isLast = false; /* every line has its answer: the button below waits for the last of them */

  function reviews() { return Array.from(document.querySelectorAll("[data-review]")); }
  function textOf(review) { return review.querySelector("textarea[name=comment]"); }

  function current() {
    var focused = document.activeElement && document.activeElement.closest("[data-review]");
    return focused || document.getElementById(here) || null;
  }

  function goTo(review) {
    if (!review) return;
    mark(review);
    review.focus({ preventScroll: true });
    review.scrollIntoView({ block: "center" });
  }

  function mark(review) {
    reviews().forEach(function (one) { one.classList.toggle("is-here", one === review); });
    here = review.id;
  }

  function step(by) {
    var all = reviews();
    var at = all.indexOf(current());
    goTo(at < 0 ? all[0] : all[at + by]);
  }

  function nextOpen(review) {
    var all = reviews();
    var rest = all.slice(all.indexOf(review) + 1).concat(all.slice(0, all.indexOf(review)));
    var open = rest.find(function (one) { return !one.dataset.state; });
    isLast = !open;
    if (open) goTo(open);
  }

  function goToEnd() {
    var button = document.querySelector("#agree-rest .btn");
    if (button) {
      button.focus({ preventScroll: true });
      button.scrollIntoView({ block: "center" });
    }
  }

  function choose(verdict) {
    var review = current() || reviews()[0];
    var radio = review && review.querySelector("input[value=" + verdict + "]");
    if (!radio) return;
    mark(review);
    radio.checked = true;
    if (verdict === "accept") {
      send(review);
      return;
    }
    textOf(review).focus();
    textOf(review).scrollIntoView({ block: "nearest" });
  }

  /* The next line at once, not when the server has answered: hands are faster than the network. */
  function send(review) {
    var form = review.querySelector(".review-form");
    form.requestSubmit();
    if (form.querySelector("[value=accept]").checked || textOf(review).value.trim()) {
      review.dataset.state = "sent";
      nextOpen(review);
    }
  }

  function isText(element) {
    return element.tagName === "TEXTAREA" || element.tagName === "SELECT" ||
      (element.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(element.type));
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || !reviews().length) return;
    var target = event.target;
    var review = target.closest && target.closest("[data-review]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && review && target === textOf(review)) {
      event.preventDefault();
      if (!event.repeat) send(review);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (isText(target)) {
      if (event.key === "Escape" && review) goTo(review);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (VERDICTS[event.code] && !event.repeat) {
      event.preventDefault();
      choose(VERDICTS[event.code]);
    }
  });

  /* «Принято» needs no second click; the other two wait for their words. */
  document.addEventListener("click", function (event) {
    var radio = event.target.closest(".review-form input[type=radio]");
    if (!radio) return;
    var review = radio.closest("[data-review]");
    mark(review);
    /* Left and right arrows also «click»: whoever walks over the radios has not chosen yet. */
    if (radio.value === "accept" && event.detail > 0) radio.form.requestSubmit();
  });

  document.addEventListener("focusin", function (event) {
    var review = event.target.closest("[data-review]");
    if (review) mark(review);
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    var review = event.target;
    if (!review || !review.matches || !review.matches("[data-review]")) return;
    if (review.querySelector(".field-error")) {
      isLast = false;
      mark(review);
      textOf(review).focus();
    } else if (isLast && !document.querySelector("[data-state=sent]")) {
      isLast = false;
      goToEnd();
    } else if (review.id === here) mark(review);
  });

  /* Without a connection nothing is lost, but nothing is saved either: say so at the line. */
  ["htmx:sendError", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var form = event.target.closest(".review-form");
      if (!form || form.querySelector("[data-unsent]")) return;
      form.closest("[data-review]").dataset.state = "";
      var note = document.createElement("p");
      note.className = "field-error";
      note.dataset.unsent = "yes";
      note.setAttribute("role", "alert");
      note.textContent = "Ответ не сохранён: нет связи или маршрут уже у другого. Подождите и сохраните ещё раз; написанное осталось.";
      form.append(note);
    });
  });
})();
