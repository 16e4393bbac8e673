/* Small comforts of every page. Everything works without them. */
(function () {
  "use strict";

  document.documentElement.classList.remove("no-script");

  /* A second click on a button that sends a form must not send it twice. The button stays focusable, so that
     a reader's place is kept; the browser's own validation has passed by the time `submit` fires. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button[type=submit], button:not([type])").forEach(function (button) {
      button.setAttribute("aria-disabled", "true");
    });
    /* A form that answers with a file leaves the page standing. */
    window.setTimeout(release, 8000, form);
  });

  /* Coming back by the browser's arrow shows the page as it was left: let the form be sent again. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach(function (button) {
      button.removeAttribute("aria-disabled");
    });
  }

  document.addEventListener("click", function (event) {
    var dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) {
      dismiss.closest(dismiss.dataset.dismiss).remove();
      return;
    }
    document.querySelectorAll("details.drop[open]").forEach(function (drop) {
      if (!drop.contains(event.target)) drop.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.drop[open]").forEach(function (drop) {
      drop.open = false;
      drop.querySelector("summary").focus();
    });
  });

  /* A page with errors begins with their list. */
  var errors = document.querySelector(".error-summary");
  if (errors) errors.focus();

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  /* What the server has taken need not stay in this browser: the copy kept against a lost connection goes. */
  document.querySelectorAll("[data-forget]").forEach(function (done) {
    try { window.localStorage.removeItem(done.dataset.forget); } catch (error) { /* nothing is kept here */ }
  });

  /* What is folded on a phone stands open where there is room for it. */
  document.querySelectorAll("details[data-auto]").forEach(function (folded) {
    if (window.matchMedia("(min-width: 62rem)").matches) folded.open = true;
  });
})();
