"""The same report as Markdown; charts are left out, their figures stand in the tables."""
from reporting import blocks


def table(block):
    def line(cells):
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    def shown(cell):
        return f"**{cell[1:]}**" if cell.startswith("!") else cell

    marks = ["---:" if block.is_numeric(column) else "---" for column in range(len(block.columns))]
    lines = [f"### {block.title}", ""] if block.title else []
    lines += [line(block.columns), line(marks)] + [line([shown(cell) for cell in row]) for row in block.rows]
    return "\n".join(lines + (["", block.note] if block.note else []))


def render_block(block):
    if isinstance(block, blocks.Heading):
        return f"## {block.text}"
    if isinstance(block, blocks.Paragraph):
        return block.text
    if isinstance(block, blocks.Items):
        return "\n".join(f"- {text}" for text in block.texts)
    if isinstance(block, blocks.Tiles):
        return "\n".join(f"- **{figure}** {text}" for figure, text in block.tiles)
    return table(block)


def render(title, content):
    parts = [render_block(block) for block in content if not isinstance(block, blocks.Charts)]
    return f"# {title}\n\n" + "\n\n".join(parts) + "\n"
