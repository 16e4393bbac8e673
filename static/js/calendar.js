/* The calendar by keys: arrows between days, Page Up and Page Down between months. Without this file every day is
   reached by Tab, and other months by the links above. */
(function () {
  "use strict";

  var grid = document.querySelector("[data-days]");
  if (!grid) return;
  var keys = document.getElementById("keys");
  if (keys) keys.hidden = false;
  var across = { ArrowLeft: -1, ArrowRight: 1 };
  var down = { ArrowUp: -7, ArrowDown: 7 };

  grid.addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var link = event.target.closest("[data-day]");
    if (!link) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      turn(event.key === "PageUp" ? "-1" : "1");
      return;
    }
    var days = grid.tagName === "TABLE" ? Object.assign({}, across, down) : null;
    var to;
    if (event.key === "Home" || event.key === "End") {
      to = edge(link, event.key === "Home");
    } else if (days && event.key in days) {
      to = shifted(link.dataset.day, days[event.key]);
    } else if (!days && (event.key in across || event.key in down)) {
      to = beside(link, event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
    go(to);
  });

  function find(day) {
    return grid.querySelector("[data-day='" + day + "']");
  }

  function go(day) {
    var here = find(day);
    if (here) {
      here.focus();
    } else {
      leave(day);
    }
  }

  /* Beyond the page: the same calendar around that day, which then has the focus. */
  function leave(day) {
    var query = new URLSearchParams(window.location.search);
    query.set("on", day);
    window.location.assign(window.location.pathname + "?" + query + "#d-" + day);
  }

  function turn(step) {
    var link = document.querySelector("[data-move='" + step + "']");
    var day = new URLSearchParams(link.search).get("on");
    window.location.assign(link.href + "#d-" + day);
  }

  /* Noon of UTC: no clock of the reader moves the day. */
  function shifted(day, by) {
    var moment = new Date(day + "T12:00:00Z");
    moment.setUTCDate(moment.getUTCDate() + by);
    return moment.toISOString().slice(0, 10);
  }

  function edge(link, isFirst) {
    var row = link.closest("tr");
    var days = (row || grid).querySelectorAll("[data-day]");
    return days[isFirst ? 0 : days.length - 1].dataset.day;
  }

  /* In a list days without anything are left out: the neighbour is the next one shown. */
  function beside(link, by) {
    var days = Array.prototype.slice.call(grid.querySelectorAll("[data-day]"));
    var other = days[days.indexOf(link) + by];
    return other ? other.dataset.day : shifted(link.dataset.day, by);
  }

  if (window.location.hash.indexOf("#d-") === 0) {
    var asked = document.getElementById(window.location.hash.slice(1));
    if (asked) asked.focus();
  }
})();
