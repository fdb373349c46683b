"""Images of every make as bytes to store: files, figures, PIL images, arrays and tensors. No library is imported."""

from __future__ import annotations

import io
from typing import Any

from runstore.errors import InvalidValue, StoreError, UsageError
from runstore.runs import arrays, png, sniff
from runstore.runs.logged_files import Found, at_path, is_path
from runstore.runs.png import Pixels

PLOTLY = "application/vnd.plotly.v1+json"
_CHANNELS = (1, 3, 4)
_ROUNDING = 1e-3  # how far arithmetic may have taken a float out of 0..1


def found(path: Any, plot: Any, image: Any) -> Found:
    """The one image that was given.

    Args:
        path: an image file, known by its first bytes.
        plot: anything with ``savefig``: the pyplot module, or a figure. It is neither shown nor closed.
        image: a PIL image, or an array or tensor (see ``pixels``).

    Raises:
        UsageError: none or several are given, or the file is no image.
        InvalidValue: something that is no plot, or no image.
        StoreError: the file can't be read.
    """
    given = [name for name, one in (("path", path), ("plot", plot), ("image", image)) if one is not None]
    if len(given) != 1:
        raise UsageError(f"log_image() takes one of path, plot and image, not {' and '.join(given) or 'none'}")
    if path is not None:
        return _file(path)
    data = drawn(plot) if plot is not None else _encoded(image)
    return Found(data, "image/png", ".png")


def drawn(plot: Any, form: str = "png") -> bytes:
    """A figure as its library draws it."""
    save = getattr(plot, "savefig", None)
    if not callable(save):
        raise InvalidValue(f"plot: a {type(plot).__name__} has no savefig(); give a figure or the pyplot module")
    buffer = io.BytesIO()
    save(buffer, format=form)
    return buffer.getvalue()


def figure(given: Any) -> Found:
    """A figure: of Plotly as JSON, of matplotlib and its like as PNG.

    Raises:
        InvalidValue: neither.
    """
    if hasattr(given, "to_plotly_json"):
        return Found(given.to_json().encode(), PLOTLY, ".json")
    return Found(drawn(given), "image/png", ".png")


def pixels(image: Any) -> Pixels:
    """The pixels of an image.

    Args:
        image: a PIL image; or an array or tensor of shape (height, width) or (height, width, channels), of torch
            (channels, height, width), with 1, 3 or 4 channels: integers from 0 to 255, floats from 0 to 1, or bools.

    Raises:
        InvalidValue: something else.
        UsageError: another shape, or numbers out of their range.
    """
    if _is_pil(image):
        mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
        image = image.convert(image.mode if image.mode in ("L", "RGB", "RGBA") else mode)
        width, height = image.size
        return Pixels(width, height, len(image.getbands()), image.tobytes())
    if is_path(image):
        raise InvalidValue("image: takes pixels, not a path; give a file as path=")
    array = arrays.plain(image, "image")
    shape, first = array.shape, hasattr(image, "detach")
    if len(shape) == 3 and shape[0] in _CHANNELS and (first or shape[2] not in _CHANNELS):
        array = array.transpose(1, 2, 0)
    shape = array.shape if len(array.shape) != 2 else (*array.shape, 1)
    if len(shape) != 3 or shape[2] not in _CHANNELS or 0 in shape:
        raise UsageError(f"image: an array of shape {image.shape} is no image; give (height, width[, 1, 3 or 4])")
    return Pixels(shape[1], shape[0], shape[2], _bytes(array))


def _bytes(array: Any) -> bytes:
    kind = arrays.kind(array)
    if kind == "b":
        return (array.astype("uint8") * 255).tobytes()  # type: ignore[no-any-return]
    if kind not in ("u", "i", "f"):
        raise InvalidValue(f"image: an array of {array.dtype} holds no pixels; give integers, floats or bools")
    low, high, top = float(array.min()), float(array.max()), 1 if kind == "f" else 255
    slack = _ROUNDING if kind == "f" else 0
    if not (low >= -slack and high <= top + slack):  # so that a NaN is refused too
        raise UsageError(f"image: numbers from {low:g} to {high:g}; scale them to 0..{top} ({array.dtype})")
    if kind == "f":
        array = (array.clip(0, 1) * 255).round()
    return array.astype("uint8").tobytes()  # type: ignore[no-any-return]


def _encoded(image: Any) -> bytes:
    if not _is_pil(image):
        return png.still(pixels(image))
    buffer = io.BytesIO()
    try:
        image.save(buffer, "PNG")
    except OSError as problem:  # such as "cannot write mode F as PNG"
        raise UsageError(f"image: {problem}; convert it first") from None
    return buffer.getvalue()


def _is_pil(image: Any) -> bool:
    return hasattr(image, "getbands") and hasattr(image, "save")


def _file(path: Any) -> Found:
    if not is_path(path):
        raise InvalidValue(f"path: a {type(path).__name__} is no path; give an array as image, a figure as plot")
    file = at_path(path)
    if isinstance(file.source, bytes):
        head = file.source
    else:
        try:
            with open(path, "rb") as opened:
                head = opened.read(4096)
        except OSError as problem:
            raise StoreError(f"{path}: can't be read ({problem.strerror}); check the path") from None
    media_type = sniff.media_type("", head[:4096])
    if not media_type.startswith("image/"):
        raise UsageError(f"{path}: is no image that is known (png, jpeg, gif, bmp, tiff, webp, svg); use upload_file()")
    return file._replace(media_type=media_type)
