"""One self-contained HTML page: style and charts are inline, nothing is loaded."""
import html
import re

from reporting import blocks, svg

STYLE = """
:root { color-scheme: light dark; --back: #fff; --fore: #1c2126; --soft: #5d6873; --edge: #dde2e7; --panel: #f6f8fa;
  --ours: #0a7d5c; --floor: #8b95a0; --peer: #9db7dd; --wrong: #c73a3a;
  --s0: #0a7d5c; --s1: #2f6fd0; --s2: #c2741b; --s3: #8a4fbf; --s4: #b8385f; --s5: #5d6873; }
@media (prefers-color-scheme: dark) { :root { --back: #14181c; --fore: #e4e8ec; --soft: #9aa5b0; --edge: #313a43;
  --panel: #1b2127; --ours: #35c294; --floor: #6f7a85; --peer: #4d6f9f; --wrong: #f07a7a;
  --s0: #35c294; --s1: #6ba3f5; --s2: #e2a04e; --s3: #bb8ae6; --s4: #ec7f9f; --s5: #9aa5b0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.2rem 1rem 4rem; background: var(--back); color: var(--fore);
  font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .4rem 0; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--edge); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p, ul { max-width: 48rem; }
.note, .scale { color: var(--soft); font-size: .85rem; font-weight: 400; }
.note { margin: .3rem 0 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .7rem; }
.tile { background: var(--panel); border: 1px solid var(--edge); border-radius: .5rem; padding: .6rem .9rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.3; color: var(--ours); font-variant-numeric: tabular-nums; }
.tile span { font-size: .88rem; color: var(--soft); }
@media (max-width: 36rem) { .tiles { grid-template-columns: 1fr 1fr; } .tile { padding: .4rem .6rem; }
  .tile b { font-size: 1.3rem; }
  h2 { margin-top: 1.6rem; } ul { padding-left: 1.2rem; } }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: .9rem; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--edge); border-radius: .5rem;
  padding: .6rem .6rem .3rem; }
figcaption { font-weight: 600; font-size: .95rem; }
svg { display: block; width: 100%; height: auto; font: 11px system-ui, "DejaVu Sans", sans-serif; }
svg text { fill: var(--fore); } svg .mark { fill: var(--soft); font-size: 10px; } svg .label.ours { font-weight: 700; }
svg .label.wrong { fill: var(--wrong); } svg .value { font-variant-numeric: tabular-nums; }
.grid { stroke: var(--edge); } .whisker { stroke: var(--fore); stroke-width: 1.5; opacity: .7; }
rect.ours { fill: var(--ours); } rect.floor { fill: var(--floor); } rect.peer { fill: var(--peer); }
rect.wrong { fill: none; stroke: var(--wrong); stroke-dasharray: 3 2; }
.line { fill: none; stroke-width: 2; }
.legend { margin: .1rem .3rem .4rem; font-size: .82rem; } .key { margin-right: .9rem; white-space: nowrap; }
.key i { display: inline-block; width: .75em; height: .75em; border-radius: 50%; margin-right: .35em; }
.wide { overflow-x: auto; margin: .4rem 0 .2rem; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .7rem; border-bottom: 1px solid var(--edge); text-align: left; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; } .n { text-align: right; }
td.text { white-space: normal; min-width: 16rem; } .wrong { color: var(--wrong); font-weight: 700; }
tr.ours td { font-weight: 700; }
code { font: .88em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
""" + "\n".join(f".line.s{i} {{ stroke: var(--s{i}); }} .dot.s{i} {{ fill: var(--s{i}); }} "
                f"i.s{i} {{ background: var(--s{i}); }}" for i in range(6))


def inline(text):
    """Escaped, with `code` set as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def cell(text, is_numeric, tag="td"):
    applies = {"n": is_numeric, "wrong": text.startswith("!"), "text": len(text) > 44}
    kinds = [kind for kind, is_so in applies.items() if is_so]
    mark = f' class="{" ".join(kinds)}"' if kinds else ""
    return f"<{tag}{mark}>{inline(text.removeprefix('!'))}</{tag}>"


def table(block):
    numeric = [block.is_numeric(column) for column in range(len(block.columns))]
    title = f"<h3>{inline(block.title)}</h3>" if block.title else ""
    head = "".join(cell(name, numeric[at], "th") for at, name in enumerate(block.columns))
    rows = "".join(f"<tr{' class=ours' if row[0] == 'simdjwt' else ''}>" +
                   "".join(cell(text, numeric[at]) for at, text in enumerate(row)) + "</tr>" for row in block.rows)
    note = f'<p class="note">{inline(block.note)}</p>' if block.note else ""
    return f'{title}<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}'


def render_block(block):
    if isinstance(block, blocks.Heading):
        return f"<h2>{inline(block.text)}</h2>"
    if isinstance(block, blocks.Paragraph):
        return f"<p>{inline(block.text)}</p>"
    if isinstance(block, blocks.Items):
        return "<ul>" + "".join(f"<li>{inline(text)}</li>" for text in block.texts) + "</ul>"
    if isinstance(block, blocks.Tiles):
        return '<div class="tiles">' + "".join(f'<div class="tile"><b>{inline(figure)}</b><span>{inline(text)}</span></div>'
                                               for figure, text in block.tiles) + "</div>"
    if isinstance(block, blocks.Charts):
        return '<div class="charts">' + "".join(svg.figure(chart) for chart in block.charts) + "</div>"
    return table(block)


def render(title, content):
    body = "\n".join(render_block(block) for block in content)
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{html.escape(title)}</title>'
            f'<style>{STYLE}</style></head>\n'
            f"<body><h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n")
