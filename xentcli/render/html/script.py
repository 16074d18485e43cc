"""The one script of a page: a click on the title of a column sorts a table. Without it nothing is missing."""

from __future__ import annotations

SORTING = """
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], titles = [...table.tHead.rows[0].cells];
  const value = (row, at, numeric) => {
    const text = row.cells[at].textContent.trim();
    if (!numeric) return text;
    if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
    const found = parseFloat(text.replace(/[<,\\s]/g, ""));
    return Number.isNaN(found) ? null : found;
  };
  const order = (one, other) => one === null ? 1 : other === null ? -1
    : typeof one === "string" ? one.localeCompare(other) : one < other ? -1 : one > other ? 1 : 0;
  titles.forEach((title, at) => {
    if (title.tagName !== "TH") return;
    const numeric = title.classList.contains("n"), button = document.createElement("button");
    button.append(...title.childNodes);
    button.title = "sort by this column";
    title.append(button);
    button.addEventListener("click", () => {
      const now = title.getAttribute("aria-sort"), falls = now === null ? numeric : now === "ascending";
      titles.forEach((each) => each.removeAttribute("aria-sort"));
      title.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [value(row, at, numeric), row]);
      rows.sort(([one], [other]) =>
        one === null || other === null ? order(one, other) : falls ? order(other, one) : order(one, other));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
"""
