/* What is wrong with the page as it stands, in words: run by test_look.py at several widths. */
() => {
  const found = [];
  const say = (what, element) => found.push(element ? `${what}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 160)}` : what);
  const isShown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const all = (selector) => [...document.querySelectorAll(selector)];

  const over = document.scrollingElement.scrollWidth - window.innerWidth;
  if (over > 0) {
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    const right = (element) => element.getBoundingClientRect().right;
    // What a closed menu holds has a place too, but is not the one that widens the window.
    const wide = all("body *").filter((element) => element.checkVisibility() && right(element) > window.innerWidth + 0.5 && !scrolls(element));
    say(`wider than the window by ${over}`, wide.sort((one, other) => right(other) - right(one))[0]);
  }

  if (all("h1").filter(isShown).length !== 1) say(`${all("h1").filter(isShown).length} of h1`);
  if (all("main").length !== 1) say(`${all("main").length} of main`);
  if (!document.title.trim()) say("no title");
  if (document.documentElement.lang !== "ru") say("no language");
  if (!document.querySelector("a.skip-link[href='#main']")) say("no way past the menu");
  const navs = all("nav").filter(isShown).map((nav) => nav.getAttribute("aria-label") || "");
  if (navs.includes("") || new Set(navs).size !== navs.length) say(`navs without names of their own: ${navs.join(" | ")}`);

  let level = 0;
  for (const heading of all("main :is(h1, h2, h3, h4, h5, [role=heading])").filter(isShown)) {
    const now = Number(heading.ariaLevel || heading.tagName[1]);
    if (now > level + 1) say("a heading skips a level", heading);
    if (!heading.textContent.trim()) say("an empty heading", heading);
    level = now;
  }

  const ids = new Set();
  for (const element of all("[id]")) {
    if (ids.has(element.id)) say("two with one id", element);
    ids.add(element.id);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const element of all(`[${name}]`).filter(isShown)) {
      if (element.getAttribute(name).split(/\s+/).some((id) => id && !ids.has(id))) say(`${name} to nothing`, element);
    }
  }

  const spoken = (element) =>
    element.textContent.trim() || element.getAttribute("aria-label") || element.title ||
    [...element.querySelectorAll("[aria-label], img[alt]")].map((part) => part.getAttribute("aria-label") || part.alt).join("");
  for (const field of all("input, select, textarea")) {
    if (["hidden", "submit", "button"].includes(field.type)) continue;
    const labels = [...(field.labels || [])].map((label) => label.textContent.trim()).join("");
    if (!labels && !field.getAttribute("aria-label") && !field.getAttribute("aria-labelledby")) say("a field without a label", field);
  }
  for (const element of all("a[href], button, summary").filter(isShown)) if (!spoken(element)) say("nothing to read", element);
  for (const image of all("img:not([alt])")) say("a picture without words", image);
  for (const table of all("table").filter(isShown)) if (!table.querySelector("th")) say("a table without headings", table);
  for (const badge of all(".badge-state")) if (!badge.querySelector("svg")) say("a state without an icon", badge);
  return found;
}
