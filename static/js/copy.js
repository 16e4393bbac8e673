/* «Скопировать» beside a text. Without this file the text is selected and copied by hand. */
(function () {
  "use strict";

  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var text = document.getElementById(button.dataset.copy);
      copy(text).then(say.bind(null, button, text));
    });
  });

  /* The clipboard is there over https only; the old way works everywhere else. */
  function copy(text) {
    if (navigator.clipboard) {
      return navigator.clipboard.writeText(text.value).then(done, byHand);
    }
    return Promise.resolve(byHand());
    function done() {
      return true;
    }
    function byHand() {
      text.focus();
      text.select();
      return document.execCommand("copy");
    }
  }

  function say(button, text, isCopied) {
    var status = button.parentNode.querySelector("[role=status]");
    /* Emptied first: the same words a second time must be heard too. */
    status.textContent = "";
    window.setTimeout(function () {
      status.textContent = isCopied ? "Скопировано" : "Текст выделен: нажмите Ctrl и C";
    }, 50);
    var tick = isCopied && document.querySelector("[data-after='" + text.id + "']");
    if (tick) tick.checked = true;
  }
})();
