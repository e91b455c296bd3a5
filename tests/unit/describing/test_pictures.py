import io
import struct
import zlib

import pytest

from g4f_magic.describing import describe
from g4f_magic.describing.files import described_file
from g4f_magic.describing.pictures import picture_of
from g4f_magic.errors import InputError

Image = pytest.importorskip("PIL.Image")


def file_of(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture.content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_of_each_kind_are_read_and_scaled(kind):
    picture = picture_of(file_of(Image.new("RGB", (2_000, 1_000), "red"), kind))
    assert (picture.width, picture.height) == (1_024, 512)
    assert opened(picture).size == (1_024, 512)
    assert opened(picture).format == picture.media_type.partition("/")[2].upper()


def test_however_a_file_is_packed_its_pixels_are_the_same():
    image = Image.effect_noise((40, 30), 60).convert("RGB")
    packed = [picture_of(file_of(image, "PNG", compress_level=level)) for level in (0, 9)]
    lossless = picture_of(file_of(image, "WEBP", lossless=True))
    assert len({one.pixels for one in (*packed, lossless)}) == 1
    image.putpixel((3, 3), (1, 2, 3))
    assert picture_of(file_of(image, "PNG")).pixels != packed[0].pixels


def test_the_shape_of_a_picture_counts():
    assert len({picture_of(file_of(Image.new("L", size), "PNG")).pixels for size in [(6, 4), (4, 6)]}) == 2


def test_a_small_picture_keeps_its_size():
    assert picture_of(file_of(Image.new("RGB", (30, 20)), "PNG")).width == 30


def test_more_detail_is_twice_the_side():
    assert picture_of(file_of(Image.new("L", (5_000, 10)), "PNG"), side=2_048).width == 2_048


def test_exif_and_comments_are_left_out_and_the_picture_stands_upright():
    image = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "PLANTED description"
    picture = picture_of(file_of(image, "JPEG", exif=exif, comment=b"PLANTED comment"))
    assert (picture.width, picture.height) == (20, 40)
    assert b"PLANTED" not in picture.content
    assert not opened(picture).getexif()


def test_text_in_a_png_is_left_out():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("prompt", "PLANTED")
    info.add_itxt("XML:com.adobe.xmp", "PLANTED")
    picture = picture_of(file_of(Image.new("RGB", (40, 20)), "PNG", pnginfo=info, icc_profile=b"PLANTED"))
    assert b"PLANTED" not in picture.content


def test_a_large_png_becomes_a_jpeg():
    import os

    noise = Image.frombytes("RGB", (1_024, 700), os.urandom(3 * 1_024 * 700))
    picture = picture_of(file_of(noise, "PNG"))
    assert picture.media_type == "image/jpeg"
    assert len(picture.content) < 2 * 1_024**2


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"]
)
def test_an_image_of_each_mode_is_shown(mode):
    described = describe(Image.new(mode, (20, 30)), name="image")
    assert (described.picture.width, described.picture.height) == (20, 30)
    assert described.summary == f"20 × 30 pixels, {mode}"


def test_a_picture_of_too_many_pixels_is_refused():
    small = file_of(Image.new("1", (20, 20)), "PNG")
    header = b"IHDR" + struct.pack(">II", 20_000, 20_000) + small[24:29]
    large = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
    with pytest.raises(InputError, match="too many"):
        picture_of(large)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"text"])
def test_what_is_no_picture_is_none(content):
    assert picture_of(content) is None


def test_a_picture_whose_fields_lie_is_none():
    entries = (
        b"\x01\0\0\x02\0\0\0\x02x\0\0\0" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
    )  # a width of "x", lies on its side
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + entries + b"\0\0\0\0"
    assert picture_of(file_of(Image.new("RGB", (40, 20)), "PNG", exif=exif)) is None


@pytest.mark.heavy
def test_a_picture_that_unpacks_to_gigabytes_is_refused():
    large = file_of(Image.new("L", (16_383, 1_500)), "WEBP", lossless=True, method=0, quality=0)
    assert len(large) < 5_000
    with pytest.raises(InputError, match="too many"):
        picture_of(large)


def test_a_picture_of_another_kind_is_none():
    assert picture_of(file_of(Image.new("RGB", (20, 20)), "TIFF")) is None


def test_a_file_says_that_it_was_scaled(tmp_path):
    Image.new("RGB", (2_048, 100)).save(tmp_path / "a.jpg")
    described = described_file(tmp_path / "a.jpg", name="a.jpg")
    assert (
        described.text == "`a.jpg` (picture: 2,048 × 100 pixels). Shown in part: scaled to 1,024 × 50 pixels."
    )
    assert described.picture.media_type == "image/jpeg"


def test_an_image_below_the_level_of_values_is_its_size():
    described = describe(Image.new("RGB", (20, 30)), name="image", share="schema")
    assert described.picture is None
    assert "20 × 30 pixels, RGB" in described.text


def test_an_array_of_colours_is_a_picture():
    np = pytest.importorskip("numpy")
    described = describe(np.zeros((3_000, 2_000, 3), "uint8"), name="image")
    assert described.picture.height == 1_024
    assert describe(np.zeros((100, 100), "uint8"), name="a").picture is None
    assert describe(np.zeros((100, 100, 3)), name="a").picture is None
    assert describe(np.zeros((2, 2, 3), "uint8"), name="a").picture is None


def test_a_thing_that_shows_a_picture_of_itself_is_one():
    class Thing:
        def _repr_png_(self):
            return file_of(Image.new("RGB", (20, 30)), "PNG")

    assert describe(Thing(), name="thing").picture.height == 30
    assert describe(Thing(), name="thing", share="schema").picture is None
