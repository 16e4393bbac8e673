/* The designer: lines save themselves as they are typed, move by mouse and keys; without a connection the text stays
   and is tried again. Everything works without it, by the buttons. */
(() => {
  "use strict";

  const ONCE = 800; // ms after typing stops
  const HEADERS = { Accept: "application/json" };
  const root = document.querySelector("[data-designer]");
  if (!root) return;
  const savers = [];

  /* What the readiness says of a line stands beside that line too. */
  function spread(ready) {
    root.querySelectorAll("[data-remarks]").forEach((list) => {
      const said = [...ready.querySelectorAll("[data-remark]")].filter((one) => one.dataset.remark === list.dataset.remarks);
      list.replaceChildren(...said.map((one) => Object.assign(document.createElement("li"), { textContent: one.textContent })));
    });
  }

  function saver(form) {
    const state = form.querySelector("[data-saved]");
    const clash = form.querySelector("[data-clash]");
    let timer = 0, pause = 2000, isDirty = false, isStopped = clash.children.length > 0, running = null, failed = false;

    function say(text, tone) { state.textContent = text; state.dataset.tone = tone || ""; }

    function showErrors(errors) {
      form.querySelectorAll("[data-told]").forEach((one) => one.remove());
      form.querySelectorAll(".is-invalid").forEach((one) => { one.classList.remove("is-invalid"); one.removeAttribute("aria-invalid"); });
      Object.entries(errors).forEach(([name, texts]) => {
        const field = form.elements[name];
        if (!field || !field.closest) return;
        const told = document.createElement("p");
        told.className = "field-error"; told.dataset.told = ""; told.textContent = texts.join(" ");
        field.classList.add("is-invalid"); field.setAttribute("aria-invalid", "true");
        field.before(told);
      });
    }

    function retry() {
      failed = true;
      say("Нет связи. Не закрывайте страницу: сохраним, когда связь появится", "warn");
      clearTimeout(timer);
      timer = setTimeout(save, pause);
      pause = Math.min(pause * 2, 30000);
    }

    async function heard(answer, count) {
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      const told = isJson ? await answer.json() : {};
      if (answer.ok && isJson) {
        form.elements.revision.value = told.revision;
        form.querySelectorAll(".has-error").forEach((one) => one.classList.remove("has-error"));
        showErrors({});
        isDirty = count !== changes;
        say("Сохранено в " + told.saved_at);
        const summary = form.closest("details")?.querySelector("[data-summary]");
        if (summary && form.elements.activity) summary.textContent = form.elements.activity.value;
        const ready = root.querySelector("[data-readiness]");
        if (ready && told.readiness) { ready.innerHTML = told.readiness; spread(ready); }
        if (isDirty) timer = setTimeout(save, ONCE);
      } else if (answer.status === 409 && told.clash) {
        isStopped = true;
        clash.innerHTML = told.clash;
        form.elements.revision.value = told.revision;
        clash.now = told.now;
        say("Не сохранено: выберите, что оставить", "warn");
      } else if (answer.status === 422) {
        showErrors(told.errors || {});
        say("Не сохранено: исправьте отмеченное", "warn");
      } else if (answer.status === 404) {
        isStopped = true;
        say("Эту строку уже убрали. Скопируйте свой текст и добавьте новую", "warn");
      } else {
        isStopped = true;
        say(told.error || "Страница устарела. Скопируйте набранное и обновите её", "warn");
      }
    }

    let changes = 0;
    async function save() {
      clearTimeout(timer);
      if (running) { await running; }
      if (!isDirty || isStopped) return;
      const count = changes;
      running = (async () => {
        say("Сохраняем…");
        try {
          const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: HEADERS });
          if (answer.status >= 500) throw new Error(answer.status);
          failed = false; pause = 2000;
          await heard(answer, count);
        } catch { retry(); }
      })();
      await running;
      running = null;
    }

    form.addEventListener("input", () => {
      isDirty = true; changes += 1;
      if (isStopped) return;
      clearTimeout(timer);
      timer = setTimeout(save, ONCE);
    });
    form.addEventListener("change", () => { if (isDirty && !isStopped) { clearTimeout(timer); timer = setTimeout(save, 50); } });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter && "mine" in event.submitter.dataset) { clash.replaceChildren(); isStopped = false; }
      isDirty = true; changes += 1;
      save();
    });
    clash.addEventListener("click", (event) => {
      if (!event.target.closest("[data-theirs]") || !clash.now) return;
      event.preventDefault();
      Object.entries(clash.now).forEach(([name, value]) => {
        const field = form.elements[name];
        if (!field) return;
        if (field.type === "checkbox") field.checked = Boolean(value); else field.value = value;
      });
      clash.replaceChildren();
      isStopped = false; isDirty = false;
      say("Оставлено, как в маршруте");
    });
    window.addEventListener("online", () => { if (failed) { pause = 2000; save(); } });
    form.querySelector("[data-save]").classList.add("visually-hidden-focusable");
    return { save, isWaiting: () => isDirty };
  }

  root.querySelectorAll("form[data-autosave]").forEach((form) => savers.push(saver(form)));

  const flush = () => Promise.all(savers.map((one) => one.save()));
  let isLeaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && savers.some((one) => one.isWaiting())) event.preventDefault();
  });

  /* Other forms of the page leave it: first what is typed is saved; what cannot be saved keeps the page standing. */
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (isLeaving || event.defaultPrevented || form.matches("[data-autosave]")) return;
    if (form.matches(".design-move")) { event.preventDefault(); step(form.closest(".design-line"), event.submitter.value); return; }
    if (!savers.some((one) => one.isWaiting())) { isLeaving = true; return; }
    event.preventDefault();
    const submitter = event.submitter;
    await flush();
    if (savers.some((one) => one.isWaiting()) && !window.confirm("Не всё сохранено. Продолжить без этого?")) return;
    isLeaving = true;
    form.requestSubmit(submitter);
  });

  /* --- Order ------------------------------------------------------------------------------------------------ */

  async function place(line) {
    const form = line.querySelector(".design-move");
    const data = new FormData(form);
    data.append("before", line.nextElementSibling ? line.nextElementSibling.dataset.pk : "");
    const answer = await fetch(form.action, { method: "POST", body: data, headers: HEADERS }).catch(() => null);
    if (!answer || !answer.ok) window.alert("Порядок не сохранился: нет связи или строку убрали. Обновите страницу.");
  }

  function step(line, way) {
    const other = way === "up" ? line.previousElementSibling : line.nextElementSibling;
    const held = document.activeElement;
    if (!other) return;
    if (way === "up") other.before(line); else other.after(line);
    if (held && line.contains(held)) held.focus();
    place(line);
  }

  root.addEventListener("keydown", (event) => {
    const line = event.target.closest(".design-line");
    if (line && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(line, event.key === "ArrowUp" ? "up" : "down");
    } else if (line && event.key === "Enter" && event.target.matches("input[type=text]") && !line.nextElementSibling) {
      event.preventDefault();
      line.closest("section").querySelector(".design-add input:not([type=hidden])").focus();
    }
  });

  if (window.Sortable) {
    root.querySelectorAll(".design-lines").forEach((list) => {
      list.querySelectorAll(".design-grip").forEach((grip) => { grip.hidden = false; });
      window.Sortable.create(list, { handle: ".design-grip", animation: 120, ghostClass: "design-ghost", onEnd: (event) => { if (event.oldIndex !== event.newIndex) place(event.item); } });
    });
  }

  const asked = location.hash.startsWith("#add-") && document.querySelector(location.hash + " input:not([type=hidden])");
  if (asked) asked.focus();
  const opened = /^#item-\d+$/.test(location.hash) && document.querySelector(location.hash + " details");
  if (opened) opened.open = true;
})();
