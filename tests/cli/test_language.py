"""The language as a person meets it at the command line: checked, formatted, explained, simplified, refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import call

import ghndsl
from ghndsl import resources

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT.parent / "shared" / "design" / "examples"

NET = """arch net( classes:int=10 ) {
    input image: f32[N,3,32,32]   # colours first
    x = image->conv(16,3,padding=1)   as stem  -> relu
    # the head
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as head
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.arch").write_text(NET, encoding="utf-8")
    return tmp_path


def test_fmt_writes_one_layout_and_keeps_comments(folder: Path) -> None:
    before = ghndsl.load(str(folder / "net.arch"))
    assert json.loads(call(folder, "fmt", "net.arch", "--check", "--json", code=1).stdout)["changed"] == ["net.arch"]
    assert (folder / "net.arch").read_text(encoding="utf-8") == NET, "--check writes nothing"
    shown = call(folder, "fmt", "net.arch", "--diff", code=1).stdout
    assert "-arch net( classes:int=10 ) {" in shown
    assert "+arch net(classes: int = 10) {" in shown
    assert (folder / "net.arch").read_text(encoding="utf-8") == NET, "--diff writes nothing"
    assert json.loads(call(folder, "fmt", "net.arch", "--json").stdout)["changed"] == ["net.arch"]
    text = (folder / "net.arch").read_text(encoding="utf-8")
    assert "arch net(classes: int = 10) {\n    input image: f32[N, 3, 32, 32]  # colours first\n" in text
    assert "    x = image -> conv(16, 3, padding=1) as stem -> relu\n    # the head\n" in text
    assert text.endswith("}\n")
    after = ghndsl.load(str(folder / "net.arch"))
    assert after.id == before.id
    assert list(after.weights) == list(before.weights)
    assert json.loads(call(folder, "fmt", "net.arch", "--check", "--json").stdout)["changed"] == []


def test_fmt_reads_standard_input(folder: Path) -> None:
    assert call(folder, "fmt", "-", stdin=NET).stdout.startswith("arch net(classes: int = 10) {\n")


def test_fmt_leaves_what_it_cannot_read(folder: Path) -> None:
    (folder / "bad.arch").write_text("arch a( {", encoding="utf-8")
    told = call(folder, "fmt", "bad.arch", "net.arch", code=1)
    assert "error[G" in told.stderr
    assert (folder / "bad.arch").read_text(encoding="utf-8") == "arch a( {"


SPECS = [str(path) for path in sorted(resources.specs().rglob("*.*")) if path.suffix in (".arch", ".nas")]


@pytest.mark.parametrize("file", SPECS, ids=lambda file: Path(file).name)
def test_every_shipped_spec_is_formatted_and_clean(file: str) -> None:
    call(ROOT, "fmt", "--check", file)
    call(ROOT, "check", "--strict", file)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the design's examples do not lie beside this checkout")
def test_the_examples_of_the_design_have_a_shipped_form() -> None:
    shipped = {path.stem for path in resources.specs().rglob("*.*")}
    renamed = {"decoder": "gpt2", "shared": "siamese", "walk": "graph", "lstm": "lstm_classifier"}
    for path in EXAMPLES.iterdir():
        if path.suffix in (".arch", ".nas"):
            assert renamed.get(path.stem, path.stem) in shipped, path


def test_warnings_are_shown_and_strict_refuses_them(folder: Path) -> None:
    (folder / "loose.arch").write_text(
        "block B(x, width: int) { return x -> relu }\n"
        "arch loose() {\n"
        "    input x: f32[N, 4]\n"
        "    relu6 = 3\n"
        "    lost = x -> linear(7) as lost\n"
        "    output y = x -> B(2) -> linear(relu6)\n"
        "}\n",
        encoding="utf-8",
    )
    told = json.loads(call(folder, "check", "loose.arch", "--json").stdout)
    assert told["ok"] is True
    found = {(one["line"], one["severity"]) for one in told["diagnostics"]}
    assert found == {(1, "warning"), (4, "warning"), (5, "warning")}
    assert len({one["code"] for one in told["diagnostics"]}) == 3
    assert "warning[G" in call(folder, "check", "loose.arch").stderr
    strict = json.loads(call(folder, "check", "loose.arch", "--strict", "--json", code=1).stdout)
    assert strict["ok"] is False
    assert {one["severity"] for one in strict["diagnostics"]} == {"error"}
    for one in told["diagnostics"]:
        assert call(folder, "explain", one["code"]).stdout.strip()


def test_five_planted_faults_are_five_diagnostics() -> None:
    golden = ROOT / "tests" / "golden" / "errors"
    told = json.loads(call(golden, "check", "five_faults.arch", "--json", code=1).stdout)
    assert [one["severity"] for one in told["diagnostics"]] == ["error"] * 5


def test_a_folder_is_checked_as_its_texts_are(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "bad.arch").write_text("arch b() { input x: f32[N, 4]\n output y = x -> nosuch }", "utf-8")
    assert "net.arch" in call(folder, "check", "net.arch").stdout
    told = json.loads(call(folder, "check", ".", "--json", code=1).stdout)
    assert [(Path(one["file"]).name, one["code"]) for one in told["diagnostics"]] == [("bad.arch", "G110")]


def test_what_is_told_of_measures_and_settings(folder: Path) -> None:
    space = "space s(a: int = 1) { input x: f32[N, 4]\n choose k from 1..9\n output y = x -> linear(k * a)\n where"
    (folder / "s.nas").write_text(f"{space} params < 9 }}", "utf-8")
    assert call(folder, "count", "s.nas").stdout == "9 candidates\n1 meet every `where`\n"
    assert "`params` is 15" in call(folder, "show", "s.nas@2", code=1).stderr
    assert '`--set a="foo"`' in call(folder, "check", "s.nas", "--set", "a=foo", code=1).stderr
    assert "there is `a`" in call(folder, "show", "s.nas@0", "--set", "b=3", code=1).stderr
    assert "`resnet18`, `resnet34`" in call(folder, "show", "resnet", code=1).stderr
    with pytest.raises(ghndsl.CompileError, match="is a space, not a network"):
        ghndsl.load(str(folder / "s.nas"))


def test_space_words_in_an_arch(folder: Path) -> None:
    (folder / "s.arch").write_text("space s() { input x: f32[N, 4]\n choose k from [1, 2]\n output y = x }", "utf-8")
    told = call(folder, "check", "s.arch", code=1).stderr
    assert "name the file `.nas`" in told
    assert told.count("error[") == 1


def test_optimized(folder: Path) -> None:
    (folder / "o.arch").write_text(
        "arch o() {\n"
        "    input x: f32[N, 4]\n"
        "    lost = x -> linear(7)\n"
        "    a = x -> identity -> relu\n"
        "    b = x -> relu\n"
        "    c = x + (zeros(4) + 1) * 2\n"
        "    output y = a * b + c\n"
        "}\n",
        encoding="utf-8",
    )
    whole = json.loads(call(folder, "show", "o.arch", "--json").stdout)
    small = json.loads(call(folder, "show", "o.arch", "--optimized", "--json").stdout)
    operators = [re.split(r"\W", layer["operator"])[0] for layer in small["layers"]]
    assert whole["nodes"] > small["nodes"]
    assert operators.count("relu") == 1
    assert "linear" not in operators
    assert "identity" not in operators
    assert "zeros" not in operators
    assert small["params"] == 0


def test_show_tells_shared_weights_signs_and_documentation(folder: Path) -> None:
    (folder / "s.arch").write_text(
        "## Two uses of one layer, on [n, 4].\n"
        "## Its weights are one set.\n"
        "arch s() {\n"
        "    input x: f32[N, 4]\n"
        "    f = (linear(4) -> batch_norm) as f\n"
        "    y = x -> f -> relu -> f\n"
        "    output z = y[:, 1:] * 2\n"
        "}\n",
        encoding="utf-8",
    )
    found = call(folder, "show", "s.arch").stdout.splitlines()
    assert found[:3] == ["s", "Two uses of one layer, on [n, 4].", "Its weights are one set."]
    rows = [line.split() for line in found[4:11]]
    assert [row[0] for row in rows] == ["f.0", "f.1", "0", "f.0", "f.1", "in", "in"]
    assert [row[-2] for row in rows] == ["20", "8", "0", "shared", "shared", "0", "0"]
    assert rows[5][:4] == ["in", "s", "x[:,", "1:]"]
    assert "28 params, 9 numbers in buffers, 32 MACs, 7 nodes" in found
    layers = json.loads(call(folder, "show", "s.arch", "--json").stdout)["layers"]
    assert [one["shared"] for one in layers] == [False, False, False, True, True, False, False]
    assert ghndsl.load(str(folder / "s.arch")).doc == "Two uses of one layer, on [n, 4].\nIts weights are one set."


def test_words_in_brackets_are_no_colours(folder: Path) -> None:
    text = 'space s() {\n input x: f32[N, 4]\n choose how from ["[bold]x", "[/red]"]\n output y = x -> identity\n}'
    (folder / "brackets.nas").write_text(text, "utf-8")
    assert '"[bold]x", "[/red]"' in call(folder, "show", "brackets.nas").stdout
    assert 'how="[/red]"' in call(folder, "sample", "brackets.nas", "-n", "8").stdout


def test_check_says_when_graphs_were_tried_in_part(folder: Path) -> None:
    body = "v = [x]\n for i in g.inner { v = v + [add([v[j] for j in g.inputs[i]]) -> g.ops[i]] }"
    graphs = "input x: f32[N, 4]\n choose g from dags(vertices=9) {\n a: relu\n b: tanh\n }"
    (folder / "many.nas").write_text(f"space s() {{\n {graphs}\n {body}\n output y = v[0]\n}}", "utf-8")
    told = call(folder, "check", "many.nas")
    assert "G308" in told.stderr
    assert told.stdout.startswith("many.nas: not proved: 48 of ")


def test_export_tells_the_sizes_of_its_check(folder: Path) -> None:
    (folder / "short.arch").write_text(
        "arch a() {\n input x: f32[N, T, 4]\n output y = x + parameter(9, 4)[0:T]\n}", "utf-8"
    )
    assert "(with T = 8)" in call(folder, "export", "short.arch", "--onnx", "a.onnx", "--check").stderr
    (folder / "image.arch").write_text("arch a() {\n input x: f32[N, 3, H, W]\n output y = x -> conv(2, 3)\n}", "utf-8")
    told = call(folder, "export", "image.arch", "--onnx", "i.onnx", "--check").stderr
    assert "(with H = 32, W = 28, and in the other order)" in told
    (folder / "double.arch").write_text("arch a() {\n input x: f64[N, 4]\n output y = x -> softplus\n}", "utf-8")
    assert "G507" in call(folder, "export", "double.arch", "--onnx", "b.onnx", "--check", code=1).stderr


def test_explain_tells_of_operators_and_lists_everything(folder: Path) -> None:
    assert "max_pool(kernel_size, stride=none, " in call(folder, "explain", "max_pool").stdout
    told = json.loads(call(folder, "explain", "conv", "--json").stdout)
    assert (told["operator"], told["torch"]) == ("conv", ["nn.Conv1d", "nn.Conv2d", "nn.Conv3d"])
    assert told["attributes"][2] == {"name": "stride", "takes": told["attributes"][2]["takes"], "default": "1"}
    listed = call(folder, "explain").stdout
    assert "Convolution: conv, conv_transpose\n" in listed
    assert "G204  shapes that do not fit together\n" in listed
    assert json.loads(call(folder, "explain", "--json").stdout)["operators"]["Attention"][0] == "attention"


def test_format_finds_blocks_and_loops_again(folder: Path) -> None:
    text = ghndsl.format(ghndsl.load("resnet50"))
    assert text.count("\n") < 100, text
    assert "block Bottleneck(" in text
    assert "for " in text
    (folder / "again.arch").write_text(text, encoding="utf-8")
    again, graph = ghndsl.load(str(folder / "again.arch")), ghndsl.load("resnet50")
    assert again.id == graph.id
    assert list(again.weights.items()) == list(graph.weights.items())
    call(folder, "fmt", "--check", "again.arch")
    call(folder, "check", "--strict", "again.arch")


def test_limits_can_be_moved(folder: Path) -> None:
    assert "G126" in call(folder, "check", "net.arch", "--limit", "nodes=3", code=1).stderr
    assert "no limit" in call(folder, "check", "net.arch", "--limit", "node=3", code=2).stderr
    assert (
        "more than 1 node\n" in call(folder, "export", "net.arch", "--onnx", "a", "--limit", "nodes=1", code=1).stderr
    )
    assert "more than 9 words" in call(folder, "count", "digits", "--limit", "words=9", code=1).stderr
    assert "more than 9 words" in call(folder, "search", "digits", "--limit", "words=9", "-o", "r", code=1).stderr
    (folder / "long.arch").write_text(
        "arch a() {\n input x: f32[N, 4]\n for i in range(101K) { x = x -> relu }\n output y = x\n}", encoding="utf-8"
    )
    assert "G126" in call(folder, "check", "long.arch", code=1).stderr
    call(folder, "check", "long.arch", "--limit", "nodes=200K", "--limit", "items=200K", "--limit", "steps=10M")


def test_colours() -> None:
    from pygments.lexers import get_lexer_by_name, get_lexer_for_filename

    lexer = get_lexer_by_name("ghndsl")
    assert type(get_lexer_for_filename("a.arch")) is type(lexer) is type(get_lexer_for_filename("a.nas"))
    kinds = {(str(kind), word) for kind, word in lexer.get_tokens("arch a() { output y = x -> conv(3) as c } # end")}
    assert ("Token.Keyword", "output") in kinds or ("Token.Keyword.Declaration", "output") in kinds
    assert ("Token.Name.Builtin", "conv") in kinds
    grammar = json.loads((ROOT / "grammars" / "ghndsl.tmLanguage.json").read_text(encoding="utf-8"))
    assert grammar["scopeName"] == "source.ghndsl"


def test_check_is_light(folder: Path) -> None:
    code = (
        "import sys; sys.argv = ['ghndsl', 'check', 'net.arch']\n"
        "from ghndsl.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'onnx', 'onnxruntime', 'numpy', 'scipy', 'sklearn', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_readme_has_a_tour_that_is_enough() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "## The language in one page" in readme
    for word in ("block", "for ", "if ", " as ", "->", "use ", "exit", "choose", "motif", "repeat", "concat"):
        assert word in readme.split("## The language in one page")[1].split("\n## Commands")[0], word


def test_texts_do_not_steer_the_terminal(folder: Path) -> None:
    steering = "\x1b[2J\x1b]0;owned\x07\N{RIGHT-TO-LEFT OVERRIDE}"
    lines = f"## hi {steering} x\n## more\narch a() {{ input x: f32[N, 3]\n output y = x", " }"
    (folder / "a.arch").write_text(" -> relu".join(lines), "utf-8")
    (folder / "none.arch").write_text("".join(lines), "utf-8")
    (folder / "s.nas").write_text(
        f'space s() {{ input x: f32[N, 3]\n choose k from ["{steering}", "b"]\n'
        ' output y = x -> linear(2 if k == "b" else 3) }',
        "utf-8",
    )
    for words in (("show", "a.arch"), ("show", "none.arch"), ("show", "s.nas"), ("sample", "s.nas", "-n", "9")):
        shown = call(folder, *words).stdout
        assert "·[2J·]0;owned··" in shown, shown
        assert all(char.isprintable() or char == "\n" for char in shown)
    assert call(folder, "show", "none.arch").stdout.startswith("a\nhi ·[2J·]0;owned·· x\nmore\ninput x: f32[N, 3]\n")
