"""The page stands alone, says which figures may be believed, and lets nothing in."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the train extra")
pytest.importorskip("plotly", reason="needs the train extra")

from plotly import graph_objects

from tests.pure.training.test_evaluate import CARD, make_rows
from workers.training.evaluate_synthesis import build_report, measure_section
from workers.training.report_html import render_report
from workers.training.report_pictures import MAX_SIDE_PX, PictureFolder

pytestmark = pytest.mark.slow

_EVIL = '<script>alert("x")</script>&'


class NoPictures:
    """A folder in which no film can be shown."""

    def draw_thumbnail(self, path: str, condition: str) -> str | None:
        return None


class Page(HTMLParser):
    """Collects elements, addresses, text outside scripts, and embedded JSON."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.specs: list[dict[str, object]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "poster", "srcset"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        self._inside = tag
        if ("type", "application/json") in attrs:
            self._inside = "spec"

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "spec":
            self.specs.append(json.loads(data))
        elif self._inside == "script":
            self.scripts.append(data)
        elif self._inside != "style":
            self.text += data


def make_report(count: int = 240, *, leak: float = 0.0) -> dict[str, object]:
    section = measure_section(
        make_rows(count, leak=leak),
        CARD,
        name="dev",
        title="dev split",
        about="About.",
        seed=1,
    )
    return build_report(
        CARD, [section], command="evaluate", seed=1, date="", data_digest="2" * 64
    )


@pytest.fixture(scope="module")
def leaky() -> dict[str, object]:
    return make_report(count=400, leak=1.5)


@pytest.fixture(scope="module")
def page(leaky: dict[str, object]) -> Page:
    return Page(render_report(leaky, NoPictures()))


def test_page_needs_nothing_from_elsewhere(
    page: Page, leaky: dict[str, object]
) -> None:
    assert all(address.startswith(("#", "data:")) for address in page.addresses)
    assert not {"link", "iframe", "object", "base"} & set(page.tags)
    text = render_report(leaky, NoPictures())
    assert "default-src 'none'" in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_page_has_one_heading_and_no_id_twice(page: Page) -> None:
    assert page.tags.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))


def test_figures_are_ones_that_plotly_accepts(page: Page) -> None:
    assert len(page.specs) == 7
    for spec in page.specs:
        shown = json.loads(re.sub(r'"\$[a-z]+"', '"black"', json.dumps(spec)))
        figure = graph_objects.Figure(shown)
        assert len(figure.data) >= 1


def test_leaky_set_is_visibly_invalid(page: Page) -> None:
    assert "INVALID" in page.text
    assert "must not be claimed" in page.text


def test_valid_set_is_not_called_invalid() -> None:
    found = Page(render_report(make_report(), NoPictures()))
    assert "INVALID" not in found.text
    assert "VALID" in found.text


def test_same_report_gives_the_same_bytes(leaky: dict[str, object]) -> None:
    again = render_report(leaky, NoPictures())
    assert render_report(leaky, NoPictures()) == again
    # The JSON beside it is the same report: a page made from it does not differ.
    assert render_report(json.loads(json.dumps(leaky)), NoPictures()) == again


def test_names_from_the_data_cannot_become_markup(leaky: dict[str, object]) -> None:
    text = json.dumps(leaky)
    assert "real-0" in text
    evil = json.loads(text.replace("real-0", json.dumps(_EVIL)[1:-1]))
    found = Page(render_report(evil, NoPictures()))
    assert not any("alert(" in script for script in found.scripts)
    assert _EVIL in found.text
    assert any(_EVIL in str(spec) for spec in found.specs)


def test_thumbnail_is_small_and_repeats(tiny_data_dir: Path) -> None:
    folder = PictureFolder(tiny_data_dir, seed=1)
    address = folder.draw_thumbnail("real/archive-a/0.png", "as_is")
    assert address is not None
    assert address.startswith("data:image/jpeg;base64,")
    assert len(address) < 100_000
    assert folder.draw_thumbnail("real/archive-a/0.png", "as_is") == address
    assert MAX_SIDE_PX <= 320


@pytest.mark.parametrize("path", ["real/none.png", "../outside.png", "manifest.csv"])
def test_film_that_cannot_be_shown_is_no_error(tiny_data_dir: Path, path: str) -> None:
    (tiny_data_dir.parent / "outside.png").write_bytes(
        (tiny_data_dir / "real/archive-a/0.png").read_bytes()
    )
    assert PictureFolder(tiny_data_dir, seed=1).draw_thumbnail(path, "as_is") is None
