"""What a report is put together from, before it is HTML or Markdown."""
import dataclasses


@dataclasses.dataclass
class Heading:
    text: str


@dataclasses.dataclass
class Paragraph:
    text: str


@dataclasses.dataclass
class Items:
    """A list of sentences."""
    texts: list


@dataclasses.dataclass
class Tiles:
    """The headline figures: (figure, what it is)."""
    tiles: list


@dataclasses.dataclass
class Table:
    """Cells are text; `numeric` columns are set to the right. A cell that starts with "!" is a fault."""
    columns: list
    rows: list
    title: str = ""
    note: str = ""

    def is_numeric(self, column):
        cells = [row[column].lstrip("!") for row in self.rows if row[column] not in ("", "–")]
        return bool(cells) and all(cell[:1].isdigit() or cell[:1] in "-+±.<" for cell in cells)


@dataclasses.dataclass
class Bar:
    """One bar; low and high are the ends of the spread. `kind` is ours, floor, peer or wrong."""
    label: str
    value: float
    low: float
    high: float
    kind: str
    text: str


@dataclasses.dataclass
class Bars:
    title: str
    bars: list
    is_log: bool = False


@dataclasses.dataclass
class Lines:
    """series: (label, [(x, y)]); both axes are logarithmic, the title names the unit of y."""
    title: str
    x_label: str
    series: list


@dataclasses.dataclass
class Charts:
    """Charts side by side."""
    charts: list
