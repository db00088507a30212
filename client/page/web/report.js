// Puts the page together from its data.

function thinned({ each, of, rows }) {
  if (each === 1) return [];
  return [element("p", { class: "note" },
    `Thinned so that the page stays small: each of the ${rows.length} rows holds up to ${each} of the ` +
    `${grouped(of)} intervals. Its times are the highest of them, its errors the sum.`)];
}

function noIntervals(run) {
  return element("p", {}, run.merged
    ? "A merged result has no intervals: those of its runs do not begin together."
    : "This result has no intervals.");
}

// The n-th value of each row of the intervals, over time.
function column(run, index) {
  return run.intervals.rows.map((row) => [row[0], row[index]]);
}

function endOf(runs) {
  return Math.max(...runs.map(({ intervals }) => (intervals.rows.length > 0 ? intervals.rows.at(-1)[0] : 0)));
}

function curve(run, name, label) {
  return { label, count: run.times[name].count, points: run.curves[name] };
}

function objectives(run) {
  if (run.objectives.length === 0) {
    return element("p", {}, `No objectives were set${run.search ? " besides those of the search" : ""}.`);
  }
  const items = run.objectives.map(({ expr, met, shown }) => element("li", {}, expr + ": ",
    verdictMark(met, met ? "met" : "missed"), ", " + shown));
  if (run.unlisted > 0) items.push(element("li", {}, `and ${run.unlisted} more`));
  return element("ul", {}, ...items);
}

function warnings(run) {
  if (run.warnings.length === 0) return element("p", {}, "No warnings.");
  return element("ul", {}, ...run.warnings.map((text) => element("li", {}, text)));
}

function percentilesPart(run, number) {
  const curves = Object.keys(run.curves)
    .filter((name) => name !== "connect" && run.curves[name].length > 0)
    .map((name) => curve(run, name, name));
  if (curves.length === 0) return [element("p", {}, "No message has a latency."), timesTable(run.times)];
  return [chartPlace(`percentiles-${number}`, "Latency by percentile", () => percentileChart(curves)),
    timesTable(run.times), curvesTable("Times by percentile", curves)];
}

function overTimePart(run, number) {
  const { rows } = run.intervals;
  if (rows.length === 0) return [noIntervals(run)];
  const end = endOf([run]);
  const times = [["p50", 2], ["p99", 3], ["max", 4], ["echoc late by", 6]]
    .map(([label, index]) => ({ label, points: column(run, index) }))
    .filter(({ points }) => points.some(([, value]) => value !== null));
  return [...thinned(run.intervals),
    chartPlace(`rate-${number}`, "Rate and errors over time",
      () => rateChart([{ label: "messages/s", points: column(run, 1) }], column(run, 5), end)),
    chartPlace(`times-${number}`, "Latency and lateness of echoc over time", () => timesChart(times, end)),
    intervalsTable(rows)];
}

function connectPart(run, number) {
  if (run.curves.connect.length === 0) return [element("p", {}, "No connection was timed.")];
  const curves = [curve(run, "connect", "connect")];
  return [chartPlace(`connect-${number}`, "Connect times by percentile", () => percentileChart(curves)),
    curvesTable("Connect times by percentile", curves)];
}

function runParts(run, number, heading) {
  const parts = [];
  if (run.search) parts.push(["Search for the highest rate", searchPart(run.search, number)]);
  if (run.targets) parts.push(["Targets", targetsPart(run.targets, number)]);
  parts.push(["Objectives", [objectives(run)]], ["Warnings", [warnings(run)]],
    ["Latency by percentile", percentilesPart(run, number)], ["Over time", overTimePart(run, number)],
    ["Connect times", connectPart(run, number)], ["What happened", [facts("What happened", run.facts)]],
    ["Options", [facts("Options", run.options)]], ["Machine", [facts("Machine", run.machine)]]);
  return parts.map(([title, content]) => element("section", {}, element(heading, {}, title), ...content));
}

function comparisonTable(rows, runs) {
  const cells = rows.map(({ metric, values, changes }) => [metric, ...values.map((value, index) => {
    const cell = element("span", {}, value);
    if (changes[index]) cell.append(element("span", { class: "change" }, changes[index]));
    return cell;
  })]);
  return table("Each run, and its change from the base", "figures",
    ["", ...runs.map(({ name }, index) => name + (index === 0 ? " (base)" : ""))], cells);
}

// A table of one value of the intervals of each run.
function columnTable(caption, series, text) {
  const rows = series.flatMap(({ label, points }) => points.map(([at, value]) => [label, moment(at), text(value)]));
  return folded(`The same values as a table (${rows.length} rows)`,
    table(caption, "figures", ["run", "until", caption], rows));
}

function comparison(data) {
  const runs = data.runs;
  const made = element("section", {}, element("h2", {}, "Comparison"), comparisonTable(data.comparison, runs));
  made.append(element("p", { class: "note" },
    "“failed”: the percentile falls among the messages without an answer. One run does not tell a change from noise; echoc compare does."));
  const curves = runs.map((run) => curve(run, "latency", run.name)).filter(({ points }) => points.length > 0);
  if (curves.length > 0) {
    made.append(element("h3", {}, "Latency by percentile"),
      chartPlace("percentiles-all", "Latency of each run by percentile", () => percentileChart(curves)),
      curvesTable("Latency by percentile", curves));
  }
  const timed = runs.filter(({ intervals }) => intervals.rows.length > 0);
  if (timed.length === 0) return made;
  const end = endOf(timed);
  const rates = timed.map((run) => ({ label: run.name, points: column(run, 1) }));
  const p99 = timed.map((run) => ({ label: run.name, points: column(run, 3) }));
  made.append(element("h3", {}, "Rate over time"),
    chartPlace("rate-all", "Rate of each run over time", () => rateChart(rates, null, end)),
    columnTable("messages/s", rates, (value) => grouped(value, 1)),
    element("h3", {}, "p99 over time"),
    chartPlace("times-all", "p99 of each run over time", () => timesChart(p99, end)),
    columnTable("p99", p99, shortTime));
  return made;
}

function show(data) {
  const main = document.querySelector("main");
  if (data.runs.length > 1) main.append(comparison(data));
  data.runs.forEach((run, number) => {
    if (data.runs.length === 1) return main.append(...runParts(run, number, "h2"));
    return main.append(element("section", {}, element("h2", {}, run.name),
      element("p", {}, run.answer), ...runParts(run, number, "h3")));
  });
  drawAll();
}

// On paper: dark on white, and nothing folded away.
function prepareForPaper() {
  document.documentElement.dataset.print = "";
  for (const one of document.querySelectorAll("main details:not([open])")) {
    one.open = true;
    one.dataset.unfolded = "";
  }
  drawAll();
}

function returnFromPaper() {
  delete document.documentElement.dataset.print;
  for (const one of document.querySelectorAll("details[data-unfolded]")) {
    one.open = false;
    delete one.dataset.unfolded;
  }
  drawAll();
}

show(JSON.parse(document.getElementById("data").textContent));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("beforeprint", prepareForPaper);
addEventListener("afterprint", returnFromPaper);
