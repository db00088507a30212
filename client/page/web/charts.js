// Charts by Chart.js. Each is drawn again when the colours change.

const drawings = [];

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function seriesColor(index) {
  const colors = style("--series").split(/\s+/);
  return colors[index % colors.length];
}

// Not by colour alone: lines differ in their dashes too.
function line(label, index, data, more = {}) {
  const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4, 1, 4]];
  const short = label.length > 30 ? label.slice(0, 29) + "…" : label;
  return {
    label: short, data, borderColor: seriesColor(index), backgroundColor: seriesColor(index),
    borderWidth: 2, borderDash: dashes[index % dashes.length],
    pointRadius: data.length > 60 ? 0 : 2, pointHitRadius: 8, tension: 0, ...more,
  };
}

function axis(title, more = {}) {
  return {
    title: { display: true, text: title, color: style("--text") },
    ticks: { color: style("--text"), ...more.ticks },
    grid: { color: style("--line") },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "ticks")),
  };
}

// On a logarithmic axis: 1, 2 and 5 of each decade, or all where these are few.
function keepRoundTicks(scale) {
  const round = scale.ticks.filter(({ value }) => {
    const digit = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
    return digit === 1 || digit === 2 || digit === 5;
  });
  if (round.length >= 2) scale.ticks = round;
}

function timeAxis(title) {
  return axis(title, {
    type: "logarithmic", afterBuildTicks: keepRoundTicks,
    ticks: { callback: (value) => tickTime(value), autoSkip: true, maxTicksLimit: 9 },
  });
}

function reciprocal(percentile, count) {
  return percentile >= 100 ? Math.max(count, 2) : 100 / (100 - percentile);
}

// The axis of nines: 50, 90, 99, 99.9, … are at 2, 10, 100, 1000, … of 1/(1-p).
function ninesAxis(end) {
  return axis("percentile", {
    type: "logarithmic", min: 1, max: end,
    afterBuildTicks: (scale) => {
      scale.ticks = [{ value: 1 }, { value: 2 }];
      for (let at = 10; at <= end; at *= 10) scale.ticks.push({ value: at });
    },
    ticks: {
      callback: (value) => String(Number((100 - 100 / value).toFixed(9))),
      autoSkip: false, maxRotation: 0,
    },
  });
}

function chartOptions(scales, tooltip) {
  return {
    animation: false, responsive: true, maintainAspectRatio: false,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    scales,
    plugins: {
      legend: { labels: { color: style("--text"), boxWidth: 28 } },
      tooltip: { callbacks: tooltip },
    },
  };
}

function timeTooltip(title) {
  return {
    title: (items) => (items.length === 0 ? "" : title(items[0])),
    label: (item) => item.dataset.label + ": " + shortTime(item.raw.y),
  };
}

// curves: [{label, count, points: [[percentile, us]]}]
function percentileChart(curves) {
  const end = Math.max(2, ...curves.map((curve) => curve.count));
  return {
    type: "line",
    data: {
      datasets: curves.map(({ label, count, points }, index) =>
        line(label, index, points.map(([p, us]) => ({ x: reciprocal(p, count), y: us, p })))),
    },
    options: chartOptions({ x: ninesAxis(end), y: timeAxis("time") },
      timeTooltip((item) => percentileName(item.raw.p))),
  };
}

// series: [{label, points: [[seconds, us or null]]}]
function timesChart(series, end) {
  return {
    type: "line",
    data: {
      datasets: series.map(({ label, points }, index) =>
        line(label, index, points.map(([x, y]) => ({ x, y })))),
    },
    options: chartOptions(
      { x: axis("seconds", { type: "linear", min: 0, max: end }), y: timeAxis("time") },
      timeTooltip((item) => moment(item.raw.x))),
  };
}

// series: [{label, points: [[seconds, per second]]}]; errors: the same, on an axis of their own.
function rateChart(series, errors, end) {
  const datasets = series.map(({ label, points }, index) =>
    line(label, index, points.map(([x, y]) => ({ x, y }))));
  const scales = {
    x: axis("seconds", { type: "linear", min: 0, max: end }),
    y: axis("messages/s", { min: 0 }),
  };
  if (errors) {
    datasets.push(line("errors", 1, errors.map(([x, y]) => ({ x, y })),
      { yAxisID: "errors", pointStyle: "rectRot", stepped: "after" }));
    scales.errors = axis("errors", {
      position: "right", min: 0, suggestedMax: 1, ticks: { precision: 0 },
      grid: { drawOnChartArea: false },
    });
  }
  return {
    type: "line",
    data: { datasets },
    options: chartOptions(scales, {
      title: (items) => (items.length === 0 ? "" : moment(items[0].raw.x)),
      label: (item) => item.dataset.label + ": " + grouped(item.raw.y, item.dataset.yAxisID === "errors" ? 0 : 1),
    }),
  };
}

// A place for a chart; `configuration` makes what Chart.js takes, in the colours of the moment.
function chartPlace(id, label, configuration) {
  const canvas = element("canvas", { id, role: "img", "aria-label": label + "; the tables below have the same values" });
  drawings.push({ canvas, configuration, chart: null });
  return element("div", { class: "chart" }, canvas);
}

function drawAll() {
  for (const drawing of drawings) {
    if (drawing.chart) drawing.chart.destroy();
    drawing.chart = new Chart(drawing.canvas, drawing.configuration());
  }
}
