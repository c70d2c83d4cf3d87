"""Charts as inline SVG. Colours are classes, so that the page can be light or dark; widths suit a phone."""
import html
import math

from reporting import blocks

WIDTH = 360
LABEL, RIGHT, ROW, TOP = 142, 76, 22, 8


def text(x, y, content, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{html.escape(content)}</text>'


def short(value):
    """1,500,000 as 1.5M: for the marks of an axis."""
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{suffix}"
    return f"{value:g}"


def decades(low, high):
    """The powers of ten within [low, high], and the two around."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** power for power in range(first, max(last, first + 1) + 1)]


def round_marks(high):
    """Marks of a linear axis from 0 that cover `high`."""
    step = 10 ** math.floor(math.log10(high))
    step = next(step * factor for factor in (0.2, 0.5, 1, 2, 5) if high / (step * factor) <= 4.5)
    return [step * index for index in range(int(high / step) + 2)]


def frame(height, title, body):
    return (f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(title, quote=True)}">'
            f"{''.join(body)}</svg>")


def bars(chart):
    """Horizontal bars with the spread as a whisker and the figure at the right."""
    values = [value for bar in chart.bars for value in (bar.value, bar.high)]
    left, right = LABEL, WIDTH - RIGHT
    if chart.is_log:
        marks = decades(min(bar.value for bar in chart.bars) * 0.5, max(values))
        low, high = math.log10(marks[0]), math.log10(marks[-1])

        def place(value):
            return left + (right - left) * max(0.0, math.log10(max(value, 1e-9)) - low) / (high - low)
    else:
        marks = round_marks(max(values))

        def place(value):
            return left + (right - left) * value / marks[-1]

    height = TOP + ROW * len(chart.bars) + 24
    bottom = height - 20
    body = [f'<line x1="{place(mark):.1f}" y1="{TOP}" x2="{place(mark):.1f}" y2="{bottom}" class="grid"/>' +
            text(place(mark), height - 6, short(mark), "middle", "mark") for mark in marks]
    for index, bar in enumerate(chart.bars):
        y = TOP + ROW * index
        label = bar.label if len(bar.label) <= 21 else bar.label[:20] + "…"
        body.append(text(left - 6, y + 15, label, "end", f"label {bar.kind}"))
        body.append(f'<rect x="{left}" y="{y + 4}" width="{max(1.0, place(bar.value) - left):.1f}" height="{ROW - 8}" '
                    f'rx="2" class="{bar.kind}"><title>{html.escape(bar.label)}: {html.escape(bar.text)}</title></rect>')
        if bar.high > bar.low:
            body.append(f'<line x1="{place(bar.low):.1f}" y1="{y + 11}" x2="{place(bar.high):.1f}" y2="{y + 11}" '
                        'class="whisker"/>')
        body.append(text(right + 6, y + 15, bar.text, "start", "value"))
    return frame(height, chart.title, body)


def lines(chart):
    """Lines over two logarithmic axes, each with its name at its end."""
    points = [point for _, series in chart.series for point in series if point[0] > 0 and point[1] > 0]
    left, right, top, height = 44, WIDTH - 14, 10, 236
    bottom = height - 34
    y_marks = decades(min(y for _, y in points), max(y for _, y in points))
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    if x_high == x_low:
        x_high = x_low * 2

    def across(x):
        return left + (right - left) * (math.log(x) - math.log(x_low)) / (math.log(x_high) - math.log(x_low))

    def up(y):
        low, high = math.log10(y_marks[0]), math.log10(y_marks[-1])
        return bottom - (bottom - top) * (math.log10(y) - low) / (high - low)

    body = [f'<line x1="{left}" y1="{up(mark):.1f}" x2="{right}" y2="{up(mark):.1f}" class="grid"/>' +
            text(left - 5, up(mark) + 4, short(mark), "end", "mark") for mark in y_marks]
    last = -100.0
    for x in sorted({x for x, _ in points}):
        if across(x) - last >= 34:
            body.append(text(across(x), bottom + 14, short(x), "middle", "mark"))
            last = across(x)
    body.append(text((left + right) / 2, height - 4, chart.x_label, "middle", "mark"))
    for index, (_, series) in enumerate(chart.series):
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in series if x > 0 and y > 0)
        body.append(f'<polyline points="{path}" class="line s{index % 6}"/>')
        body += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="2.6" class="dot s{index % 6}"/>'
                 for x, y in series if x > 0 and y > 0]
    return frame(height, chart.title, body)


def legend(chart):
    return "".join(f'<span class="key"><i class="s{index % 6}"></i>{html.escape(label)}</span>'
                   for index, (label, _) in enumerate(chart.series))


def figure(chart):
    """The chart with its title, as HTML."""
    title = f"<figcaption>{html.escape(chart.title)}"
    if isinstance(chart, blocks.Bars):
        note = ' <span class="scale">log scale</span>' if chart.is_log else ""
        return f"<figure>{title}{note}</figcaption>{bars(chart)}</figure>"
    return (f"<figure>{title} <span class=\"scale\">log scale</span></figcaption>"
            f"{lines(chart)}<p class=\"legend\">{legend(chart)}</p></figure>")
