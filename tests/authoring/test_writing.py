"""A model as author: answers are read leniently, checked as anybody's, tried on a town, sent back with what is wrong; the recorded batch of ten themes is replayed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from understudy import assets
from understudy.asking import PLAINLY
from understudy.authoring.answers import Lenient, content_of, wrapped
from understudy.authoring.check import examine, said
from understudy.authoring.trial import Trial, silent, try_out
from understudy.authoring.writing import Theme, WriteModule, Written, keep, name_of, settled, signed, themes_of, write_all, write_modules
from understudy.engine.assemble import engine_of
from understudy.engine.call import Answer, Call
from understudy.engine.prompts import messages
from understudy.engine.recorded import Recorded
from understudy.errors import EngineError, InputError, Pending
from understudy.ontology.modules import Module, parse_module, shipped
from understudy.ontology.reading import read_module
from understudy.recipe import Models, Recipe

RECORDED = Path(__file__).parents[1] / "recorded"
KITE = (Path(__file__).parent / "kite_day.yaml").read_text()
THEME = Theme("kite_day", "an afternoon with a kite")


def fine(module: Module, text: str) -> Trial:
    return Trial(20, 60, 20, dict.fromkeys(module.events, 20), dict.fromkeys(module.words, 20), [], [], [])


class Says:
    """An engine that answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: str):
        self.answers, self.asked = list(answers), list[Call[str]]()

    def ask(self, calls: Sequence[Call[str]]) -> list[Answer]:
        self.asked += calls
        return [Answer(self.answers.pop(0), "says") for _ in calls]


def drafted(*answers: str, trial=fine) -> tuple[Written, Says]:  # type: ignore[no-untyped-def]
    engine = Says(*answers)
    return write_all(engine, [THEME], shipped(), len(answers), trial, lambda line: None)[0], engine


def test_the_prompt_keeps_its_own_rules() -> None:
    """Trap: an example that the checker would send back, names that are gone from the catalogues."""
    example = re.search(r"```yaml\n(.*?)```", assets.text("prompts/authoring/module.md"), re.S)
    assert example is not None
    assert [said(f) for f in examine(parse_module(yaml.safe_load(example[1]), "the prompt"))] == []
    task = messages(WriteModule("module/kite_day", THEME))[1]["content"]
    assert all(name in task for name in ("toy_store", "background.possession.vehicle", "grandchild", '"an afternoon with a kite"'))


@pytest.mark.parametrize("answer", [
    json.dumps({"module": KITE}), f"```yaml\n{KITE}```", f"Here is the module:\n\n```yml\n{KITE}\n```\nEnjoy.", KITE,
    json.dumps(yaml.safe_load(KITE)), json.dumps({"module": yaml.safe_load(KITE)}), f"```json\n{json.dumps(yaml.safe_load(KITE))}\n```", json.dumps({"module": f"```yaml\n{KITE}```"}),
], ids=["asked for", "fenced", "with chatter", "bare", "as JSON", "nested", "fenced JSON", "fenced inside"])  # fmt: skip
def test_yaml_and_json_however_they_come(answer: str) -> None:
    _, content, problem = content_of(json.loads(wrapped(answer))["module"])
    assert not problem
    assert content == yaml.safe_load(KITE)


def test_what_is_no_module_stays_as_it_is() -> None:
    assert wrapped("I cannot help with that.") == "I cannot help with that."
    assert wrapped('{"answer": 3}') == '{"answer": 3}'


def test_bare_lines_are_quoted() -> None:
    """Trap: `- {kite} is up: look` is a mapping in YAML, or no YAML at all; models write it all the same."""
    text = KITE.replace('text: ["Tape for {kite}", "Buy line", "Check the spar"]', "\n    text:\n      - {kite} needs tape\n      - Buy line: the thin one\n      - \"Check the spar\"\n").replace(
        "  mend: {", "  mend:").replace("\n}\n", "\n")  # fmt: skip
    _, content, problem = content_of(text)
    assert not problem
    assert content["words"]["mend"]["text"] == ["{kite} needs tape", "Buy line: the thin one", "Check the spar"]


def test_problems_go_back_and_the_last_draft_with_them() -> None:
    done, engine = drafted(KITE.replace("say: mend", "say: mennd"), "no module at all", KITE)
    assert (done.rounds, done.module is not None) == (3, True)
    assert "write mend" in engine.asked[1].history[-1][1]
    assert len(engine.asked[2].history) == 1, "earlier drafts are forgotten"
    assert [call.attempt for call in engine.asked] == [0, 1, 2]


def test_a_trial_can_send_a_module_back() -> None:
    """Trap: a module that reads well and never happens."""

    def dead(module: Module, text: str) -> Trial:
        return fine(module, text)._replace(trees=0)

    done, engine = drafted(KITE, KITE, trial=dead)
    assert done.module is None
    assert "never happened" in engine.asked[1].history[-1][1]


def test_no_draft_is_good_enough() -> None:
    done, _ = drafted("nothing", "again nothing")
    assert done.module is None
    assert len(done.problems) == 2


def test_the_file_says_who_wrote_it(tmp_path: Path) -> None:
    done, _ = drafted(KITE.replace("module: kite_day", "module: another_name"))
    keep(done, tmp_path / "kite_day.yaml", "acme/large")
    module = read_module(tmp_path / "kite_day.yaml")
    assert module.source == "our estimate; written by a language model (acme/large)"
    assert module.events == parse_module(yaml.safe_load(KITE), "kite").events
    assert signed((tmp_path / "kite_day.yaml").read_text(), module, "acme/large") == (tmp_path / "kite_day.yaml").read_text()


def test_names_and_themes(tmp_path: Path) -> None:
    assert name_of("training for a first triathlon") == "training_triathlon"
    path = tmp_path / "themes.txt"
    path.write_text("# two\nkite: an afternoon\n- a 2nd kite\n")
    assert themes_of(path) == [Theme("kite", "an afternoon"), Theme("2nd_kite".lstrip("0123456789_"), "a 2nd kite")]
    path.write_text("kite: a\nkite: b\n")
    with pytest.raises(InputError, match="two themes named kite"):
        themes_of(path)


def test_a_model_is_needed(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="--model"):
        write_modules([THEME], Models.model_validate({}), tmp_path, {}, PLAINLY)


def test_one_batch_file_carries_all_themes(tmp_path: Path) -> None:
    """Trap: a file a theme; answers that have to be asked for again when the command goes on."""
    models, how = Models.model_validate("openai/gpt-5-mini"), PLAINLY._replace(batch=tmp_path / "batch")
    themes = [THEME, Theme("line_day", "an afternoon with a line")]
    with pytest.raises(Pending, match="2 calls"):
        write_modules(themes, models, tmp_path / "mine", {}, how)
    rows = [json.loads(line) for line in (tmp_path / "batch/calls-0001.jsonl").read_text().splitlines()]
    (tmp_path / "batch/results.jsonl").write_text("".join(json.dumps({"custom_id": r["custom_id"], "content": "module: x\nevents: {}"}) + "\n" for r in rows))
    with pytest.raises(Pending, match="read 2 results"):
        write_modules(themes, models, tmp_path / "mine", {}, how)
    assert len((tmp_path / "batch/calls-0002.jsonl").read_text().splitlines()) == 2, "the repair round is one file, too"


def test_a_trial_in_a_town() -> None:
    """Trap: a trial that never plants, or counts what other modules left."""
    module = parse_module(yaml.safe_load(KITE), "kite_day")
    trial = try_out(module, people=12, days=25)
    assert trial.trees >= 6
    assert trial.events["bought"] > 0
    assert set(trial.said) == {"after", "bill", "mend"}
    assert trial.said["after"] > 0
    assert trial.said["bill"] > 0
    assert not trial.broken
    assert not silent(module, trial)


@pytest.fixture(scope="module")
def replayed() -> tuple[list[Written], Recorded]:
    recipe = Recipe.build({"models": {"life": "openai/gpt-5-mini"}})
    client = Recorded(RECORDED / "modules.jsonl")
    objections = json.loads((RECORDED / "modules.trials.json").read_text())  # what trials held against a draft then; trials themselves take half a minute each

    def trial(module: Module, text: str) -> Trial:
        return fine(module, text)._replace(dead=objections.get(sha256(text.encode()).hexdigest()[:16], []))

    themes = themes_of(RECORDED / "modules.themes.txt")
    others = {name: m for name, m in shipped().items() if name not in {t.name for t in themes}}
    return write_all(engine_of(recipe, Lenient(client)), themes, others, 4, trial, lambda line: None), client


def test_ten_themes_answered_by_a_model(replayed: tuple[list[Written], Recorded], capsys: pytest.CaptureFixture[str]) -> None:
    """The bar: a capable model's modules are accepted, most of them at the first draft. Trap: rules that only our own hands can keep."""
    done, client = replayed
    first = sum(w.rounds == 1 and w.module is not None for w in done)
    with capsys.disabled():
        print(f"\nmodules by a model: {first} of {len(done)} accepted at the first draft, {sum(w.module is not None for w in done)} after repair; "
              f"answers found by task {client.exact}, by id {client.near}, missing {client.missing}")  # fmt: skip
    assert len(done) == 10
    assert all(w.module is not None for w in done), [(w.theme.name, w.problems[-1]) for w in done if w.module is None]
    assert first >= 8


def test_the_shipped_ones_are_those(replayed: tuple[list[Written], Recorded]) -> None:
    """Trap: modules said to be a model's that somebody has rewritten since."""
    for written in replayed[0]:
        ours = shipped()[written.theme.name]
        assert "written by a language model" in ours.source
        assert written.module is not None
        assert (ours.events, ours.words, ours.details) == (written.module.events, written.module.words, written.module.details)
        assert settled(written.text, yaml.safe_load(written.text), written.theme.name)[2] == ""
