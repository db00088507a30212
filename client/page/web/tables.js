// Elements and tables. Texts become text nodes, never markup.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function verdictMark(isGood, text) {
  return element("span", { class: isGood ? "good" : "bad" }, text);
}

// The first cell of a row is its heading. Scrolls by itself where it is wider than the page.
function table(caption, kind, heads, rows) {
  const made = element("table", { class: kind }, element("caption", {}, caption));
  if (heads) {
    const cells = heads.map((text) => element("th", { scope: "col" }, text));
    made.append(element("thead", {}, element("tr", {}, ...cells)));
  }
  const body = rows.map(([first, ...rest]) => element("tr", {},
    element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", {}, cell))));
  made.append(element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, made);
}

function facts(caption, rows) {
  return table(caption, "facts", null, rows);
}

function folded(summary, ...children) {
  return element("details", {}, element("summary", {}, summary), ...children);
}

// What the text report has: count, min, mean, stddev, percentiles and max of each time measured.
function timesTable(times) {
  const measured = Object.entries(times).filter(([name, one]) => name === "latency" || one.count > 0);
  const row = (label, value) => [label, ...measured.map(([, one]) => (one.count > 0 ? value(one) : "-"))];
  const rows = [["count", ...measured.map(([, one]) => grouped(one.count))]];
  for (const key of ["min", "mean", "stddev"]) rows.push(row(key, (one) => shortTime(one[key])));
  const some = measured.find(([, one]) => one.count > 0);
  (some ? some[1].percentiles : []).forEach(([percentile], index) => {
    rows.push(row("p" + percentile, (one) => shortTime(one.percentiles[index][1])));
  });
  rows.push(row("max", (one) => shortTime(one.max)));
  return table("Times", "figures", ["", ...measured.map(([name]) => name)], rows);
}

// All points of the curves of a chart, as [{label, points}].
function curvesTable(caption, curves) {
  const values = curves.map(({ points }) => new Map(points));
  const percentiles = [...new Set(curves.flatMap(({ points }) => points.map(([p]) => p)))];
  percentiles.sort((one, other) => one - other);
  const rows = percentiles.map((p) => [percentileName(p), ...values.map((all) => shortTime(all.get(p)))]);
  return folded(`The same values as a table (${rows.length} rows)`,
    table(caption, "figures", ["percentile", ...curves.map(({ label }) => label)], rows));
}

function intervalsTable(rows) {
  const heads = ["until", "messages/s", "p50", "p99", "max", "echoc late by", "errors", "connections"];
  const cells = rows.map(([at, rate, p50, p99, max, errors, lateness, connections]) => [
    moment(at), grouped(rate, 1), shortTime(p50), shortTime(p99), shortTime(max), shortTime(lateness),
    grouped(errors), grouped(connections)]);
  return folded(`The same values as a table (${rows.length} rows)`,
    table("Over time", "figures", heads, cells));
}
