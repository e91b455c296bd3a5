import base64
import io

import pytest

from g4f_magic.describing.outputs import Cell, described_cells, described_outputs


def result(**data):
    return {
        "output_type": "execute_result",
        "data": {name.replace("_", "/"): text for name, text in data.items()},
    }


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def png(side=20):
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.new("RGB", (side, side), "red").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_text_of_streams_results_and_errors_is_shown_in_order():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["\x1b[31mtrace"]}
    found = described_outputs([stream("one\n"), result(text_plain=["two\n", "lines"]), error])
    assert "one\ntwo\nlines\nValueError: bad" in found.text
    assert found.summary == "3 outputs"


def test_what_steers_a_terminal_is_left_out():
    found = described_outputs([stream("\x1b[1;31mred\x1b[0m \x1b]0;title\x07 10%\r 50%\r100%\nab\x08c\n")])
    assert "red  10%" not in found.text
    assert "100%\nac" in found.text
    assert "\x1b" not in found.text
    assert "␛" not in found.text


def test_html_is_read_where_the_text_says_nothing():
    found = described_outputs(
        [result(text_plain="<pandas.Styler at 0x7f>", text_html="<table><td>3 &lt; 4</td></table>")]
    )
    assert "3 < 4" in found.text


def test_markdown_is_taken_before_text():
    assert "**bold**" in described_outputs([result(text_plain="bold", text_markdown="**bold**")]).text


def test_a_reply_is_taken_as_it_came_without_what_its_markdown_has_for_other_programs():
    reply = result(text_markdown="**Title**  \n \n2 &#42; 3", text_html="<p>2 * 3</p>")
    found = described_outputs([{**reply, "metadata": {"g4f_magic": {"format": 2}}}])
    assert "## Title\n2 * 3" in found.text


def test_of_a_long_output_the_beginning_and_the_end_are_shown_and_that_is_said():
    found = described_outputs([stream("first\n" + "x\n" * 50_000 + "last\n")], limit=2_000)
    assert "first" in found.text
    assert "last" in found.text
    assert "characters left out" in found.text
    assert found.omitted.startswith("the middle of a long output left out")
    assert len(found.text) < 3_200


def test_a_secret_where_a_long_output_is_cut_is_masked(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "a1b2c3d4e5f6g7h8")
    for before in range(600, 700):
        text = "x" * before + "a1b2c3d4e5f6g7h8" + "y" * 5_000
        assert "a1b2" not in described_outputs([stream(text)], limit=2_000).text
        assert (
            "g7h8"
            not in described_outputs(
                [stream(text[::-1].replace("8h7g6f5e4d3c2b1a", "a1b2c3d4e5f6g7h8"))], limit=2_000
            ).text
        )


def test_the_last_picture_goes_along():
    found = described_outputs([result(image_png=png(20), text_plain="<Figure>"), result(image_png=png(30))])
    assert (found.picture.width, found.picture.media_type) == (30, "image/png")
    assert found.omitted == "the last of 2 pictures"
    assert "<Figure>" not in found.text


@pytest.mark.parametrize("content", ["no base64!", "", base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()])
def test_a_picture_that_is_torn_is_told(content):
    found = described_outputs([result(image_png=content, text_plain="text")])
    assert found.picture is None


@pytest.mark.parametrize(
    "outputs", [[], [{}], [{"output_type": "display_data", "data": None}], [result(text_plain=None)]]
)
def test_odd_outputs_are_shown(outputs):
    assert described_outputs(outputs).text


@pytest.mark.parametrize("share", ["names", "schema"])
def test_no_output_is_shown_below_the_level_of_values(share):
    outputs = [stream("PLANTED"), result(text_plain="PLANTED", image_png=png())]
    found = described_outputs(outputs, share=share)
    assert "PLANTED" not in repr(found)
    assert found.picture is None


def cells(number):
    return [Cell(label=str(n), source=f"x = {n}", outputs=[stream(f"shown {n}\n")]) for n in range(number)]


def test_cells_are_shown_with_what_they_showed():
    found = described_cells(cells(2))
    assert "Cell 0:\nx = 0\nIt showed:\nshown 0\n\nCell 1:\nx = 1\nIt showed:\nshown 1" in found.text
    assert found.summary == "2 cells"


def test_of_many_cells_the_last_ones_are_shown_and_that_is_said():
    found = described_cells(cells(1_000), limit=1_000)
    assert "Cell 999:" in found.text
    assert "Cell 0:" not in found.text
    assert "of 1,000 cells" in found.omitted
    assert len(found.text) < 2_200


@pytest.mark.parametrize("share", ["names", "schema"])
def test_no_value_of_a_cell_is_shown_below_the_level_of_values(share):
    code = 'x = "PLANTED"  # PLANTED\nf(x, 4711)\n'
    several = [
        Cell(label="1", source=code, outputs=[stream("PLANTED")]),
        Cell(label="2", source="# PLANTED", is_code=False),
        Cell(label="3", source="%%chat\nPLANTED"),
        Cell(label="4", source="%cd PLANTED\n!ls PLANTED\nPLANTED ="),
    ]
    found = described_cells(several, share=share)
    assert "PLANTED" not in repr(found)
    assert "4711" not in repr(found)
    assert (share == "schema") == ("f(x, ...)" in found.text)
