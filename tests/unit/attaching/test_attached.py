"""What goes along, in requests, keys and files."""

from __future__ import annotations

import json
from dataclasses import replace

from g4f_magic.ask import Ask, Attachment, Bound
from g4f_magic.attached import digests_in, filled_in
from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.entry_line import from_line, to_line
from g4f_magic.cassette.index import Index
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.miss import difference
from g4f_magic.chunks import Text
from g4f_magic.context import context_of, messages_of, tokens_of
from g4f_magic.files.exporting import to_markdown, to_notebook
from g4f_magic.files.turn_fields import check
from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json
from tests.turns import changed

DATA = Attachment(name="df", text="`df` has 3 rows.\n\n```\n1 2 3\n```", summary="3 rows", omitted="0 of 3")
PICTURE = Attachment(name="fig", text="`fig` is a Figure.", media_type="image/png", digest="ab" * 32)
ASK = Ask(prompt="What of {{df}}?", sent="What of `df`?", provider="koala", attachments=(DATA,))
SEEN = replace(ASK, attachments=(DATA, PICTURE))


def turn_of(ask: Ask, reply: str = "Much.", **fields) -> Turn:
    turn = Turn.plain(
        id="a", slot="a", prompt="", provider="koala", model="", reply=reply, started_at=1.0, status="done"
    )
    return replace(changed(turn, **fields), ask=ask)


def test_data_stands_after_the_prompt():
    (message,) = messages_of(context_of((), Bound()), ASK)
    assert message == {"role": "user", "content": f"What of `df`?\n\n{DATA.text}"}


def test_what_stood_in_the_prompt_is_not_sent_twice():
    ask = replace(ASK, attachments=(Attachment(name="n", origin="inline"),))
    assert messages_of(context_of((), Bound()), ask)[0]["content"] == "What of `df`?"
    assert Asked.of(ask).key == Asked.of(replace(ask, attachments=())).key


def test_later_turns_carry_what_was_sent_then():
    context = context_of([turn_of(ASK)], Bound())
    first, *_ = messages_of(context, Ask(prompt="And now?"))
    assert first["content"] == f"What of `df`?\n\n{DATA.text}"
    assert context.messages[0].content == first["content"]


def test_pictures_are_parts_where_the_model_sees_and_text_where_not():
    (message,) = messages_of(context_of((), Bound()), SEEN, sees=True)
    assert digests_in([message]) == [PICTURE.digest]
    (told,) = filled_in([message], {PICTURE.digest: ("image/png", b"png")})
    assert told["content"][1] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}}
    (message,) = messages_of(context_of((), Bound()), SEEN)
    assert message["content"].endswith("`fig` is a Figure.")


def test_only_the_newest_pictures_go_along_again():
    turns = [turn_of(replace(SEEN, attachments=(replace(PICTURE, digest=f"{n:064x}"),))) for n in range(7)]
    messages = messages_of(context_of(turns, Bound()), Ask(prompt="x"), sees=True)
    assert digests_in(messages) == [f"{n:064x}" for n in (3, 4, 5, 6)]


def test_a_picture_that_is_gone_leaves_its_text():
    (message,) = messages_of(context_of((), Bound()), SEEN, sees=True)
    (told,) = filled_in([message], {})
    assert [part["type"] for part in told["content"]] == ["text"]


def test_a_bound_of_tokens_counts_what_goes_along():
    assert tokens_of(SEEN) > 765 + tokens_of(ASK) - tokens_of(replace(ASK, attachments=()))
    assert context_of([turn_of(SEEN)], Bound(tokens=700)).omitted_turns == 1


def test_the_key_is_over_what_was_sent():
    keys = {
        Asked.of(one).key
        for one in (
            ASK,
            SEEN,
            replace(ASK, attachments=()),
            replace(ASK, attachments=(replace(DATA, text="4"),)),
            replace(SEEN, attachments=(DATA, replace(PICTURE, digest="cd" * 32))),
        )
    }
    assert len(keys) == 5
    assert Asked.of(replace(ASK, prompt="other words")).key == Asked.of(ASK).key


def recorded(ask: Ask, reply: str = "Much.") -> Entry:
    return Entry(asked=Asked.of(ask), chunks=((0, Text(reply)),))


def test_a_recorded_turn_is_told_by_its_data_too():
    line = to_line(recorded(ASK)).strip()
    assert from_line(line).asked.key == Asked.of(ASK).key
    assert PICTURE.digest.encode() not in line
    index = Index("x", [line])
    same, other = (
        context_of([turn_of(one)], Bound()).exchanges for one in (ASK, replace(ASK, attachments=()))
    )
    assert index.reached(same)[1]
    assert not index.reached(other)[1]


PIXELS = replace(PICTURE, pixels="ef" * 32)


def test_a_picture_counts_by_its_pixels_however_its_file_was_packed():
    packed, other = (
        replace(PIXELS, digest="cd" * 32, media_type="image/jpeg"),
        replace(PIXELS, pixels="ba" * 32),
    )
    keys = [Asked.of(replace(SEEN, attachments=(one,))).key for one in (PIXELS, packed, other)]
    assert keys[0] == keys[1] != keys[2]
    line = to_line(recorded(replace(SEEN, attachments=(PIXELS,))))
    assert PIXELS.pixels.encode() in line
    assert PIXELS.digest.encode() not in line


def test_a_recording_of_before_that_counts_a_picture_by_its_file_is_found():
    before = recorded(SEEN)  # without the pixels, as it was
    after = Entry(
        asked=Asked(provider="koala", prompt="And?", parent=before.asked.key, context=2),
        chunks=((0, Text("So.")),),
    )
    index = Index("x", [to_line(before), to_line(after)])
    ask = replace(SEEN, attachments=(DATA, PIXELS))
    assert [bool(index.refs(form.key)) for form in Asked.forms_of(ask)] == [False, True]
    assert Asked.forms_of(ask)[0].key == Asked.of(ask).key
    said = context_of([turn_of(ask)], Bound()).exchanges
    assert index.reached(said)[1]
    assert index.parent(said) == before.asked.key


def test_changed_data_misses_with_a_diff_that_shows_it():
    said = difference(recorded(ASK), Asked.of(replace(ASK, attachments=(replace(DATA, text="`df`\n4 5 6"),))))
    assert "-1 2 3" in said
    assert "+4 5 6" in said
    assert "other data" in said


def test_another_picture_misses_and_is_named():
    other = replace(SEEN, attachments=(DATA, replace(PICTURE, digest="cd" * 32)))
    assert "fig:\n  the picture is another one" in difference(recorded(SEEN), Asked.of(other))


def test_what_went_along_comes_back_from_a_file():
    turn = turn_of(replace(SEEN, attachments=(DATA, PIXELS), notes=("{{x}} was sent as it stands.",)))
    values = json.loads(json.dumps(turn_to_json(turn)))
    check(values)
    assert turn_from_json(values).ask.attachments == (DATA, PIXELS)
    assert turn_from_json(values).ask.notes == turn.ask.notes
    assert turn_from_json({**values, "attachments": [{"name": "df", "of_a_newer": "1"}]}).ask.attachments


def test_an_export_to_read_shows_what_went_along():
    text = to_markdown([turn_of(SEEN)])
    assert "*with df (3 rows; 0 of 3), fig*" in text
    assert "> 1 2 3" in text


def test_an_exported_notebook_asks_with_the_same(tmp_path):
    ask = replace(ASK, attachments=(DATA, replace(DATA, name="len(df)", origin="with")))
    assert "--with 'len(df)'\nWhat of {{df}}?" in cell_of(turn_of(ask))


def test_what_an_imported_turn_names_is_not_evaluated_by_an_exported_notebook():
    ask = replace(ASK, attachments=(replace(DATA, name="exit()", origin="with"),))
    assert "exit" not in cell_of(replace(turn_of(ask), source="imported"))


def cell_of(turn: Turn) -> str:
    return str(json.loads(to_notebook([turn]))["cells"][1]["source"])
