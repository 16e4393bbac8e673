/* Rows of a diagnosis are added in place; without JavaScript the same button asks the server for them. */
(() => {
  "use strict";
  const form = document.querySelector("[data-blocks]");
  if (!form) return;
  const total = form.elements["blocks-TOTAL_FORMS"];
  const most = Number(form.elements["blocks-MAX_NUM_FORMS"].value);
  const more = form.querySelector("[data-more]");
  more.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    if (number >= most) { more.disabled = true; return; }
    const rows = form.querySelector("[data-rows]");
    rows.insertAdjacentHTML("beforeend", form.querySelector("[data-blank]").innerHTML.replaceAll("__prefix__", number));
    total.value = number + 1;
    rows.lastElementChild.querySelector("input:not([type=hidden])").focus();
  });
})();
