// The search of --find-rate.

// Not by colour alone: verdicts differ in their shapes too.
const verdictMarks = {
  met: { pointStyle: "circle", color: "--good" },
  missed: { pointStyle: "crossRot", color: "--bad" },
  unknown: { pointStyle: "rectRot", color: "--faint" },
};

function rateAxis() {
  return axis("messages/s asked for", {
    type: "logarithmic", afterBuildTicks: keepRoundTicks,
    ticks: { callback: (value) => grouped(value, value < 10 && value % 1 !== 0 ? 1 : 0), maxRotation: 0 },
  });
}

// chart: {metric, limit: us, points: [[rate, us or null, verdict, found]]}
function searchChart({ metric, limit, points }) {
  const marks = (label, pointStyle, color, chosen, more = {}) => ({
    label, data: points.filter(([, y, verdict, found]) => y !== null && chosen(verdict, found)).map(([x, y]) => ({ x, y })),
    showLine: false, pointStyle, pointRadius: 5, pointHitRadius: 8, pointBorderWidth: 2, clip: 12,
    borderColor: style(color), backgroundColor: style(color), ...more,
  });
  const datasets = Object.entries(verdictMarks).map(([name, { pointStyle, color }]) =>
    marks(name, pointStyle, color, (verdict) => verdict === name));
  datasets.push(marks("found", "circle", "--text", (verdict, found) => found,
    { pointRadius: 9, backgroundColor: "transparent" }));
  const rates = points.map(([rate]) => rate);
  datasets.push({
    ...line(`limit ${shortTime(limit)}`, 1, [Math.min(...rates), Math.max(...rates)].map((x) => ({ x, y: limit }))),
    pointRadius: 0, pointHitRadius: 0, pointStyle: "line", borderColor: style("--faint"),
  });
  const options = chartOptions({ x: rateAxis(), y: timeAxis(metric) },
    timeTooltip((item) => grouped(item.raw.x, 1) + " messages/s"));
  options.interaction = { mode: "nearest", intersect: true };
  options.plugins.legend.labels.usePointStyle = true;
  return { type: "line", data: { datasets: datasets.filter(({ data }) => data.length > 0) }, options };
}

function verdictCell({ verdict, found }) {
  const cell = element("span", {}, verdict === "unknown" ? verdict : verdictMark(verdict === "met", verdict));
  if (found) cell.append(element("span", { class: "change" }, "found"));
  return cell;
}

function trialsTable(trials) {
  const cells = trials.map((trial) => {
    const length = element("span", {}, trial.duration);
    if (trial.confirming) length.append(element("span", { class: "change" }, "to confirm"));
    return [trial.rate, trial.achieved, length, verdictCell(trial), trial.values];
  });
  return table("Trials, in their order", "figures trials", ["asked/s", "achieved/s", "for", "verdict", "measured"], cells);
}

function searchPart(search, number) {
  const made = [facts("What was found", search.facts)];
  const { chart } = search;
  if (chart) {
    made.push(chartPlace(`search-${number}`, `${chart.metric} of the trials by their rate`, () => searchChart(chart)));
    const missing = chart.points.filter(([, time]) => time === null).length;
    if (missing > 0) {
      made.push(element("p", { class: "note" }, `Not in the chart: ${missing} of the trials, which have no ${chart.metric}.`));
    }
  }
  if (search.left_out > 0) {
    made.push(element("p", { class: "note" }, `Left out so that the page stays small: the first ${grouped(search.left_out)} trials.`));
  }
  made.push(trialsTable(search.trials),
    element("p", { class: "note" }, "All below is of the run that the search reports: the one that confirmed the rate, if one did."));
  return made;
}
