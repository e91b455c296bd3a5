"""Pictures as they are sent: PNG or JPEG, scaled, without EXIF and other metadata, bounded in bytes. Made with Pillow.

What comes in is read by its content: PNG, JPEG, WebP and GIF, nothing else, and none that unpacks to too many pixels.
"""

from __future__ import annotations

import binascii
import io
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from typing import Any

from g4f_magic.describing.described import Picture
from g4f_magic.errors import InputError

INSTALL = "%pip install 'g4f-magic[data]'"
SIDE = 1024
"""Of the longer side, in pixels."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = {"WEBP": 24_000_000}
"""Whose library holds a picture several times while it unpacks it: 3 KB of WebP become gigabytes."""
_MOST_PIXELS_OF_OTHERS = 89_000_000
_MOST_BYTES = 2 * 1024 * 1024
"""Of a PNG; one that is larger becomes a JPEG."""
_QUALITY = 85


def has_pillow() -> bool:
    """Say whether pictures can be made here."""
    return find_spec("PIL") is not None


def needs_pillow(what: str) -> InputError:
    """Return the error where Pillow is not there."""
    return InputError(
        f"{what} is a picture, which takes Pillow to send", hint=f"Run {INSTALL}, then the cell again."
    )


def picture_of(content: bytes | str, *, side: int = SIDE) -> Picture | None:
    """Return a picture that comes as a file's bytes, or these in base64; None where it is none, or is torn.

    Raises:
        InputError: it has too many pixels.
    """
    if isinstance(content, str):
        try:
            content = b64decode(content)
        except (binascii.Error, ValueError):
            return None
    if not has_pillow():
        return None
    from PIL import ImageOps

    with suppress(*_torn()), _opened(content) as image:
        is_photo = image.format == "JPEG"
        image.draft("RGB", (side, side))  # a JPEG is read at about the size that is needed
        ImageOps.exif_transpose(image, in_place=True)
        return image_picture(image, side=side, is_photo=is_photo, is_ours=True)
    return None


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return the width and the height of a picture, in pixels, without unpacking it; None where it is none.

    Raises:
        InputError: it has too many.
    """
    with suppress(*_torn()), _opened(content) as image:
        return image.width, image.height
    return None


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    from PIL import Image

    try:
        opened = Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError:
        raise _too_many(_MOST_PIXELS_OF_OTHERS) from None
    with opened as image:
        most = _MOST_PIXELS.get(image.format, _MOST_PIXELS_OF_OTHERS)
        if image.width * image.height > most:
            raise _too_many(most)
        yield image


def _too_many(most: int) -> InputError:
    return InputError(f"a picture has more than {most:,} pixels, too many to send", hint="Make it smaller.")


def _torn() -> tuple[type[Exception], ...]:
    """Return what Pillow's readers raise of a picture that they cannot read, or of a field in it that lies."""
    from struct import error

    return (
        OSError,
        SyntaxError,
        ValueError,
        error,
        EOFError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
    )


def image_picture(image: Any, *, side: int = SIDE, is_photo: bool = False, is_ours: bool = False) -> Picture:
    """Return a picture of an image of Pillow's. Only its pixels are in it. One that is not ours stays as it is."""
    image = _plain(image, is_ours=is_ours)
    if max(image.size) > side:
        image.thumbnail((side, side))
    has_alpha = image.mode in ("RGBA", "LA")
    pixels = pixels_of(image)
    content = b"" if is_photo and not has_alpha else _saved(image, "PNG", optimize=False)
    if content and len(content) <= _MOST_BYTES:
        return Picture(
            content=content, media_type="image/png", width=image.width, height=image.height, pixels=pixels
        )
    flat = image if image.mode in ("RGB", "L") else _on_white(image)
    content = _saved(flat, "JPEG", quality=_QUALITY)
    return Picture(
        content=content, media_type="image/jpeg", width=image.width, height=image.height, pixels=pixels
    )


def pixels_of(image: Any) -> str:
    """Return the SHA-256 of an image's size, mode and pixels: how the file was packed does not count."""
    return sha256(f"{image.mode} {image.width} {image.height} ".encode() + image.tobytes()).hexdigest()


def _plain(image: Any, *, is_ours: bool) -> Any:
    """Return it, or a copy, in one of the modes that every model reads, and with nothing but the pixels."""
    if image.mode not in ("RGB", "RGBA", "L", "LA"):
        has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
        if image.mode in (
            "I",
            "F",
            "I;16",
        ):  # depths and measurements: as grey, from the smallest to the largest
            return _grey(image)
        image, is_ours = image.convert("RGBA" if has_alpha else "RGB"), True
    if is_ours:
        image.load()  # before it is made smaller: what is read anew would have its old size
    else:
        image = image.copy()
    image.info = {}
    return image


def _grey(image: Any) -> Any:
    image = image.convert("F")
    low, high = image.getextrema()
    scale = 255 / (high - low) if high > low else 1.0
    return image.point(lambda value: value * scale - low * scale).convert("L")


def _on_white(image: Any) -> Any:
    from PIL import Image

    ground = Image.new("RGB", image.size, "white")
    image = image.convert("RGBA")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _saved(image: Any, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scaled(picture: Picture, width: int, height: int) -> tuple[str, ...]:
    """Return what is said of a picture that was made smaller."""
    if (picture.width, picture.height) in ((width, height), (height, width)):
        return ()
    return (f"scaled to {picture.width:,} × {picture.height:,} pixels",)
