// What stands in the way of who reads a page with a keyboard or by ear: evaluated in it, gives a list of complaints.
// The rules of WCAG 2 that matter for such a page, as axe-core names them; contrast is in looks.js.
(() => {
  const wrong = [], all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const complain = (rule, element) => wrong.push(`${rule}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 120)}`);
  const expect = (rule, elements, holds) => elements.filter((each) => !holds(each)).forEach((each) => complain(rule, each));
  const root = document.documentElement;
  const byIds = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id));

  // The name that is read aloud: in its order of precedence, as far as such a page uses it.
  const name = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const title = element.namespaceURI.endsWith("svg") && element.querySelector(":scope > title");
    const caption = element.tagName === "TABLE" && element.caption;
    return [by && byIds(by).map((each) => each?.textContent).join(" "), element.getAttribute("aria-label"),
      title && title.textContent, caption && caption.textContent, element.textContent]
      .map((each) => (each || "").trim()).find(Boolean) || "";
  };
  const stated = (element) => element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
  const hidden = (element) => element.closest("[aria-hidden=true], [hidden], title, desc, script, style, noscript");

  // The document.
  if (!/^[a-z]{2,3}(-\w+)*$/i.test(root.lang)) wrong.push(`html-has-lang: "${root.lang}"`);
  if (!document.title.trim()) wrong.push("document-title: there is none");
  expect("meta-viewport", all("meta[name=viewport]"), (each) => !/user-scalable\s*=\s*no|maximum-scale/.test(each.content));
  expect("meta-refresh", all("meta[http-equiv=refresh i]"), () => false);
  const ids = all("[id]").map((each) => each.id);
  expect("duplicate-id", all("[id]"), (each) => ids.filter((id) => id === each.id).length === 1);
  for (const refers of ["aria-labelledby", "aria-describedby", "aria-controls"])
    expect(refers, all(`[${refers}]`), (each) => byIds(each.getAttribute(refers)).every(Boolean));
  expect("skip to a place that is not there", all("a[href^='#']"), (each) => document.getElementById(each.hash.slice(1)));

  // Landmarks: one of each that there is one of, and everything within one.
  for (const [landmark, count] of [["main", 1], ["body header", 1], ["h1", 1]])
    if (all(landmark).filter((each) => !each.closest("main header")).length !== count) wrong.push(`landmark: not ${count} ${landmark}`);
  expect("landmark-unique", all("nav, [role=group], section[aria-labelledby]"), (each) => stated(each) && name(each));
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const parent = words.currentNode.parentElement;
    if (words.currentNode.data.trim() && !hidden(parent) && !parent.closest("main, nav, header, footer")) complain("region", parent);
  }

  // Headings: none empty, no level left out.
  const headings = all("h1, h2, h3, h4, h5, h6"), level = (each) => Number(each.tagName[1]);
  expect("empty-heading", headings, name);
  headings.forEach((each, at) => { if (level(each) > (at ? level(headings[at - 1]) : 0) + 1) complain("heading-order", each); });

  // Names of what is shown and of what is pressed; roles and states that there are.
  expect("name", all("a[href], button, summary, input, select, textarea, img, svg[role=img], table"), name);
  expect("svg-img-alt", all("svg:not([aria-hidden=true])"), (each) => each.getAttribute("role") === "img");
  expect("aria-roles", all("[role]"), (each) => ["img", "group", "presentation", "none"].includes(each.getAttribute("role")));
  const states = ["label", "labelledby", "describedby", "hidden", "sort"];
  for (const each of all("*")) for (const { name: attribute } of each.attributes)
    if (attribute.startsWith("aria-") && !states.includes(attribute.slice(5))) complain(`aria-valid-attr ${attribute}`, each);
  expect("aria-sort", all("[aria-sort]"), (each) => each.tagName === "TH" && ["ascending", "descending"].includes(each.ariaSort));

  // Tables: titles say of what they are, every number is under one or beside one.
  expect("scope-attr-valid", all("th"), (each) => ["col", "row", "rowgroup", "colgroup"].includes(each.scope));
  for (const table of all("table")) {
    const columns = [...table.rows[0].cells];
    expect("td-has-header", all("tbody td", table), (cell) =>
      columns[cell.cellIndex]?.matches("th[scope=col]") || all("th[scope=row]", cell.parentElement).length);
  }

  // Lists hold items, and items are in lists.
  expect("list", all("ul, ol"), (each) => each.children.length && [...each.children].every((child) => child.tagName === "LI"));
  expect("listitem", all("li"), (each) => each.parentElement.matches("ul, ol"));
  expect("definition-list", all("dl"), (each) => all("dt", each).length && all("dd", each).length);

  // The keyboard: in the order of the page, everything that scrolls, nothing that cannot be seen.
  const stops = all("a[href], button, summary, input, [tabindex]");
  expect("tabindex", stops, (each) => each.tabIndex === 0);
  expect("aria-hidden-focus", stops, (each) => !each.closest("[aria-hidden=true]"));
  expect("nested-interactive", stops, (each) => !each.parentElement.closest("a[href], button, summary"));
  expect("scrollable-region-focusable", all("main *"), (each) =>
    each.scrollWidth <= each.clientWidth + 1 || !["auto", "scroll"].includes(getComputedStyle(each).overflowX)
    || each.tabIndex === 0);
  return wrong;
})()
