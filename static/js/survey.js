/* The survey on a phone, on a bus: what is typed is kept on the phone at once and on the server soon after, files go
   ahead of the answers, a weak answer gets a kind hint. The page works without any of it. */
(() => {
  "use strict";

  const ONCE = 1500; // ms after typing stops
  const WIDEST = 2000; // px of a photo's longer side
  const KINDLY = "Можно оставить и так. Если есть минута, напишите чуть подробнее: ";
  const OFFLINE = "Нет связи — всё осталось на этом телефоне, сохраним, когда появится";
  const NOT_KEPT = "Нет связи. Не закрывайте страницу: сохраним, когда связь появится";
  const JSON_ONLY = { Accept: "application/json" };
  const SERVICE = ["csrfmiddlewaretoken", "notice", "draft_number", "device", "via", "take"];

  /* --- The copy on this device ---------------------------------------------------------------------------- */

  const shelf = (key) => ({
    read() {
      try { return JSON.parse(localStorage.getItem(key)) || null; } catch { return null; }
    },
    write(copy) {
      try { localStorage.setItem(key, JSON.stringify(copy)); return true; } catch { return false; }
    },
    clear() {
      try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
    },
  });
  const newDevice = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  /* --- The page afterwards: a copy nobody sent is shown, the sent one is forgotten ------------------------- */

  function after(section) {
    const kept = shelf("survey:" + section.dataset.key);
    const copy = kept.read();
    if (!copy) return;
    const words = Object.entries(copy.answers || {}).filter(([name, text]) => /^(important|route_note|reason_text|change_\d|ev_\w+_text)$/.test(name) && text);
    const stands = document.querySelector("main").textContent;
    if (copy.sent || !copy.dirty || words.every(([, text]) => stands.includes(text.trim()))) {
      if (!document.getElementById("lost")) kept.clear();
      return;
    }
    words.forEach(([, text]) => section.querySelector("#kept-words").append(element("p", "words", text)));
    section.querySelector("#forget").addEventListener("click", () => { kept.clear(); section.hidden = true; });
    section.hidden = false;
  }

  /* --- The page with the questions ------------------------------------------------------------------------ */

  function start(form, isFresh) {
    const kept = shelf("survey:" + form.dataset.key);
    const saved = document.getElementById("saved");
    const clash = document.getElementById("clash");
    const token = form.elements.csrfmiddlewaretoken.value;
    const at = (part) => new URL(part, form.action).href;
    let timer = 0, pause = 2000, isDirty = false, isSaving = false, isStopped = false, isSending = false, uploads = 0;

    form.classList.add("scripted");
    if (!clash.hidden) isStopped = true; // nothing is saved until the person has chosen
    const copy = kept.read();
    form.elements.device.value = newDevice(); // of this page: two tabs of one phone are two writers

    function say(text, tone) {
      saved.textContent = text;
      saved.dataset.tone = tone || "";
    }

    function typed() {
      const found = {};
      new FormData(form).forEach((value, name) => {
        if (typeof value === "string" && value && !SERVICE.includes(name)) found[name] = value;
      });
      return found;
    }

    function put(name, value) {
      form.querySelectorAll(`[name="${CSS.escape(name)}"]`).forEach((field) => {
        if (field.type === "radio") field.checked = field.value === (value || (name.endsWith("_on") ? "course" : ""));
        else if (field.type === "checkbox") field.checked = Boolean(value);
        else if (field.type !== "file") field.value = value;
        const folded = field.closest("details");
        if (folded && value) folded.open = true;
      });
    }

    function keep(sent) {
      return kept.write({
        answers: typed(), number: Number(form.elements.draft_number.value), device: form.elements.device.value,
        dirty: isDirty, sent: Boolean(sent),
      });
    }

    function changed(wait) {
      isDirty = true;
      const isKept = keep();
      countLeft();
      if (isStopped) return;
      if (!navigator.onLine) { say(isKept ? OFFLINE : NOT_KEPT, "warn"); return; }
      clearTimeout(timer);
      timer = setTimeout(save, wait === undefined ? ONCE : wait);
    }

    function body() {
      const data = new FormData();
      Object.entries(typed()).forEach(([name, value]) => data.append(name, value));
      ["csrfmiddlewaretoken", "draft_number", "device"].forEach((name) => data.append(name, form.elements[name].value));
      return data;
    }

    async function save() {
      clearTimeout(timer);
      if (!isDirty || isStopped || isSaving || isSending) return;
      isSaving = true;
      const before = JSON.stringify(typed());
      try {
        const answer = await fetch(at("draft/"), { method: "POST", body: body(), headers: JSON_ONLY, keepalive: true });
        if (answer.status >= 500) throw new Error(answer.status);
        pause = 2000;
        await heard(answer, before);
      } catch {
        say(kept.read() ? OFFLINE : NOT_KEPT, "warn");
        timer = setTimeout(save, pause);
        pause = Math.min(pause * 2, 60000);
      } finally {
        isSaving = false;
      }
    }

    async function heard(answer, before) {
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      const told = isJson ? await answer.json() : {};
      if (answer.ok && isJson) {
        form.elements.draft_number.value = told.number;
        isDirty = JSON.stringify(typed()) !== before;
        keep();
        say(told.saved_at ? "Сохранено " + told.saved_at : "");
        if (isDirty) timer = setTimeout(save, ONCE);
      } else if (answer.status === 409) {
        showClash(told);
      } else {
        isStopped = true;
        say(told.error || "Страница устарела. Обновите её: написанное осталось на этом телефоне", "warn");
      }
    }

    /* Two devices: nothing is saved until the person has chosen. */
    function showClash(told) {
      isStopped = true;
      clash.innerHTML = told.page;
      clash.hidden = false;
      clash.dataset.number = told.number;
      say("Ниже не сохранено: сначала выберите, что оставить", "warn");
      clash.scrollIntoView({ block: "start" });
      clash.focus({ preventScroll: true });
    }

    clash.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      event.preventDefault();
      const item = button.closest(".clash-item");
      if (item && button.name === "take") put(item.dataset.name, item.dataset.value);
      if (item) item.remove(); else clash.querySelectorAll(".clash-item").forEach((one) => one.remove());
      if (clash.querySelector(".clash-item")) { changed(); return; }
      if (clash.dataset.number) form.elements.draft_number.value = clash.dataset.number;
      clash.hidden = true;
      isStopped = false;
      changed(0);
    });

    /* --- Sending ------------------------------------------------------------------------------------------ */

    async function send() {
      if (isSending) return;
      const button = document.getElementById("send");
      keep();
      if (!navigator.onLine) return notSent();
      isSending = true;
      clearTimeout(timer);
      button.setAttribute("aria-disabled", "true");
      say(uploads ? "Дозагружаем файл…" : "Отправляем…");
      try {
        while (uploads || isSaving) await new Promise((resolve) => setTimeout(resolve, 200));
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
        if (answer.status >= 500) throw new Error(answer.status);
        if (answer.redirected) {
          isDirty = new URL(answer.url).pathname !== new URL(form.action).pathname; // the login page: nothing was sent
          keep(!isDirty);
          location.assign(answer.url);
          return;
        }
        show(await answer.text());
      } catch {
        isSending = false;
        notSent();
      } finally {
        button.removeAttribute("aria-disabled");
      }
    }

    function notSent() {
      say("Не отправлено: нет связи. Всё осталось на этом телефоне — нажмите «Отправить ответы», когда появится", "warn");
    }

    /* The answer is this page with its mistakes, or the page that says it is too late. */
    function show(text) {
      const page = new DOMParser().parseFromString(text, "text/html");
      const main = page.querySelector("main");
      if (!main) { location.reload(); return; }
      clearTimeout(timer);
      isStopped = true;
      document.querySelector("main").replaceWith(document.adoptNode(main));
      document.title = page.title;
      begin(false);
      scrollTo(0, 0);
      const summary = document.querySelector(".error-summary, #clash:not([hidden]), #lost");
      if (summary) { summary.tabIndex = -1; summary.focus(); }
    }

    form.addEventListener("submit", (event) => {
      const by = event.submitter;
      if (by && by.classList.contains("btn-quiet")) return;
      event.preventDefault();
      if (by && by.id === "later") later();
      else send();
    });

    async function later() {
      isDirty = true;
      keep();
      await save();
      if (!isDirty) say(saved.textContent + ". Закончить можно в любой день по этой же ссылке");
    }

    /* --- Files --------------------------------------------------------------------------------------------- */

    form.querySelectorAll(".files").forEach((place) => {
      const plain = place.querySelector("input[type=file]");
      const list = place.querySelector(".file-list");
      const buttons = element("div", "file-buttons");
      const camera = plain.cloneNode();
      camera.removeAttribute("name");
      camera.multiple = false;
      camera.id = plain.id + "_camera";
      camera.accept = "image/*";
      camera.setAttribute("capture", "environment");
      const ways = [[camera, "Сфотографировать"], [plain, "Выбрать файл"]];
      ways.slice(navigator.maxTouchPoints ? 0 : 1).forEach(([input, words]) => {
        const label = element("label", "btn", words);
        input.className = "visually-hidden";
        label.prepend(input);
        buttons.append(label);
        input.addEventListener("change", () => {
          Array.from(input.files).forEach((file) => bring(file, place.dataset.kind, list));
          input.value = "";
        });
      });
      place.append(buttons);
      place.querySelector(".form-label").removeAttribute("for");
      place.setAttribute("role", "group");
    });

    async function smaller(file) {
      if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !window.createImageBitmap) return file;
      try {
        const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
        const scale = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
        if (scale === 1 && file.type !== "image/jpeg") return file;
        const canvas = element("canvas");
        canvas.width = Math.round(picture.width * scale);
        canvas.height = Math.round(picture.height * scale);
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
        return drawn ? new File([drawn], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
      } catch {
        return file; // a picture this browser cannot draw goes as it is
      }
    }

    async function bring(original, kind, list) {
      const row = element("li", "file-item");
      const words = element("span", "file-words", original.name + " ");
      const state = element("span", "text-muted", "готовим…");
      const bar = element("progress");
      const away = element("button", "btn-quiet", "Убрать");
      away.type = "button";
      bar.max = 1;
      bar.setAttribute("aria-label", "Загрузка: " + original.name);
      state.setAttribute("role", "status");
      words.append(state, bar);
      row.append(words, away);
      list.append(row);
      uploads += 1;
      countLeft();
      const file = await smaller(original);
      let isOver = false;
      const over = () => { if (!isOver) { isOver = true; uploads -= 1; } countLeft(); };
      const request = new XMLHttpRequest();
      away.addEventListener("click", () => { request.abort(); window.removeEventListener("online", go); row.remove(); over(); });

      function go() {
        if (!row.isConnected) return;
        const data = new FormData();
        data.append("csrfmiddlewaretoken", token);
        data.append("kind", kind);
        data.append("file", file);
        request.open("POST", at("file/"));
        request.setRequestHeader("Accept", JSON_ONLY.Accept);
        state.textContent = sized(file.size);
        bar.hidden = false;
        bar.value = 0;
        if (isOver) { isOver = false; uploads += 1; }
        request.send(data);
      }
      request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
      request.onload = () => {
        let told = {};
        try { told = JSON.parse(request.responseText); } catch { /* not ours */ }
        over();
        if (request.status === 201) {
          row.outerHTML = told.page;
          if (form.elements.draft_number.value === "0") keep();
          countLeft();
          return;
        }
        const isTooBig = request.status === 413;
        refuse(told.error || (isTooBig ? "Файл слишком большой: уменьшите его или дайте ссылку." : "Файл не загрузился. Выберите его ещё раз."));
      };
      request.onerror = () => {
        over();
        bar.hidden = true;
        state.textContent = "нет связи: загрузим, когда появится, — не закрывайте страницу";
        window.addEventListener("online", go, { once: true });
      };
      function refuse(sentence) {
        bar.remove();
        state.className = "field-error";
        state.textContent = sentence;
      }
      if (row.isConnected) go();
    }

    const sized = (bytes) => bytes < 1048576 ? Math.ceil(bytes / 1024) + " КБ" : (bytes / 1048576).toFixed(1).replace(".", ",") + " МБ";

    form.addEventListener("click", async (event) => {
      const button = event.target.closest("button.btn-quiet[formaction]");
      if (!button) return;
      event.preventDefault();
      const data = new FormData();
      data.append("csrfmiddlewaretoken", token);
      try {
        const answer = await fetch(at(button.getAttribute("formaction")), { method: "POST", body: data, headers: JSON_ONLY });
        if (!answer.ok) throw new Error(answer.status);
        button.closest("li").remove();
        countLeft();
      } catch {
        say("Файл пока не убран: нет связи. Попробуйте ещё раз, когда появится", "warn");
      }
    });

    /* --- Hints and what is left ------------------------------------------------------------------------------ */

    const EXAMPLES = {
      important: "какой приём или тема пригодились, например «листы самооценки на уроках физики».",
      route_note: "где ведётся маршрут и что в нём записано, например «таблица методобъединения, раздел о смысловом чтении».",
      reason_text: "что помешало, например «класс передали другому учителю до каникул».",
      ev_other_text: "что можно показать, например «статья в школьном сборнике».",
      change: "что теперь иначе на занятиях, например «на каждом втором уроке — задание из жизни».",
    };
    const WEAK = /^(см\.?\s*выше|смотри(те)?\s+выше|то же( самое)?|нет|да|не знаю|не помню|ничего|вс[её]|[^\p{L}\p{N}]+|\S{1,24})[\s.!]*$/iu;
    const alike = (text) => text.toLowerCase().replace(/[\s.,!]+/g, " ").trim();

    function advise(field) {
      const name = field.name;
      const example = EXAMPLES[name] || (/^change_\d$/.test(name) ? EXAMPLES.change : "");
      if (!example) return;
      const text = field.value.trim();
      const twin = text.length > 3 && Array.from(form.querySelectorAll("textarea, input[name$='_text']")).some((one) => one !== field && one.value && alike(one.value) === alike(text));
      let hint = document.getElementById(name + "-kind");
      if (!text || !(twin || WEAK.test(text))) { if (hint) hint.textContent = ""; return; }
      if (!hint) {
        hint = element("p", "kind-hint");
        hint.id = name + "-kind";
        hint.setAttribute("role", "status");
        field.after(hint);
      }
      hint.textContent = (twin ? "Здесь те же слова, что и в другом поле. " : "") + KINDLY + example;
    }

    function countLeft() {
      const has = (name) => Boolean(form.elements[name] && form.elements[name].value.trim());
      const started = form.elements.has_started.value;
      const anyChange = [0, 1, 2].some((n) => has("change_" + n)) || form.querySelector("[name^=done_]:checked") !== null;
      const done = [
        has("important"),
        form.elements.in_route.value !== "",
        form.elements.in_route.value === "none" || (started === "yes" && anyChange) || (started === "no" && has("reason")),
        form.querySelector("#nothing_yet input[type=checkbox]:checked, #past input:checked, .file-item") !== null,
      ].filter(Boolean).length;
      const left = document.getElementById("left");
      left.textContent = done === 4 ? "Всё заполнено: можно отправлять" : `Осталось ${4 - done} из 4`;
    }

    form.addEventListener("input", (event) => { if (event.target.type !== "file") changed(); });
    form.addEventListener("change", (event) => { if (event.target.type !== "file") changed(); });
    form.addEventListener("focusout", (event) => { if (event.target.matches("textarea, input")) advise(event.target); });
    window.addEventListener("online", () => { pause = 2000; if (isDirty) save(); });
    window.addEventListener("offline", () => { if (!isStopped) say(keep() ? OFFLINE : NOT_KEPT, "warn"); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
    window.addEventListener("pagehide", save);

    /* What was typed here and did not reach the server comes back; the server says if another device was quicker. */
    if (isFresh && !("typed" in form.dataset) && copy && copy.dirty && JSON.stringify(copy.answers) !== JSON.stringify(typed())) {
      const names = new Set([...Object.keys(typed()), ...Object.keys(copy.answers)]);
      names.forEach((name) => put(name, copy.answers[name] || ""));
      if (copy.device !== form.dataset.savedBy) form.elements.draft_number.value = copy.number;
      say("Вернули то, что осталось на этом телефоне");
      changed(0);
    }
    countLeft();
    if (isFresh && "beacon" in form.dataset) {
      /* A person looks at it: said once, by the first touch, so that the first view stays five requests. */
      const signs = ["pointerdown", "keydown", "scroll"];
      const tell = () => {
        signs.forEach((sign) => window.removeEventListener(sign, tell));
        const data = new FormData();
        data.append("csrfmiddlewaretoken", token);
        fetch(at("opened/"), { method: "POST", body: data, keepalive: true }).catch(() => {});
      };
      signs.forEach((sign) => window.addEventListener(sign, tell, { passive: true }));
    }
  }

  function begin(isFresh) {
    const form = document.getElementById("survey");
    const section = document.getElementById("kept");
    if (form && window.fetch) start(form, isFresh);
    if (section) after(section);
  }

  begin(true);
})();
