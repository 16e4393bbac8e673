/* Rows of a diagnosis are added in place; without JavaScript the same button asks the server for them. */
(() => {
  "use strict";
  const form = document.querySelector("[data-blocks]");
  if (!form) return;
  const total = form.elements["blocks-TOTAL_FORMS"];
  const most = Number(form.elements["blocks-MAX_NUM_FORMS"].value);
  const rows = form.querySelector("[data-rows]");
  const blank = form.querySelector("[data-blank]").innerHTML;
  const more = form.querySelector("[data-more]");
  more.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    if (number >= most) return;
    rows.insertAdjacentHTML("beforeend", blank.replaceAll("__prefix__", number).replaceAll("__number__", number + 1));
    total.value = number + 1;
    rows.lastElementChild.querySelector("input:not([type=hidden])").focus();
    if (number + 1 < most) return;
    more.parentElement.hidden = true;
    form.querySelector("[data-full]").hidden = false;
  });
})();
