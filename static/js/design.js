/* The designer: lines save themselves as they are typed, move by mouse and keys; without a connection the text stays
   and is tried again. Everything works without it, by the buttons. */
(() => {
  "use strict";

  const ONCE = 800; // ms after typing stops
  const HEADERS = { Accept: "application/json" };
  const root = document.querySelector("[data-designer]");
  if (!root) return;
  const savers = new Map(); // by form
  const waiting = () => [...savers.values()].some((one) => one.isWaiting());
  const flush = () => Promise.all([...savers.values()].map((one) => one.save()));

  const note = root.querySelector("[data-told]");
  let hush = 0;
  function tell(text) {
    note.textContent = text; note.hidden = !text;
    clearTimeout(hush);
    hush = setTimeout(() => { note.hidden = true; }, 8000);
  }

  /* What the readiness says of a line stands beside that line too. */
  function spread(ready) {
    root.querySelectorAll("[data-remarks]").forEach((place) => {
      const said = [...ready.querySelectorAll("[data-remark]")].filter((one) => one.dataset.remark === place.dataset.remarks);
      place.replaceChildren(...said.flatMap((one) => [one.cloneNode(true), " "]));
      place.querySelectorAll("[data-remark]").forEach((one) => one.removeAttribute("data-remark"));
    });
  }

  /* Folds stay as they are when what holds them comes anew. */
  function keepFolds(before, after) {
    const folds = (part) => [...part.querySelectorAll("details")].filter((one) => !one.closest(".design-line"));
    const old = folds(before);
    folds(after).forEach((one, at) => { if (old[at]) one.open = old[at].open || Boolean(one.querySelector(".has-error")); });
  }

  function saver(form) {
    const state = form.querySelector("[data-saved]");
    const clash = form.querySelector("[data-clash]");
    let timer = 0, pause = 2000, isDirty = false, isStopped = clash.children.length > 0, running = null, failed = false;

    function say(text, tone) { state.textContent = text; state.dataset.tone = tone || ""; }

    function showErrors(errors) {
      form.querySelectorAll("[data-told]").forEach((one) => one.remove());
      form.querySelectorAll(".is-invalid").forEach((one) => { one.classList.remove("is-invalid"); one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby"); });
      Object.entries(errors).forEach(([name, texts]) => {
        const field = form.elements[name];
        if (!field || !field.closest) return;
        const error = document.createElement("p");
        error.className = "field-error"; error.dataset.told = ""; error.id = field.id + "_error"; error.textContent = texts.join(" ");
        field.classList.add("is-invalid"); field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", error.id);
        field.before(error);
        const fold = field.closest("details");
        if (fold) fold.open = true;
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
        const fold = form.closest(".design-fold");
        if (fold) {
          fold.querySelector("[data-summary]").textContent = form.elements.activity.value;
          fold.querySelector("[data-about]").textContent = told.about;
        }
        const ready = root.querySelector("[data-readiness]");
        const fresh = ready.cloneNode(false);
        fresh.innerHTML = told.readiness;
        keepFolds(ready, fresh);
        ready.replaceWith(fresh);
        spread(fresh);
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
      while (running) await running;
      if (!isDirty || isStopped) return;
      const count = changes;
      running = (async () => {
        say("Сохраняем…");
        try {
          const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: HEADERS, keepalive: true });
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

  /* --- Other buttons: the page comes anew part by part, what is being typed elsewhere stays as it is --------------- */

  function isTyped(form) {
    return [...form.elements].some((one) => {
      if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
      if (one.tagName === "SELECT") return [...one.options].some((option, at) => option.selected !== (option.defaultSelected || (at === 0 && !one.querySelector("[selected]"))));
      return (one.tagName === "TEXTAREA" || one.tagName === "INPUT") && one.type !== "hidden" && one.value !== one.defaultValue;
    });
  }

  /* A unit is a line or a form of its own; it is busy while something in it has not reached the server. */
  function isBusy(unit, sent) {
    const forms = unit.matches("form") ? [unit] : [...unit.querySelectorAll("form")];
    return forms.some((form) => form !== sent && (savers.has(form) ? savers.get(form).isWaiting() : isTyped(form)));
  }

  function settle(page, sent) {
    page.querySelectorAll("[data-part]").forEach((fresh) => {
      const here = document.getElementById(fresh.id);
      if (!here) return;
      const units = [fresh, ...fresh.querySelectorAll("[data-unit]")].filter((one) => "unit" in one.dataset);
      keepFolds(here, fresh);
      let stays = false;
      units.forEach((unit) => {
        const old = document.getElementById(unit.id);
        if (!old) return;
        if (!isBusy(old, sent)) {
          const main = unit.querySelector(".design-fold");
          if (main && old.querySelector(".design-fold")?.open) main.open = true;
        } else if (old === here) stays = true;
        else unit.replaceWith(old);
      });
      here.querySelectorAll(".design-line").forEach((old) => { // removed by somebody else while it was being typed in
        if (old.isConnected && here.contains(old) && isBusy(old, sent) && !old.contains(sent)) fresh.querySelector(".design-lines").append(old);
      });
      if (!stays) here.replaceWith(fresh);
    });
    savers.forEach((_, form) => { if (!form.isConnected) savers.delete(form); });
    wire();
  }

  const reason = (page) => [...page.querySelectorAll(".messages .notice-body, .field-error")].map((one) => one.textContent.trim()).join(" ");

  async function send(form, submitter) {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const held = document.activeElement, add = form.matches(".design-add") && form.id, part = form.closest("[data-part]")?.id;
    try {
      await flush();
      const data = new FormData(form);
      if (submitter?.name) data.append(submitter.name, submitter.value);
      const answer = await fetch(form.action, { method: "POST", body: data });
      if (answer.status >= 500) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("[data-designer]")) {
        if (answer.ok && answer.redirected && !answer.url.includes("/accounts/")) { isLeaving = true; location.assign(answer.url); return; }
        tell("Не получилось: этого в маршруте уже нет, или страница устарела. Обновите её; набранное сначала скопируйте.");
        return;
      }
      settle(page, form);
      if (!answer.ok || page.querySelector(".messages")) tell(reason(page));
      const taken = form.matches(".design-away, .design-list form") && document.querySelector("#taken button");
      const next = add ? document.querySelector(`#${add} textarea`) : taken || held;
      if (next?.isConnected) next.focus();
      else (document.getElementById(held?.id) || document.querySelector(`#${part} :is(textarea, summary)`))?.focus();
      if (!answer.ok) document.querySelector(`#${part} .has-error :is(textarea, input, select)`)?.focus();
    } catch {
      tell("Нет связи. Набранное осталось на странице: нажмите ещё раз, когда связь появится.");
    } finally {
      delete form.dataset.busy;
    }
  }

  let isLeaving = false;
  window.addEventListener("beforeunload", (event) => {
    const typed = [...root.querySelectorAll("form:not([data-autosave])")].some(isTyped);
    if (!isLeaving && (waiting() || typed)) event.preventDefault();
  });
  /* A phone may close a page that is out of sight without asking. */
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });

  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[data-autosave]")) return;
    event.preventDefault();
    if (form.matches(".design-move")) step(form.closest(".design-line"), event.submitter.value);
    else send(form, event.submitter);
  });

  /* --- Order ------------------------------------------------------------------------------------------------ */

  async function place(line) {
    const form = line.querySelector(".design-move");
    const data = new FormData(form);
    data.append("before", line.nextElementSibling ? line.nextElementSibling.dataset.pk : "");
    const answer = await fetch(form.action, { method: "POST", body: data, headers: HEADERS }).catch(() => null);
    if (!answer || !answer.ok) tell("Порядок не сохранился: нет связи, или строку убрали. Обновите страницу.");
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
    } else if (event.key === "Enter" && !event.isComposing && event.target.matches("[data-line]")) {
      event.preventDefault();
      if (!line) event.target.form.requestSubmit();
      else if (!line.nextElementSibling) line.closest("section").querySelector(".design-add textarea").focus();
    }
  });

  const sorted = new WeakSet();
  function wire() {
    root.querySelectorAll("form[data-autosave]").forEach((form) => { if (!savers.has(form)) savers.set(form, saver(form)); });
    if (!window.Sortable) return;
    root.querySelectorAll(".design-grip").forEach((grip) => { grip.hidden = false; });
    root.querySelectorAll(".design-lines").forEach((list) => {
      if (sorted.has(list)) return;
      sorted.add(list);
      window.Sortable.create(list, { handle: ".design-grip", animation: 120, ghostClass: "design-ghost", onEnd: (event) => { if (event.oldIndex !== event.newIndex) place(event.item); } });
    });
  }
  wire();

  /* A link to a line opens it. */
  function open() {
    const place = /^#[a-z]+(-\w+)?$/.test(location.hash) && document.querySelector(location.hash);
    if (!place || !root.contains(place)) return;
    if (place.matches(".design-add")) { place.querySelector("textarea").focus(); return; }
    const fold = place.querySelector(".design-fold");
    if (fold) fold.open = true;
    place.querySelector("summary, textarea")?.focus({ preventScroll: true });
  }
  open();
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) setTimeout(open);
  });
  if (window.matchMedia("(width >= 62rem)").matches) root.querySelectorAll("[data-readiness] details").forEach((one) => { one.open = true; });
})();
