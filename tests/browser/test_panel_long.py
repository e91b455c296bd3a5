"""Much in a panel: five hundred messages, a message of a megabyte, and every hostile reply."""

from __future__ import annotations

import time

from g4f_magic.history import History, Identity
from g4f_magic.notebook import saved_cells
from g4f_magic.panel.transcript import NEWEST, PAGE
from g4f_magic.turn import Turn
from tests.browser.lab import Desk
from tests.browser.panel import LOAD, SHOW, Panel
from tests.browser.stage import Stage
from tests.browser.test_injections import HARMLESS, canary, seen
from tests.injections import PAYLOADS, TRAP
from tests.turns import key_of


def told_before(desk: Desk, name: str, said: dict[str, str]) -> None:
    """Make a notebook with a panel, and the history of a conversation that it had."""
    file = desk.server.write(name, LOAD, SHOW)
    history = History(desk.server.folder.parent / "history.sqlite")
    turns = [
        Turn.plain(
            id=f"{name}-{number}",
            slot=f"{name}-{number}",
            prompt=prompt,
            reply=reply,
            provider="koala",
            model="gpt-4o-mini",
            started_at=time.time(),
            status="done",
        )
        for number, (prompt, reply) in enumerate(said.items())
    ]
    history.add(
        key_of(history, Identity(str(file), tuple(cell.id for cell in saved_cells(file)))), "main", turns
    )
    history.close()


async def test_of_five_hundred_messages_the_newest_show_and_the_earlier_come(
    desk: Desk, stage: Stage
) -> None:
    told_before(desk, "panel-many.ipynb", {f"Question {n}": f"Answer {n}" for n in range(500)})
    async with desk.open("lab", "panel-many.ipynb") as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.has(NEWEST)
        await panel.says("Answer 499")
        for more in (1, 2):
            await panel.transcript.evaluate("node => node.scrollTop = 0")
            await panel.has(NEWEST + more * PAGE)
        shown = NEWEST + 2 * PAGE
        place = await panel.turn(PAGE).bounding_box()
        assert place is not None
        assert place["y"] > 0
        assert await panel.prompts() == [f"Question {n}" for n in range(500 - shown, 500)]
        await panel.ask("one more")
        assert await panel.turns.count() == shown + 1
        assert await panel.transcript.evaluate("it => it.scrollHeight - it.scrollTop - it.clientHeight < 40")
        assert len(stage.asked[0].messages) == 1001


async def test_a_message_of_a_megabyte_comes_whole(desk: Desk, stage: Stage) -> None:
    lines = [f"Line {number}: {'lorem ipsum ' * 8}" for number in range(10_000)]
    stage.texts = {"long": "\n\n".join(lines)}
    async with desk.open("lab", "panel-megabyte.ipynb", LOAD, SHOW) as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.is_there()
        await panel.send("long")
        await panel.settles()
        shown = (await panel.reply()).splitlines()

        assert len(stage.texts["long"]) > 1_000_000
        assert [line.strip() for line in shown if line.strip()] == [line.strip() for line in lines]
        await panel.ask("one more")


async def test_nothing_in_a_reply_runs_in_the_panel(desk: Desk, stage: Stage) -> None:
    async with canary() as bird:
        trap = f"{bird.url}/trap"
        said = {
            f"{name}\n{text.replace(TRAP, trap)}": f"Before.\n\n{text.replace(TRAP, trap)}\n\nAfter: {name}\n"
            for name, text in PAYLOADS.items()
        }
        told_before(desk, "panel-hostile.ipynb", said)
        stage.texts = {name: text.replace(TRAP, trap) for name, text in PAYLOADS.items()}
        async with desk.open("lab", "panel-hostile.ipynb", fresh=True) as book:
            await book.run_all()
            panel = Panel(book.page)
            await panel.has(NEWEST)
            for count in (*range(NEWEST + PAGE, len(said), PAGE), len(said)):
                await panel.transcript.evaluate("node => node.scrollTop = 0")
                await panel.has(count)
            await panel.root.locator(".g4f-turn").evaluate_all(
                "async turns => { for (const turn of turns) { turn.scrollIntoView();"
                " await new Promise(requestAnimationFrame); } }"
            )
            shown = [await panel.reply(number) for number in range(len(said))]
            streamed = "\n\n".join(stage.texts.values())
            stage.texts = {"all": streamed}
            await panel.ask("all")
            result = await seen(book, bird)

    assert result == HARMLESS
    assert [name for name, text in zip(PAYLOADS, shown, strict=True) if f"After: {name}" not in text] == []
