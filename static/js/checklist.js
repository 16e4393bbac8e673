/* The checklist and its queue by keyboard, and a copy of what is typed and not sent yet. Without it every page
   works by Tab, arrows and Enter. Keys are read by their place on the keyboard: the layout does not matter. */
(function () {
  "use strict";

  var OFF = "checklist-keys";
  var PREFIX = "checklist.";
  var KEPT_DAYS = 14;
  var form = document.querySelector("form.checklist");
  var help = document.getElementById("keys");

  /* A browser may refuse to keep anything: then it works without memory. */
  var memory = {
    get: function (name) { try { return window.localStorage.getItem(name); } catch (error) { return null; } },
    set: function (name, value) { try { window.localStorage.setItem(name, value); } catch (error) { /* no memory */ } },
    drop: function (name) { try { window.localStorage.removeItem(name); } catch (error) { /* no memory */ } },
    names: function () { try { return Object.keys(window.localStorage); } catch (error) { return []; } },
  };

  function visible(element) { return element.getClientRects().length > 0; }
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }

  /* --- What is typed and not sent ---------------------------------------------------------------------------- */

  function answers() {
    var found = {};
    all("input, textarea, select", form).forEach(function (field) {
      if (!field.name || field.type === "hidden") return;
      if (field.type === "checkbox") found[field.name] = field.checked ? "on" : "";
      else if (field.type === "radio") { if (field.checked) found[field.name] = field.value; }
      else found[field.name] = field.value;
    });
    return found;
  }

  function same(one, other) {
    var names = Object.keys(one).concat(Object.keys(other));
    return names.every(function (name) { return (one[name] || "") === (other[name] || ""); });
  }

  function fill(values) {
    all("input, textarea, select", form).forEach(function (field) {
      if (!field.name || field.type === "hidden") return;
      var value = values[field.name] || "";
      if (field.type === "checkbox") field.checked = value === "on";
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    });
  }

  function readDraft(name) {
    try { return JSON.parse(memory.get(name)); } catch (error) { return null; }
  }

  function dropOldDrafts() {
    var oldest = Date.now() - KEPT_DAYS * 86400000;
    memory.names().forEach(function (name) {
      if (name.indexOf(PREFIX) !== 0) return;
      var draft = readDraft(name);
      if (!draft || !(draft.at > oldest)) memory.drop(name);
    });
  }

  function keepDrafts() {
    var name = form.dataset.draft;
    var revision = form.querySelector("[name=revision]").value;
    var atFirst = answers();
    var wrong = document.querySelector(".error-summary") !== null;
    var timer = 0;

    function write() {
      window.clearTimeout(timer);
      var now = answers();
      if (same(now, atFirst) && !wrong) memory.drop(name);
      else memory.set(name, JSON.stringify({ at: Date.now(), revision: revision, values: now }));
    }
    function writeSoon() {
      window.clearTimeout(timer);
      timer = window.setTimeout(write, 250);
    }

    offerDraft(readDraft(name), atFirst, revision, write);
    form.addEventListener("input", writeSoon);
    form.addEventListener("change", writeSoon);
    window.addEventListener("pagehide", function () { if (!same(answers(), atFirst)) write(); });
    form.addEventListener("submit", function (event) {
      write();
      var offline = form.querySelector("[data-offline]");
      offline.hidden = navigator.onLine;
      if (!navigator.onLine) event.preventDefault();
    });
  }

  function offerDraft(draft, atFirst, revision, write) {
    var offer = document.querySelector("[data-offer]");
    if (!draft || !draft.values || same(draft.values, atFirst)) return;
    var at = new Date(draft.at);
    var time = offer.querySelector("[data-offer-at]");
    time.textContent = at.toLocaleString("ru-RU", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
    time.dateTime = at.toISOString();
    offer.querySelector("[data-offer-changed]").hidden = draft.revision === revision;
    offer.hidden = false;
    if ("scrollRestoration" in history) history.scrollRestoration = "manual"; /* the offer stands on top */
    offer.querySelector("[data-offer-take]").addEventListener("click", function () {
      fill(draft.values);
      write();
      leave();
    });
    offer.querySelector("[data-offer-drop]").addEventListener("click", function () {
      write();
      leave();
    });
    function leave() {
      offer.hidden = true;
      goTo(questions()[0]);
    }
  }

  /* --- Known things are filled in, and stay the person's to change --------------------------------------------- */

  function offerKnown() {
    form.addEventListener("change", function (event) {
      var field = event.target;
      if (field.dataset.on) {
        var day = form.elements[field.name + "_on"];
        if (field.checked && !day.value) day.value = field.dataset.on;
        else if (!field.checked && day.value === field.dataset.on) day.value = "";
      }
      if (field.name === "other_found" && field.value === "yes") {
        var named = all("[data-topic]", form);
        if (named.length === 1 && !form.elements.other_topic.value) form.elements.other_topic.value = named[0].dataset.topic;
      }
    });
    /* «Учесть» here and now; a second visit of a kind goes the longer way, through the server. */
    form.addEventListener("click", function (event) {
      var button = event.target.closest("[name=use]");
      var tick = button && form.elements["study_" + button.dataset.kind];
      if (!tick || tick.checked) return;
      event.preventDefault();
      tick.checked = true;
      form.elements[tick.name + "_on"].value = button.dataset.on;
      form.elements[tick.name + "_note"].value = button.dataset.note;
      button.replaceWith(counted());
      tick.focus();
      tick.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  function counted() {
    var word = document.createElement("span");
    word.className = "badge-state tone-ok";
    word.textContent = "учтено";
    return word;
  }

  /* --- Questions and where one is ------------------------------------------------------------------------------ */

  var here = null;

  function questions() { return form ? all("[data-question]", form).filter(visible) : []; }
  function options(question) {
    return all("input[type=radio], input[type=checkbox]", question).filter(visible);
  }
  function texts(question) {
    return all("input:not([type=radio]):not([type=checkbox]):not([type=hidden]):not([type=date]), textarea", question).filter(visible);
  }

  function current() {
    var focused = document.activeElement && document.activeElement.closest("[data-question]");
    if (focused && form.contains(focused)) return focused;
    return here && visible(here) ? here : questions()[0];
  }

  function mark(question) {
    if (here) here.classList.remove("is-here");
    here = question;
    if (here) here.classList.add("is-here");
  }

  function goTo(question) {
    if (!question) return;
    mark(question);
    var choices = options(question);
    var chosen = choices.find(function (one) { return one.type === "radio" && one.checked; });
    var target = chosen || choices[0] || texts(question)[0];
    if (target) target.focus({ preventScroll: true });
    question.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    var list = questions();
    var next = list[list.indexOf(current()) + by];
    if (next) goTo(next);
    else if (by > 0) saving().focus();
  }

  function saving() { return form.querySelector("[name=then]") || form.querySelector(".checklist-end .btn-primary"); }

  function choose(number) {
    var question = current();
    var option = question && options(question)[number - 1];
    if (!option) return;
    mark(question);
    option.focus({ preventScroll: true });
    option.click();
    question.scrollIntoView({ block: "nearest" });
    if (option.type === "checkbox") return;
    var asked = texts(question)[0];
    if (asked && option.name !== "experience") {
      asked.focus();
      if (asked.select) asked.select();
    } else step(1);
  }

  function write() {
    var question = current();
    var row = document.activeElement && document.activeElement.closest(".study");
    var found = texts(row || question);
    var target = row || question.dataset.question !== "study" ? found[0] : found[found.length - 1];
    (target || form.elements.comment).focus();
  }

  function leaveText(field) {
    var row = field.closest(".study");
    if (row) row.querySelector("[type=checkbox]").focus();
    else {
      var question = field.closest("[data-question]");
      var choices = question ? options(question) : [];
      if (choices.length) goTo(question);
      else field.blur();
    }
  }

  /* --- Keys ------------------------------------------------------------------------------------------------------ */

  function isText(element) {
    if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
    return element.tagName === "INPUT" && !/^(radio|checkbox|button|submit|range)$/.test(element.type);
  }

  function isOn() { return memory.get(OFF) !== "off"; }

  function showKeys() {
    document.documentElement.classList.toggle("with-keys", isOn());
    all("[data-keys]").forEach(function (button) { button.hidden = false; });
    document.getElementById("keys-on").checked = isOn();
  }

  function number(event) {
    var found = /^(?:Digit|Numpad)([1-9])$/.exec(event.code || "");
    return found && !event.shiftKey ? Number(found[1]) : 0;
  }

  function asksForHelp(event) { return event.key === "?" || (event.code === "Slash" && event.shiftKey); }

  var LETTERS = {
    KeyJ: function () { if (form) step(1); else stepLine(1); },
    KeyK: function () { if (form) step(-1); else stepLine(-1); },
    KeyS: function () { if (form) goTo(questions()[0]); },
    KeyN: function () { if (form) write(); },
    KeyV: function () {
      var button = form && all("[name=use]", form).filter(visible)[0];
      if (button) button.click();
    },
    KeyW: function () {
      var said = document.querySelector(".said");
      if (!said) return;
      said.open = true;
      said.querySelector("summary").focus();
    },
    KeyL: function () {
      var skip = document.querySelector("[data-key=skip]");
      if (skip) skip.click();
    },
  };

  function stepLine(by) {
    var lines = all("[data-line]").filter(visible);
    var next = lines[lines.indexOf(document.activeElement) + by] || (by > 0 ? null : lines[0]);
    if (next) next.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || !help || help.open) return;
    var target = event.target;
    var inForm = form && (form.contains(target) || target === document.body || target.id === "main");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) form.requestSubmit(saving());
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isText(target)) {
      if (event.key === "Escape" && inForm) leaveText(target);
      else if (event.key === "Enter" && inForm && target.tagName === "INPUT") goOn(event);
      return;
    }
    /* The browser would send the form from any of its fields: a checklist is final and asks for its button. */
    if (event.key === "Enter" && inForm && target.tagName === "INPUT") return goOn(event);
    if (!isOn()) return;
    var action = null;
    if (asksForHelp(event)) action = function () { help.showModal(); };
    else if (form && number(event)) action = function () { choose(number(event)); };
    else if (!event.shiftKey) action = LETTERS[event.code];
    if (!action || (event.repeat && event.code !== "KeyJ" && event.code !== "KeyK")) return;
    event.preventDefault();
    action();
  });

  function goOn(event) {
    event.preventDefault();
    step(1);
  }

  /* --- Beginning ------------------------------------------------------------------------------------------------- */

  function showNumbers() {
    questions().concat(all(".needs-practice", form)).forEach(function (question) {
      all("input[type=radio], input[type=checkbox]", question).slice(0, 9).forEach(function (option, index) {
        var label = form.querySelector('label[for="' + option.id + '"]');
        if (!label || label.querySelector("kbd")) return;
        var key = document.createElement("kbd");
        key.className = "key";
        key.setAttribute("aria-hidden", "true");
        key.textContent = String(index + 1);
        label.prepend(key);
      });
    });
  }

  dropOldDrafts();
  if (help) {
    showKeys();
    document.addEventListener("click", function (event) {
      if (event.target.closest("[data-keys]")) help.showModal();
    });
    document.getElementById("keys-on").addEventListener("change", function (event) {
      if (event.target.checked) memory.drop(OFF);
      else memory.set(OFF, "off");
      showKeys();
    });
  }
  if (form) {
    showNumbers();
    keepDrafts();
    offerKnown();
    if (isOn()) mark(questions()[0]);
    form.addEventListener("focusin", function (event) {
      var question = event.target.closest("[data-question]");
      if (question) mark(question);
    });
  }
})();
