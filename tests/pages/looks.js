// What a person would see wrong with a page: evaluated in it, gives a list of complaints.
(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} pixels wide, of ${innerWidth}`);

  // Labels: each as the rectangle that it takes, turned as it is.
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox(), to = text.getScreenCTM();
    const inset = height * 0.2;  // the box of a line has room above and below the letters
    return [[x, y + inset], [x + width, y + inset], [x + width, y + height - inset], [x, y + height - inset]]
      .map(([px, py]) => [to.a * px + to.c * py + to.e, to.b * px + to.d * py + to.f]);
  };
  const apart = (one, other) => [one, other].some((box) => [0, 1].some((side) => {
    const axis = [box[side + 1][0] - box[side][0], box[side + 1][1] - box[side][1]];
    const span = (points) => {
      const along = points.map(([x, y]) => (x * axis[0] + y * axis[1]) / Math.hypot(...axis));
      return [Math.min(...along), Math.max(...along)];
    };
    const [a, b] = span(one), [c, d] = span(other);
    return b <= c + 1 || d <= a + 1;
  }));
  for (const picture of document.querySelectorAll("figure svg[role=img]")) {
    const texts = [...picture.querySelectorAll("text")].filter((text) => text.getBBox().width > 0);
    const boxes = texts.map(corners), edge = picture.getBoundingClientRect();
    const words = (at) => [...texts[at].childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("");
    boxes.forEach((box, at) => {
      if (box.some(([x, y]) => x < edge.left - 1 || x > edge.right + 1 || y < edge.top - 1 || y > edge.bottom + 1))
        wrong.push(`"${words(at)}" leaves its picture`);
      for (let next = at + 1; next < boxes.length; next++)
        if (!apart(box, boxes[next])) wrong.push(`"${words(at)}" overlaps "${words(next)}"`);
    });
  }

  // Contrast of all text with what is behind it, WCAG 2: at least 4.5 : 1.
  const color = (text) => text.match(/[\d.]+/g).map(Number);
  const over = (front, alpha, back) => back.map((each, at) => alpha * front[at] + (1 - alpha) * each);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((each) => each / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, alpha = 1] = color(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const painted = (text) => {  // what rectangles of the picture stand behind a label
    const box = text.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    let found = behind(text);
    for (const each of text.closest("svg[role=img]").querySelectorAll("rect, text")) {
      if (each === text) break;
      const area = each.getBoundingClientRect(), style = getComputedStyle(each);
      if (each.tagName === "rect" && x > area.left && x < area.right && y > area.top && y < area.bottom)
        found = over(color(style.fill), Number(style.fillOpacity), found);
    }
    return found;
  };
  const seen = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.getClientRects().length || element.closest("title, desc, script, .unseen")) continue;
    const style = getComputedStyle(element), label = element.tagName === "text";
    const ratio = contrast(color(label ? style.fill : style.color), label ? painted(element) : behind(element));
    const what = `${element.tagName}.${element.getAttribute("class")} has a contrast of ${ratio.toFixed(2)}`;
    if (ratio < 4.5 && !seen.has(what)) wrong.push(what);
    seen.add(what);
  }

  // Names for whoever listens.
  for (const each of document.querySelectorAll("a, button, summary, th"))
    if (!each.textContent.trim()) wrong.push(`a ${each.tagName} without a name`);
  for (const each of document.querySelectorAll("[role=group], nav"))
    if (!each.getAttribute("aria-label")) wrong.push(`a ${each.tagName} without a label`);
  for (const each of document.querySelectorAll("svg[role=img]"))
    if (!each.querySelector(":scope > title")?.textContent) wrong.push("a picture without a title");
  if (!root.lang || !document.title) wrong.push("no language or title");
  return wrong;
})()
