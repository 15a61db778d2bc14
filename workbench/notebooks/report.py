"""The report of a run: one HTML page that needs nothing else, and the same facts as JSON beside it."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

from workbench.errors import NotebookError
from workbench.notebooks.documents import write_atomically
from workbench.notebooks.outputs import why_not_written
from workbench.notebooks.records import NotebookResult, RunReport

__all__ = ["report_page", "write_report"]

STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0;--fill:#f6f8fa;
--good:#1a7f37;--bad:#cf222e;--warn:#9a6700}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--rule:#3d444d;--fill:#151b23;
--good:#3fb950;--bad:#f85149;--warn:#d29922}}
body{color:var(--ink);background:Canvas;font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:32px auto;
padding:0 20px}
h1{font-size:1.5em;margin:0 0 4px}.soft{color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 20px;margin:16px 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:16px 0}th{text-align:left;color:var(--soft);font-weight:600}
th,td{padding:6px 14px 6px 0;border-top:1px solid var(--rule);vertical-align:top}thead th{border-top:0}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}a{color:inherit}
pre{background:var(--fill);border-left:3px solid var(--bad);padding:10px 14px;overflow-x:auto;margin:6px 0;font-size:.88em}
"""


def report_page(report: RunReport) -> str:
    """Return the page of a run: what passed and failed, how long it took, on which engine, with which parameters."""
    passed, total = sum(result.ok for result in report.notebooks), len(report.notebooks)
    title = f"{passed} of {total} notebooks passed"
    tone = {"passed": "good", "failed": "bad", "interrupted": "warn"}[report.status]
    facts = [
        ("Run", report.id),
        ("Started", report.started.replace("T", " ").replace("Z", " UTC")),
        ("Took", f"{report.seconds:.1f} s, {report.jobs} at a time"),
        ("Engine", report.engine),
        ("Parameters", ", ".join(f"{name} = {value}" for name, value in report.parameters.items()) or "as written"),
        *(("Note", note) for note in report.notes),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts)
    rows = "".join(_row(result) for result in report.notebooks)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style></head><body><h1><span class="{tone}">{report.status}</span>: {escape(title)}</h1>'
        f"<dl>{listed}</dl><table><thead><tr><th>notebook</th><th>result</th><th>time</th><th>cells run</th>"
        f"<th>file</th></tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


def _row(result: NotebookResult) -> str:
    tone = {"passed": "good", "failed": "bad", "interrupted": "warn"}[result.status]
    name = escape(result.name)
    linked = f'<a href="{quote(result.page)}">{name}</a>' if result.page else name
    file = f'<a href="{quote(result.output)}">.ipynb</a>' if result.output else '<span class="soft">not written</span>'
    notes = "".join(f'<br><span class="soft">{escape(note)}</span>' for note in result.notes)
    row = (
        f'<tr><td>{linked}{notes}</td><td class="{tone}">{result.status}</td>'
        f'<td class="number">{result.seconds:.1f} s</td><td class="number">{result.cells}</td><td>{file}</td></tr>'
    )
    if result.error is None:
        return row
    lines = "\n".join([str(result.error), *(["", *result.error.traceback] if result.error.traceback else [])])
    return f'{row}<tr><td colspan="5"><pre>{escape(lines)}</pre></td></tr>'


def write_report(report: RunReport) -> None:
    """Write ``index.html`` and ``report.json`` into the run's folder. NotebookError when they cannot be written."""
    try:
        write_atomically(
            report.folder / "report.json", json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n"
        )
        write_atomically(report.report, report_page(report))
    except OSError as error:
        raise NotebookError(f"The report {report.report} was not written: {why_not_written(error)}") from error
