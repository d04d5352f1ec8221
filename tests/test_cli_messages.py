"""`ivy messages preview`: the words as people see them, and as WhatsApp is asked to approve them. Needs no data folder."""

import json
from pathlib import Path

import pytest

from ivy_engine.wording import templates
from tests.test_cli import Ended, ivy


def preview(folder: Path, *words: str) -> Ended:
    return ivy("messages", "preview", *words, cwd=folder)


def test_every_text_as_people_see_it(tmp_path: Path) -> None:
    shown = preview(tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    for name in templates.names():
        assert f"\n{name} (" in f"\n{shown.stdout}"
    assert "workout_reminder (reminder): name, activity, time\n  Hi Ana, Run at 18:00. Anything in the way?\n" in shown.stdout
    assert "  Subject: Your sign-in link for Ivy\n\n  Hello Ana,\n" in shown.stdout
    assert "{{" not in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_one_text(tmp_path: Path) -> None:
    shown = preview(tmp_path, "completion_check", "--language", "en-GB", "--json")
    [told] = json.loads(shown.stdout)
    assert (told["template"], told["type"], told["language"], told["subject"]) == ("completion_check", "reminder", "en-GB", None)
    assert told["params"] == {"activity": "Run"}
    assert told["body"].startswith("How did Run go?")
    assert told["whatsapp"]["buttons"] == ["Done", "Skip", "Rest"]


def test_what_whatsapp_is_asked_to_approve(tmp_path: Path) -> None:
    shown = preview(tmp_path, "workout_reminder", "--whatsapp")
    assert shown.stdout == (
        "workout_reminder, en_GB\n  Hi {{name}}, {{activity}} at {{time}}. Anything in the way?\n"
        "  name: Ana\n  activity: Run\n  time: 18:00\n\n"
    )
    assert "  Buttons: Done, Skip, Rest\n" in preview(tmp_path, "completion_check", "--whatsapp").stdout
    everything = json.loads(preview(tmp_path, "--whatsapp", "--json").stdout)
    assert [one["name"] for one in everything] == [name for name in templates.names() if not templates.kind(name).mail]
    assert {one["language"] for one in everything} == {"en_GB"}
    [form] = [one for one in everything if one["name"] == "completion_confirmation"]
    assert (form["body"], list(form["examples"])) == ("Logged. {{details}} 🌱", ["details"])


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nothing",), 4), (("magic_link", "--whatsapp"), 4), (("--language", "tlh"), 2), (("a", "b"), 2), (("--colour",), 2)],
)
def test_what_there_is_not(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    ended = preview(tmp_path, *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr
