"""Files of other data than images: each kind comes through `load`, and what is wrong is told."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits, load_wine

import ghndsl
from ghndsl.data import Dataset, Scale, check_fit, fitted, load
from ghndsl.diagnostics import CompileError
from ghndsl.search.scale import scaled
from ghndsl.search.scorers import scorer_name

Arrays = dict[str, np.ndarray]

WINE, CULTIVAR = load_wine(return_X_y=True)
SUGAR, PROGRESS = load_diabetes(return_X_y=True)
SHADES = (load_digits().images * (255 / 16)).astype(np.uint8)
INK = SHADES > 100
TEXT = np.frombuffer(Path(random.__file__).read_bytes()[: 40 * 32], np.uint8).reshape(40, 32).copy()
LETTER = np.array([chr(code).isalpha() + chr(code).isdigit() * 2 for code in range(256)])

KINDS: dict[str, tuple[Arrays, str, str, dict[str, tuple[int, ...]]]] = {
    "table": ({"x_train": WINE, "y_train": CULTIVAR}, "3 classes", "accuracy", {"x": (13,)}),
    "regression": ({"features_train": SUGAR, "y_train": PROGRESS}, "1 real number", "r2", {"features": (10,)}),
    "two targets": (
        {"x_train": SUGAR, "y_train": np.stack([PROGRESS, SUGAR[:, 0]], 1)}, "2 real numbers", "r2", {"x": (10,)}
    ),
    "text": (
        {"tokens_train": TEXT, "y_train": LETTER[TEXT]}, "3 classes for each of 32 tokens", "accuracy",
        {"tokens": (32,)},
    ),
    "masks": (
        {"image_train": SHADES[..., None], "y_train": INK}, "2 classes for each of 8x8 places", "mean_iou",
        {"image": (1, 8, 8)},
    ),
    "pairs": (
        {"left_train": SHADES[:900], "right_train": SHADES[:900, ::-1], "y_train": np.arange(900) % 2}, "2 classes",
        "accuracy", {"left": (1, 8, 8), "right": (1, 8, 8)},
    ),
    "maps": (
        {"x_train": SHADES[..., None] / 255, "y_train": np.arange(1797) % 10}, "10 classes", "accuracy",
        {"x": (8, 8, 1)},
    ),
}  # fmt: skip


def loaded(folder: Path, arrays: Arrays) -> Dataset:
    np.savez(folder / "a.npz", **arrays)
    return load(str(folder / "a.npz"))


@pytest.mark.parametrize(("arrays", "words", "metric", "shapes"), KINDS.values(), ids=KINDS)
def test_round_trip(
    tmp_path: Path, arrays: Arrays, words: str, metric: str, shapes: dict[str, tuple[int, ...]]
) -> None:
    """Every sample is in one part, with its target, and its values come back from the scales."""
    data = loaded(tmp_path, arrays)
    assert (data.task.words, data.task.metric, data.shapes) == (words, metric, shapes)
    parts = [data.train, data.validation, data.test]
    count = len(arrays["y_train"])
    assert [len(part) for part in parts] == pytest.approx([0.6 * count, 0.2 * count, 0.2 * count], abs=2)
    found = [torch.cat([part.targets.reshape(len(part), -1).double() for part in parts])]
    given = [data.task.tensor(arrays["y_train"]).reshape(count, -1).double()]
    for name in shapes:
        whole, raw = torch.cat([part.inputs[name] for part in parts]).double(), arrays[f"{name}_train"]
        assert whole.dtype == torch.float64
        if name in data.images:
            raw = raw.reshape(*raw.shape[:3], -1).transpose(0, 3, 1, 2) / 255
        if name in data.scales:
            mean, std = (
                torch.tensor(side).reshape(-1, *[1] * (whole.ndim - 2)) for side in restored(data.scales[name])
            )
            whole = whole * std + mean
        found.append(whole.reshape(count, -1))
        given.append(torch.from_numpy(np.ascontiguousarray(raw)).reshape(count, -1).double())
    rows = [np.asarray(torch.cat(side, 1).numpy()) for side in (found, given)]
    rows = [side[np.lexsort(side.round(3).T)] for side in rows]
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-3, rtol=1e-4)


def restored(scale: Scale) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return scale.mean, scale.std


def test_tables_are_standardised_by_the_training_part(tmp_path: Path) -> None:
    columns = np.concatenate([WINE, np.full((178, 1), 0.1), 1e9 + WINE[:, :1], 1e-9 * WINE[:, :1]], 1)
    data = loaded(tmp_path, {"x_train": columns, "y_train": CULTIVAR})
    table = data.train.inputs["x"]
    assert table.dtype == torch.float32
    torch.testing.assert_close(table.mean(0), torch.zeros(16), atol=1e-5, rtol=0)
    torch.testing.assert_close(table.std(0, correction=0), torch.tensor([1.0] * 13 + [0, 1, 1]), atol=1e-4, rtol=0)
    torch.testing.assert_close(table[:, 14], table[:, 0], atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8, np.uint16])
def test_element_types(tmp_path: Path, kind: type[np.generic]) -> None:
    data = loaded(tmp_path, {"a_train": (SHADES[:60] // 16).astype(kind), "y_train": np.arange(60) % 3})
    assert data.train.inputs["a"].dtype == (torch.float32 if np.issubdtype(kind, np.floating) else torch.int64)
    assert not data.images


def test_ignored_labels(tmp_path: Path) -> None:
    """255 and what is negative in masks, what is negative for tokens."""
    masks = INK.astype(np.int64)
    masks[:, 0], masks[:, 1] = 255, -1
    data = loaded(tmp_path, {"image_train": SHADES, "y_train": masks})
    assert data.classes == 2
    assert bool((data.train.targets[:, :2] == -100).all())
    tokens = loaded(tmp_path, {"tokens_train": TEXT, "y_train": np.where(TEXT == 32, -7, LETTER[TEXT])})
    assert set(tokens.train.targets.unique().tolist()) == {-100, 0, 1, 2}


def with_nan(table: np.ndarray) -> np.ndarray:
    table = table.copy()
    table[7, 3] = np.nan
    return table


BAD: dict[str, tuple[Arrays, str, str]] = {
    "one input is missing in test": (
        {"a_train": SUGAR, "b_train": SUGAR, "y_train": PROGRESS, "a_test": SUGAR, "y_test": PROGRESS}, "G403", "b_test"
    ),
    "no targets": ({"x_train": SUGAR}, "G403", "`y_train`"),
    "rows differ": (
        {"a_train": SUGAR, "b_train": SUGAR[:-2], "y_train": PROGRESS}, "G404",
        "`b_train` has 440 rows but `y_train` has 442",
    ),
    "strings": ({"x_train": SUGAR.astype(str), "y_train": PROGRESS}, "G403", "<U"),
    "string targets": ({"x_train": WINE, "y_train": CULTIVAR.astype(str)}, "G403", "<U"),
    "objects": ({"x_train": SUGAR.astype(object), "y_train": PROGRESS}, "G403", "objects"),
    "bools": ({"x_train": INK, "y_train": np.arange(1797) % 2}, "G403", "bool"),
    "complex": ({"x_train": SUGAR * 1j, "y_train": PROGRESS}, "G403", "complex"),
    "NaN": ({"x_train": with_nan(SUGAR), "y_train": PROGRESS}, "G403", "nan in row 7"),
    "beyond float32": ({"x_train": np.where(SUGAR > 0.1, 1e200, SUGAR), "y_train": PROGRESS}, "G403", "1e+200"),
    "beyond int64": ({"t_train": np.full((9, 2), 2**63, np.uint64), "y_train": np.arange(9) % 2}, "G403", "int64"),
    "one number": ({"x_train": np.float64(3), "y_train": PROGRESS}, "G403", "()"),
    "no feature": ({"x_train": SUGAR[:, :0], "y_train": PROGRESS}, "G403", "(442, 0)"),
    "target of one number": ({"x_train": SUGAR, "y_train": np.float64(3)}, "G403", "`y_train` is float64 of shape ()"),
    "target of rank 4": ({"x_train": SUGAR, "y_train": np.zeros((442, 1, 1, 1), int)}, "G403", "(442, 1, 1, 1)"),
    "real masks": ({"x_train": SUGAR, "y_train": np.zeros((442, 2, 2))}, "G403", "(442, 2, 2)"),
    "no target": ({"x_train": SUGAR, "y_train": np.zeros((442, 0))}, "G403", "(442, 0)"),
    "NaN target": ({"x_train": SUGAR, "y_train": with_nan(SUGAR)}, "G404", "no finite number"),
    "same target": ({"x_train": SUGAR, "y_train": np.full(442, 7.5)}, "G404", "7.5 in every"),
    "a gap": ({"tokens_train": TEXT, "y_train": LETTER[TEXT] * 2}, "G404", "label 1"),
    "all ignored": ({"tokens_train": TEXT, "y_train": np.full(TEXT.shape, -1)}, "G404", "ignored"),
    "label 300": ({"x_train": SHADES, "y_train": INK * 300}, "G404", "label 300"),
    "a class in test alone": (
        {"t_train": TEXT, "y_train": LETTER[TEXT] % 2, "t_test": TEXT, "y_test": LETTER[TEXT]}, "G404", "label 2"
    ),
    "mask of another size": ({"x_train": SHADES, "y_train": INK[:, :4]}, "G403", "(4, 8)"),
    "classes and numbers": (
        {"x_train": WINE, "y_train": CULTIVAR, "x_test": WINE, "y_test": CULTIVAR * 1.0}, "G403", "float64"
    ),
    "other length in test": (
        {"t_train": TEXT, "y_train": LETTER[TEXT], "t_test": TEXT, "y_test": LETTER[TEXT[:, 1:]]}, "G403", "(31,)"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arrays", "code", "words"), BAD.values(), ids=BAD)
def test_refused(tmp_path: Path, arrays: Arrays, code: str, words: str) -> None:
    with pytest.raises(CompileError) as caught:
        loaded(tmp_path, arrays)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, words in diagnostic.message) == (code, True), diagnostic.message


FITS = {
    "table": ("table", "input a: f32[N, 13]\noutput logits = a -> linear(3)", ""),
    "as many classes as columns": ("table", "input a: f32[N, F]\noutput logits = a -> relu", "3 classes"),
    "other columns": ("table", "input a: f32[N, 12]\noutput logits = a -> linear(3)", "[N, 12]"),
    "other classes": ("table", "input a: f32[N, 13]\noutput logits = a -> linear(4)", "[N, 4]"),
    "regression": ("regression", "input features: f32[N, 10]\noutput y = features -> linear(1)", ""),
    "flat answer": ("regression", "input features: f32[N, 10]\noutput y = features -> linear(1) -> squeeze(1)", ""),
    "two answers": ("regression", "input features: f32[N, 10]\noutput y = features -> linear(2)", "1 real number"),
    "other name": ("regression", "input x: f32[N, 10]\noutput y = x -> linear(1)", "`features`"),
    "text": ("text", "input tokens: i64[N, T]\noutput logits = tokens -> embedding(256, 3)", ""),
    "few rows": ("text", "input tokens: i64[N, T]\noutput logits = tokens -> embedding(100, 3)", "among 100 rows"),
    "few rows given": (
        "text", "input tokens: i64[N, T]\nw = parameter(50, 3) as w\noutput logits = lookup(w, tokens)", "among 50 rows"
    ),
    "floats": ("text", "input tokens: f32[N, 32]\noutput logits = tokens -> linear(3)", "i64"),
    "classes first": (
        "text", "input tokens: i64[N, T]\noutput logits = tokens -> embedding(256, 3) -> transpose(1, 2)", "[N, 32, 3]"
    ),
    "masks": ("masks", "input image: f32[N, 1, H, W]\noutput logits = image -> conv(2, 1)", ""),
    "one logit": ("masks", "input image: f32[N, 1, H, W]\noutput logits = image -> conv(1, 1)", ""),
    "smaller maps": ("masks", "input image: f32[N, 1, 2*H, 2*W]\noutput y = image -> conv(2, 2, 2)", "[N, 2, 8, 8]"),
    "sizes by threes": ("masks", "input image: f32[N, 1, 3*H, 3*W]\noutput logits = image -> conv(2, 1)", "3*H"),
    "pairs": (
        "pairs", "input left: f32[N, 1, 8, 8]\ninput right: f32[N, 1, 8, 8]\n"
        "output logits = (left - right) -> flatten -> linear(1)", ""
    ),
    "one of two": ("pairs", "input left: f32[N, 1, 8, 8]\noutput logits = left -> flatten -> linear(2)", "`right`"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "words"), FITS.values(), ids=FITS)
def test_fit(tmp_path: Path, kind: str, text: str, words: str) -> None:
    data, graph = loaded(tmp_path, KINDS[kind][0]), ghndsl.loads(f"arch net() {{\n{text}\n}}")
    if not words:
        check_fit(data, graph)
        assert [*data.train.feed(graph)] == [*graph.inputs]
        return
    with pytest.raises(CompileError) as caught:
        check_fit(data, graph)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, words in diagnostic.message) == ("G407", True), diagnostic.message


def test_masks_are_resized_with_their_images(tmp_path: Path) -> None:
    data = loaded(tmp_path, KINDS["masks"][0])
    for size in ((4, 4), (16, 8)):
        graph = ghndsl.loads(
            f"arch net() {{ input image: f32[N, 1, {size[0]}, {size[1]}]\noutput logits = image -> conv(2, 1) }}"
        )
        other = fitted(data, graph)
        check_fit(other, graph)
        assert other.test.targets.shape[1:] == size == other.shape[1:]
    doubled = data.resized(16, 16)
    assert torch.equal(doubled.test.targets[:, ::2, 1::2], data.test.targets)
    assert torch.equal(doubled.test.targets, data.test.targets.repeat_interleave(2, 1).repeat_interleave(2, 2))


SPACE = """space tables(features: int = 13, vocab: int = 256, width: int = 512, classes: int = 2) {
    input %s
    choose act from [relu, gelu]
    output logits = x -> linear(width) -> act -> linear(width) -> act -> linear(classes)
}"""


@pytest.mark.parametrize(
    ("kind", "line", "kept"),
    [
        ("table", "x: f32[N, features]", {"features": 13, "classes": 3}),
        ("text", "tokens: i64[N, 32]\nx = tokens -> embedding(vocab, 512)", {"vocab": 256, "classes": 3}),
    ],
)
def test_what_data_asks_for_is_not_halved(tmp_path: Path, kind: str, line: str, kept: dict[str, int]) -> None:
    data = loaded(tmp_path, KINDS[kind][0])
    scale = scaled(ghndsl.loads_space(SPACE % line), data)
    scale.check_fit()
    graph = scale.cheap.build(scale.cheap.candidate(0))
    check_fit(scale.data, graph)
    settings = scale.cheap.settings
    assert {name: settings.get(name, kept[name]) for name in kept} == kept


@pytest.mark.parametrize(
    ("kind", "scorer", "meaning"),
    [
        ("masks", "best", "tuned+meco+synflow>early"),
        ("table", "best", "tuned+synflow>early"),
        ("table", "jacob_cov+synflow", "jacob_cov+synflow"),
        ("table", "ghn+meco", "`meco` looks at images"),
        ("text", "jacob_cov", "`jacob_cov` looks at inputs of real numbers"),
    ],
)
def test_estimators_that_cannot_look_at_the_data_are_refused(
    tmp_path: Path, kind: str, scorer: str, meaning: str
) -> None:
    data = loaded(tmp_path, KINDS[kind][0])
    if "`" not in meaning:
        assert scorer_name(scorer, data) == meaning
        return
    with pytest.raises(CompileError, match="G605") as caught:
        scorer_name(scorer, data)
    assert meaning in caught.value.diagnostics[0].message
