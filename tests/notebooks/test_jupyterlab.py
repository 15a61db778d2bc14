"""JupyterLab in a headless Chromium: a notebook is run there as a person would, and looked at in light and dark."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.browser, pytest.mark.notebooks]

CELLS = (
    'import pandas as pd\nimport workbench as wb\nmodel = wb.load_model("messaging")\nmodel',
    'model.pattern("list-messages")',
    'rows = pd.DataFrame({"who": ["Ann"], "what": ["<b>hi</b>"], "when": ["2026-03-02T10:00:00Z"]})\n'
    'wb.conversation(rows, author="who", text="what", time="when", me="Ann")',
)
TOKEN = "only-for-this-test"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    own = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    with playwright.sync_playwright() as started:
        if own is None and not Path(started.chromium.executable_path).exists():
            say = pytest.fail if os.environ.get("CI") else pytest.skip
            say("there is no Chromium; install one, or run: playwright install chromium")
        opened = started.chromium.launch(executable_path=own, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a JupyterLab of the test's own, in the theme that the test asks for, with one notebook."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    with jupyterlab(tmp_path, request.param, notebook) as address:
        yield address


@contextmanager
def jupyterlab(folder: Path, theme: str, notebook: Any) -> Iterator[str]:
    """Run JupyterLab on loopback with one notebook, and give the address that opens it."""
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / "look.ipynb")
    settings = folder / "config/lab/user-settings/@jupyterlab"
    write_settings(settings / "apputils-extension/themes.jupyterlab-settings", {"theme": theme})
    write_settings(settings / "apputils-extension/notification.jupyterlab-settings", {"fetchNews": "false"})
    write_settings(settings / "notebook-extension/tracker.jupyterlab-settings", {"windowingMode": "none"})
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder / 'work'}"]
    own = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", folder / "log")
        yield f"http://127.0.0.1:{port}/doc/tree/look.ipynb?token={TOKEN}&reset"
    finally:
        server.terminate()
        server.wait(30)


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), encoding="utf-8")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(address: str, log: Path) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"JupyterLab did not come up:\n{log.read_text()[-2000:]}")


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours as WCAG 2 counts it: 1 is none, 4.5 is easy to read."""

    def light(colour: list[float]) -> float:
        parts = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


# Paints a colour on a pixel over the page's ground, so that any notation and any transparency comes out as numbers.
PAINTED = """([selector, ground]) => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const colours = [getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor];
  if (!ground) colours.push(getComputedStyle(document.querySelector(selector)).color);
  for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
  return Array.from(paint.getImageData(0, 0, 1, 1).data).slice(0, 3);
}"""


def run_all_cells(page: Any, done: str = ".wb-talk .wb-bubble", seconds: int = 15) -> None:
    """Choose Run All Cells and wait for ``done``; once more where JupyterLab, still starting, let the choice fall.

    A dialog that comes up while it starts (a kernel to choose, a file to save) is answered by its first choice.
    """
    asked = []
    for _ in range(6):
        try:
            for dialog in page.locator(".jp-Dialog").all():
                asked.append(dialog.inner_text(timeout=5_000))
                dialog.locator("button.jp-mod-accept").first.click(timeout=5_000)
            page.keyboard.press("Escape")
            page.get_by_role("menuitem", name="Run", exact=True).click(timeout=5_000)
            page.locator('li.lm-Menu-item[data-command="runmenu:run-all"]').click(timeout=5_000)
            page.wait_for_selector(done, timeout=seconds * 1000)
        except Exception as error:  # playwright is imported only where it is there
            if type(error).__name__ != "TimeoutError":
                raise
        else:
            return
    pytest.fail(f"the cells were not run; dialogs: {asked or 'none'}")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("lab", ["JupyterLab Light", "JupyterLab Dark"], indirect=True)
def test_a_notebook_run_in_jupyterlab_shows_what_can_be_read(lab: str, browser: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 1800})
    page.goto(lab, timeout=90_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=90_000)  # a kernel is there
    run_all_cells(page)
    page.screenshot(path=str(tmp_path / "look.png"))

    assert page.locator(".wb-model strong").first.inner_text() == "messaging"
    assert page.locator(".wb-pattern .wb-mark").first.inner_text() == "Query"
    assert "<b>hi</b>" in page.locator(".wb-bubble").inner_text()
    assert page.locator(".jp-OutputArea-output .jp-RenderedText[data-mime-type*=stderr]").count() == 0
    ground = page.evaluate(PAINTED, ["", True])
    for selector, least in ((".wb-model td", 7), (".wb-pattern .wb-facts th", 4), (".wb-model thead th", 4)):
        assert contrast(page.evaluate(PAINTED, [selector, False]), ground) >= least, selector
    page.close()


@pytest.mark.local
@pytest.mark.timeout(240)
def test_the_first_lesson_runs_in_jupyterlab_to_its_last_cell(browser: Any, tmp_path: Path, engine: Any) -> None:
    """Set LAB_PICTURE to a file name to keep the picture that the README shows."""
    assert engine.name == "dynamodb-local"
    lesson = nbformat.read(ROOT / "notebooks/00_start_here.ipynb", as_version=4)
    cells = [cell for cell in lesson.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    with jupyterlab(tmp_path, "JupyterLab Light", lesson) as address:
        page = browser.new_page(viewport={"width": 1200, "height": 1120})
        page.goto(address, timeout=90_000)
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=90_000)
        run_all_cells(page, f'.jp-InputPrompt:has-text("[{len(cells)}]:")', 60)

        assert page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]').count() == 0
        assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
        assert "DynamoDB Local" in page.locator(".jp-Notebook").inner_text()
        assert page.locator(".wb-talk .wb-bubble").count() > 3
        page.locator(".wb-talk").first.scroll_into_view_if_needed()
        page.screenshot(path=os.environ.get("LAB_PICTURE") or str(tmp_path / "lesson.png"))
        page.close()
