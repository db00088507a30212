"""Medians, spreads and ratios of the samples, as a Markdown table for each work."""

import statistics


def summary(work, samples, reference):
    """The figures of one row: of each column the median, the extremes and the ratio."""
    figures = {}
    for column in work.columns:
        values = [sample[column.key] for sample in samples if sample and column.key in sample]
        if not values:
            continue
        figures[column.key] = {
            "median": statistics.median(values),
            "min": min(values),
            "max": max(values),
            "ratio": _ratio(column, samples, reference),
        }
    return figures


def _ratio(column, samples, reference):
    """How many times better the reference is, round by round, as rounds differ from each other."""
    ratios = []
    for mine, its in zip(samples, reference):
        if mine and its and mine.get(column.key) and its.get(column.key):
            ratio = its[column.key] / mine[column.key]
            ratios.append(ratio if column.high else 1 / ratio)
    return statistics.median(ratios) if ratios else None


def table(work, rows, failures):
    """Rows: figures by the server's name, the reference first."""
    reference = next(iter(rows), "")
    heads = ["client" if work.of_clients or work.of_spinning else "server"]
    for column in work.columns:
        heads.append(column.title)
        if column is work.columns[0]:
            heads.append("min–max")
        if column.ratio:
            heads.append(f"{reference}: {column.ratio}")
    lines = [f"### {work.title}", "", _line(heads), _line(["---"] + ["---:"] * (len(heads) - 1))]
    for name, figures in rows.items():
        lines.append(_line([name, *_cells(work, figures)]))
    lines += [""] + [f"{name}: {reason}" for name, reason in failures.items()]
    return "\n".join(lines).rstrip() + "\n"


def _cells(work, figures):
    for column in work.columns:
        figure = figures.get(column.key)
        yield _number(figure and figure["median"], column.digits)
        if column is work.columns[0]:
            extremes = (_number(figure and figure[key], column.digits) for key in ("min", "max"))
            yield "–".join(extremes)
        if column.ratio:
            yield _number(figure and figure["ratio"], 2)


def _number(value, digits):
    return "-" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"


def _line(cells):
    return "| " + " | ".join(cells) + " |"
