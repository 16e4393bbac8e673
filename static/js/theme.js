/* The reader's choice of light or dark without reloading the page; the server reads the same cookie. */
(function () {
  "use strict";

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-theme]") || !event.submitter) return;
    event.preventDefault();
    var theme = event.submitter.value;
    document.cookie = "theme=" + theme + "; path=/; max-age=31536000; samesite=lax";
    if (theme === "auto") {
      delete document.documentElement.dataset.bsTheme;
    } else {
      document.documentElement.dataset.bsTheme = theme;
    }
    form.querySelectorAll("button[name=theme]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    });
  }, true);
})();
