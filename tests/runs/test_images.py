"""One image, however it is given, is bytes of a known type."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import matplotlib
import numpy
import plotly.graph_objects as go
import pytest
from PIL import Image

from runstore.errors import InvalidValue, StoreError, UsageError
from runstore.runs import images
from runstore.runs.logged_files import READ

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLORS = numpy.random.default_rng(1).integers(0, 256, (6, 5, 3), dtype="uint8")


class Torch:
    """Stands for a tensor of torch."""

    def __init__(self, array: Any) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def detach(self) -> Torch:
        return self

    def cpu(self) -> Torch:
        return self

    def __array__(self) -> Any:
        return self.array


def back(data: bytes) -> Any:
    return numpy.array(Image.open(io.BytesIO(data)))


def encoded(image: Any) -> Any:
    return back(images.found(None, None, image).source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (COLORS, COLORS),
        (COLORS.astype("int64"), COLORS),
        (COLORS / 255, COLORS),
        ((COLORS / 255).astype("f4"), COLORS),
        (COLORS[:, :, 0], COLORS[:, :, 0]),
        (COLORS[:, :, :1], COLORS[:, :, 0]),
        (COLORS[::2, ::-1], COLORS[::2, ::-1]),
        (COLORS > 100, (COLORS > 100) * numpy.uint8(255)),
        (COLORS.transpose(2, 0, 1), COLORS),
        (numpy.dstack([COLORS, COLORS[:, :, 0]]), numpy.dstack([COLORS, COLORS[:, :, 0]])),
        (Torch(COLORS.transpose(2, 0, 1)), COLORS),
        (Torch(COLORS[:3, :, :].transpose(2, 0, 1)), COLORS[:3]),
        (Torch(COLORS[:, :, 0]), COLORS[:, :, 0]),
        (numpy.array([[-1e-4, 1.0001]]), numpy.array([[0, 255]])),
        (Image.fromarray(COLORS), COLORS),
    ],
)
def test_an_array_or_an_image_keeps_every_pixel(given: Any, expected: Any) -> None:
    assert numpy.array_equal(encoded(given), expected)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (numpy.zeros((2, 2, 2)), "of shape"),
        (numpy.zeros(4), "of shape"),
        (numpy.zeros((0, 4)), "of shape"),
        (numpy.zeros((2, 2, 3, 1)), "of shape"),
        (COLORS.astype("f4"), "scale them to 0..1"),
        (COLORS.astype("i4") * 2, "scale them to 0..255"),
        (COLORS.astype("i4") - 300, "scale them to 0..255"),
        (numpy.array([[numpy.nan, 0.5]]), "scale them to 0..1"),
        (Image.new("F", (2, 2)), "convert it first"),
    ],
)
def test_what_can_be_no_image_is_refused_and_told_why(given: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        images.found(None, None, given)


@pytest.mark.parametrize("given", [[[1, 2]], "x.png", numpy.array([["a"]]), numpy.array([[1j]])])
def test_what_is_no_image_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue):
        images.found(None, None, given)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "CMYK"])
def test_the_pixels_of_an_image_of_any_mode_can_be_read(mode: str) -> None:
    image = Image.fromarray(COLORS).convert("L" if mode == "LA" else "RGB").convert(mode)
    found = images.pixels(image)
    assert (found.width, found.height, len(found.data)) == (5, 6, 30 * found.channels)


def test_a_plot_is_drawn_and_neither_shown_nor_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("show", "close"):
        monkeypatch.setattr(plt, name, lambda *_: pytest.fail("the plot is the user's"))
    figure = plt.figure()
    plt.plot([1, 2])
    of_module, of_figure = images.found(None, plt, None), images.found(None, figure, None)
    assert plt.fignum_exists(figure.number)
    assert of_module.media_type == of_figure.media_type == "image/png"
    assert back(of_module.source).shape == back(of_figure.source).shape  # type: ignore[arg-type]
    monkeypatch.undo()
    plt.close(figure)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"has no savefig\(\)"):
        images.found(None, object(), None)


@pytest.mark.parametrize("given", [(), ("path", "plot"), ("path", "image"), ("path", "plot", "image")])
def test_one_image_is_given(given: tuple[str, ...]) -> None:
    arguments = {"path": None, "plot": None, "image": None} | dict.fromkeys(given, "x")
    with pytest.raises(UsageError, match=" and ".join(given) or "none"):
        images.found(**arguments)


@pytest.mark.parametrize("form", ["png", "jpeg", "gif", "bmp", "tiff", "webp"])
def test_an_image_file_is_known_by_its_bytes(tmp_path: Path, form: str) -> None:
    Image.fromarray(COLORS).save(tmp_path / "data.bin", form)
    found = images.found(tmp_path / "data.bin", None, None)
    assert (found.media_type, found.source) == (f"image/{form}", (tmp_path / "data.bin").read_bytes())


def test_an_svg_is_an_image(tmp_path: Path) -> None:
    figure = plt.figure()
    figure.savefig(tmp_path / "f.svg")
    plt.close(figure)
    assert images.found(str(tmp_path / "f.svg"), None, None).media_type == "image/svg+xml"


def test_a_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.png").write_text("not at all")
    with pytest.raises(UsageError, match="is no image that is known"):
        images.found(tmp_path / "f.png", None, None)
    with pytest.raises(StoreError, match="check the path"):
        images.found(tmp_path / "none.png", None, None)


def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "f.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(READ))
    found = images.found(tmp_path / "f.png", None, None)
    assert (found.source, found.media_type) == (tmp_path / "f.png", "image/png")


def test_a_figure_of_plotly_stays_json_and_one_of_matplotlib_becomes_png() -> None:
    found = images.figure(go.Figure(go.Scatter(y=[1, 2])))
    assert found.media_type == "application/vnd.plotly.v1+json"
    assert json.loads(found.source)["data"][0]["type"] == "scatter"  # type: ignore[arg-type]
    assert images.figure(plt).media_type == "image/png"
    with pytest.raises(InvalidValue):
        images.figure({"data": []})


def test_a_path_given_as_pixels_is_told_where_it_goes() -> None:
    with pytest.raises(InvalidValue, match="give a file as path="):
        images.found(None, None, "cat.png")
