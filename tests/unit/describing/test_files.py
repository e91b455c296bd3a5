import io
import json
import os
import socket
import sys

import pytest

from g4f_magic.describing.files import described_file
from g4f_magic.errors import InputError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def refused(name):
    with pytest.raises(InputError) as caught:
        described_file(name)
    assert "\n" not in str(caught.value)
    return f"{caught.value} {caught.value.hint}"


def test_a_text_is_shown_with_its_name(folder):
    (folder / "notes.md").write_text("# Notes\none\n")
    found = described_file("notes.md")
    assert "`notes.md` (text file: 12 bytes, 2 lines)." in found.text
    assert "\n```\n# Notes\none\n```" in found.text


def test_of_a_long_text_the_first_lines_are_shown_and_that_is_said(folder):
    (folder / "rows.csv").write_text("".join(f"{n},x\n" for n in range(10_000)))
    found = described_file("rows.csv", limit=1_000)
    assert found.omitted.startswith("the first 185")
    assert found.omitted.endswith("of 10,000 lines")
    assert len(found.text) < 1_500


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("größe\n".encode("utf-8-sig"), "größe"),
        ("größe\n".encode("utf-16"), "größe"),
        ("größe\n".encode("cp1252"), "größe"),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"", "0 bytes, 0 lines"),
    ],
)
def test_texts_of_several_encodings_are_read(folder, content, shown):
    (folder / "a.txt").write_bytes(content)
    assert shown in described_file("a.txt").text


def test_code_of_a_file_is_marked_as_such(folder):
    (folder / "a.py").write_text('url = f"https://{user}:{password}@host"\n')
    assert '```python\nurl = f"https://{user}:{password}@host"' in described_file("a.py").text


def test_what_cannot_be_sent_is_told_and_what_to_do(folder, tmp_path):
    (folder / "a.zip").write_bytes(b"PK\x03\x04\x00\x00\x01")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text("x")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    (folder / "gone").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder / "loop")
    (tmp_path / "outside.txt").write_text("PLANTED")
    (folder / "out").symlink_to(tmp_path / "outside.txt")
    assert refused("none.txt").startswith("there is no file none.txt Look")
    assert refused("sub/b.txt/c").startswith("there is no file")
    assert "is not text" in refused("a.zip")
    assert "it is a folder" in refused("sub")
    assert '"sub/*.py"' in refused("sub")
    assert "torn.png is a picture that cannot be read" in refused("torn.png")
    assert "cannot be read as a PDF" in refused("torn.pdf")
    assert "no file gone" in refused("gone")
    assert "cannot be" in refused("loop")
    assert "it leads out of" in refused("out")


def test_a_file_of_2_gb_is_not_read(folder):
    with (folder / "large.csv").open("wb") as file:
        file.truncate(2 * 1024**3)
    assert "it is too large (2,147,483,648 bytes" in refused("large.csv")
    assert "read that into a variable" in refused("large.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and sockets lie elsewhere there")
def test_pipes_sockets_and_devices_hold_nobody_up(folder):
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    server = socket.socket(socket.AF_UNIX)
    server.bind("sock")
    assert "it is a pipe" in refused("pipe")
    assert "it is a socket" in refused("sock")
    assert "it is a device" in refused("/dev/zero")
    assert "it leads out of" in refused("zero")
    server.close()


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.local",
        "id_rsa",
        "server.pem",
        ".netrc",
        "prod.ENV",
        "ID_RSA.",
        "secrets.toml",
        ".env::$DATA",
        "application_default_credentials.json",
        ".kube/config",
    ],
)
def test_a_file_of_secrets_is_not_sent(folder, name):
    (folder / ".kube").mkdir()
    (folder / name).write_text("PASSWORD=hunter22")
    assert "a file of passwords or keys" in refused(name)


def test_a_link_to_a_file_of_secrets_is_one(folder):
    (folder / ".env").write_text("A=b")
    (folder / "notes.txt").symlink_to(".env")
    assert "a file of passwords or keys" in refused("notes.txt")


def test_a_private_key_in_a_text_is_masked(folder):
    (folder / "a.txt").write_text(
        "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nafter"
    )
    found = described_file("a.txt").text
    assert "MIIE" not in found
    assert "before\n***\nafter" in found


def test_a_file_elsewhere_is_read_where_it_is_named_so(tmp_path):
    (tmp_path / "outside.txt").write_text("inside of it")
    assert "inside of it" in described_file(str(tmp_path / "outside.txt")).text
    assert "inside of it" in described_file("../outside.txt").text


@pytest.mark.parametrize("share", ["names", "schema"])
@pytest.mark.parametrize("name", ["a.txt", "a.png", "a.ipynb", "a.pdf"])
def test_no_value_is_shown_below_the_level_of_values(folder, name, share):
    (folder / "a.txt").write_text("PLANTED")
    cell = {"cell_type": "code", "source": "PLANTED", "outputs": []}
    (folder / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    picture_file(folder / "a.png", (20, 20))
    pdf_file(folder / "a.pdf")
    found = described_file(name, share=share)
    assert "PLANTED" not in repr(found)
    assert found.picture is None
    assert found.omitted


def test_of_a_notebook_the_cells_are_shown(folder):
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "x = 1", "outputs": [{"output_type": "stream", "text": ["shown\n"]}]},
    ]
    (folder / "a.ipynb").write_text(json.dumps({"cells": cells}))
    found = described_file("a.ipynb")
    assert "(notebook: 2 cells)" in found.text
    assert "Cell 1 (text):\n# Title\ntext\n\nCell 2:\nx = 1\nIt showed:\nshown" in found.text


def picture_file(path, size, **options):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", size, "red").save(path, **options)


def pdf_file(path, pages=1):
    """Write a PDF of one line of text on each page, as small as it gets."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n in range(pages):
        stream = f"BT /F1 12 Tf 72 720 Td (PLANTED page {n + 1}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, text in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{text}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010} 00000 n \n".encode() for place in places)
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())
    path.write_bytes(out.getvalue())


def test_of_a_pdf_the_text_is_shown(folder):
    pytest.importorskip("pypdf")
    pdf_file(folder / "a.pdf", pages=2)
    found = described_file("a.pdf")
    assert "(PDF: 2 pages)" in found.text
    assert "Page 1:\nPLANTED page 1\n\nPage 2:\nPLANTED page 2" in found.text


def test_of_a_long_pdf_the_first_pages_are_shown_and_that_is_said(folder):
    pytest.importorskip("pypdf")
    pdf_file(folder / "a.pdf", pages=50)
    assert described_file("a.pdf", limit=100).omitted.startswith("the text of 8 of 50 pages")
