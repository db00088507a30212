// Several targets of one load.

const judged = { better: true, worse: false };

function judgement(text) {
  return text in judged ? verdictMark(judged[text], text) : text;
}

function targetCell({ text, change, judgement: worth }) {
  const cell = element("span", {}, text);
  if (change !== undefined) {
    cell.append(element("span", { class: "change" }, change), element("span", { class: "change" }, judgement(worth)));
  }
  return cell;
}

function targetsTable(rows) {
  const heads = ["target", "rounds", "rate", "p50", "p99", "max", "errors", "CPU per message"];
  const cells = rows.map(({ target, rounds, cells: figures }, index) =>
    [index === 0 ? element("span", {}, target, element("span", { class: "change" }, "base")) : target,
      rounds, ...figures.map(targetCell)]);
  return table("Medians of rounds, and change from the base", "figures targets", heads, cells);
}

function differencesTable(base, { target, rows }) {
  const caption = `${target} beside ${base}`;
  if (rows.length === 0) return element("p", {}, `${caption}: not compared, because one of them has no complete round.`);
  const heads = ["median", "base", "spread", "new", "spread", "change", "p", ""];
  return folded(`${caption}, with spread and p (${rows.length} rows)`,
    table(caption, "figures differences", heads, rows.map((row) => [...row.slice(0, -1), judgement(row.at(-1))])));
}

function targetsPart(targets, number) {
  const base = targets.rows[0].target;
  const notes = ["The errors are those of all rounds; their change is that of the median.",
    ...targets.noise.map((text) => "Noise: " + text + ".")];
  if (targets.left_out > 0) notes.push(`Left out so that the page stays small: ${grouped(targets.left_out)} more targets.`);
  const made = [targetsTable(targets.rows), ...notes.map((text) => element("p", { class: "note" }, text)),
    ...targets.differences.map((one) => differencesTable(base, one))];
  const curves = targets.curves.filter(({ points }) => points.length > 0);
  if (curves.length > 0) {
    made.push(chartPlace(`targets-${number}`, "Latency of each target by percentile", () => percentileChart(curves)),
      curvesTable("Latency of each target by percentile, all rounds together", curves));
  }
  made.push(element("p", { class: "note" }, "All below is of the runs of all targets together."));
  return made;
}
