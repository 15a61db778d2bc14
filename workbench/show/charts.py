"""Charts as SVG that stays the same from run to run: no browser, no network, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from workbench.errors import UsageError, did_you_mean
from workbench.frames import cell_text
from workbench.show.lines import columns, one_line
from workbench.show.pictures import Picture

if TYPE_CHECKING:
    import pandas as pd

GREY = "#7d7d7d"  # readable on white and on black: an SVG cannot see the notebook's theme
PALETTE = ["#0b84d8", "#e08a00", "#0f9d72", "#c45fa0", "#7a62d6", "#d1405a", "#0aa2b8", "#7d858c"]
MOST_ROWS = 20
_MARKS: dict[str, dict[str, Any]] = {
    "line": {"type": "line", "point": True},
    "step": {"type": "line", "interpolate": "step-after"},
    "bar": {"type": "bar"},
}
_TEXT = {"labelColor": GREY, "titleColor": GREY, "titleFontWeight": "normal"}
_LOOKS = {
    "background": "transparent",
    "axis": {**_TEXT, "gridColor": GREY, "gridOpacity": 0.2, "domainColor": GREY, "tickColor": GREY},
    "legend": _TEXT,
    "title": {"color": GREY, "anchor": "start", "fontSize": 14},
    "view": {"stroke": None},
    "range": {"category": PALETTE},
    "mark": {"color": PALETTE[0]},
}


def chart(
    df: pd.DataFrame,
    *,
    x: str,
    y: str,
    by: str | None = None,
    title: str = "",
    kind: Literal["line", "step", "bar"] = "line",
    x_title: str | None = None,
    y_title: str | None = None,
) -> Picture:
    """Return a chart of column ``y`` over column ``x``, a line or group of bars for each value of column ``by``.

    ``step`` draws capacity as it is: it jumps where the next 4 KB or 1 KB begins. The text is the same data as a
    table. UsageError names a column that is not there.
    """
    wanted = [name for name in (x, y, by) if name is not None]
    for name in wanted:
        if name not in df.columns:
            raise UsageError(f"no column {name!r} in these rows. {did_you_mean(name, [str(c) for c in df.columns])}")
    return Picture(_text(df[wanted], title), svg=_svg(df[wanted], kind, title, x_title or x, y_title or y, by))


def _text(df: pd.DataFrame, title: str) -> str:
    rows = [[one_line(cell_text(value)) for value in row] for row in df.head(MOST_ROWS).itertuples(index=False)]
    more = [f"... {len(df) - MOST_ROWS} more points"] if len(df) > MOST_ROWS else []
    return "\n".join([*([title] if title else []), *columns([list(map(str, df.columns)), *rows]), *more])


def _svg(df: pd.DataFrame, kind: str, title: str, x_title: str, y_title: str, by_title: str | None) -> str:
    import vl_convert

    names = ("x", "y", "by")[: df.shape[1]]
    points = [dict(zip(names, map(_plain, row), strict=True)) for row in df.itertuples(index=False)]
    numeric = kind != "bar" and all(isinstance(point["x"], int | float) for point in points)
    encoding: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative" if numeric else "ordinal", "title": x_title, "sort": None},
        "y": {"field": "y", "type": "quantitative", "title": y_title},
    }
    if by_title is not None:
        encoding["color"] = {"field": "by", "type": "nominal", "title": by_title, "sort": None}
    if by_title is not None and kind == "bar":
        encoding["xOffset"] = {"field": "by", "sort": None}
    spec = {"data": {"values": points}, "mark": _MARKS[kind], "encoding": encoding, "width": 520, "height": 240}
    return str(vl_convert.vegalite_to_svg({**spec, "title": title, "config": _LOOKS}))


def _plain(value: object) -> object:
    """Return a cell as JSON holds it; a drawing needs no more than a float's precision."""
    if isinstance(value, str | bool) or value is None:
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return cell_text(value)
    return int(number) if number.is_integer() else number
