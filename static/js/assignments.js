/* Assignments: checking by keyboard, a word before what is typed is left, how many get one. Without it every page
   works by mouse, Tab and Enter. Keys are read by their place on the keyboard: the layout does not matter. */
(function () {
  "use strict";

  function isText(element) {
    if (element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName)) return true;
    return element.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(element.type);
  }

  /* --- Keys ------------------------------------------------------------------------------------------------------ */

  var comment = document.querySelector("#check [name=comment]");

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (isText(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.code === "KeyR" && comment) {
      event.preventDefault();
      comment.focus();
      return;
    }
    var target = document.querySelector('[data-key="' + event.code + '"]');
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  /* --- Leaving what is typed ------------------------------------------------------------------------------------- */

  var isSent = false;

  function isTyped(form) {
    return Array.from(form.elements).some(function (field) {
      if (field.type === "file") return field.files.length > 0;
      return /^(text|textarea|url|date)$/.test(field.type) && !/^find_/.test(field.name) && field.value !== field.defaultValue;
    });
  }

  document.querySelectorAll("form[data-guard]").forEach(function (form) {
    form.addEventListener("submit", function (event) { isSent = !event.defaultPrevented; });
  });
  window.addEventListener("pageshow", function () { isSent = false; });
  window.addEventListener("beforeunload", function (event) {
    if (!isSent && Array.from(document.querySelectorAll("form[data-guard]")).some(isTyped)) event.preventDefault();
  });

  /* --- Giving: how many get it ----------------------------------------------------------------------------------- */

  var give = document.querySelector("form[data-give]");

  function people(count) {
    var ten = count % 10, hundred = count % 100;
    if (ten === 1 && hundred !== 11) return count + " педагог";
    return count + (ten > 1 && ten < 5 && (hundred < 12 || hundred > 14) ? " педагога" : " педагогов");
  }

  function tell() {
    var count = give.querySelectorAll("[name=routes]:checked").length;
    var title = give.querySelector("[data-count]");
    if (title) title.textContent = count ? "Получат: " + people(count) : "Никто ещё не отмечен";
    give.querySelector("[data-summary]").textContent = count > 1 ? "Каждый получит своё задание и письмо. Получат: " + people(count) + "." : "";
  }

  if (give) {
    give.addEventListener("change", tell);
    document.addEventListener("htmx:afterSettle", tell);
    tell();
  }
})();
