"""What is told of operators is what they are, and the page that lists them is up to date."""

from __future__ import annotations

import pytest

from ghndsl import ops, resources
from ghndsl.diagnostics import CompileError
from ghndsl.ops import manual

PAGES = {
    "conv": """# conv

Cross-correlation of `[N, C, ...]` with `out_channels` kernels, 1d, 2d or 3d by the rank of its input.

As `nn.Conv1d` to `nn.Conv3d`, and beyond them `padding="same"` with a stride: the output is ceil(size / stride) and \
the odd padding comes at the end.

    conv(out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=true, padding_mode="zeros")

It takes one tensor and gives one tensor. In torch: `nn.Conv1d`, `nn.Conv2d`, `nn.Conv3d`. torch's `in_channels` \
follows from the input and is not written.

| attribute | takes | by default |
| --- | --- | --- |
| `out_channels` | a whole number |  |
| `kernel_size` | a whole number or a list of whole numbers |  |
""",
    "zeros": '# zeros\n\nZeros of the sizes given: `zeros(N, 64)`.\n\n    zeros(*size, dtype="f32")\n\nIt takes no',
    "lstm": "`lstm(x, h, c, ...)` begins with states other than zeros.\n\n    lstm(hidden_size, num_layers=1, ",
    "split": "    split(split_size_or_sections, dim=0)\n\nIt takes one tensor and gives a list of tensors.",
    "slice": "a list of whole numbers, sizes or lists of whole numbers, sizes or none |",
    "scaled_dot_product_attention": "It takes three or four tensors",
    "add": "    add\n\nIt takes one or more tensors, or a list of them and gives one tensor. In torch: `torch.add`.\n",
}


@pytest.mark.parametrize("word", PAGES)
def test_pages_of_operators(word: str) -> None:
    assert PAGES[word] in manual.explain(word)


TORCH = [("Conv2d", "conv"), ("nn.Conv2d", "conv"), ("F.relu", "relu"), ("Linear", "linear"), ("nn.relu", "relu")]


@pytest.mark.parametrize(("word", "operator"), TORCH)
def test_torch_names_are_explained_at_once(word: str, operator: str) -> None:
    assert manual.explain(word) == manual.page(ops.TABLE[operator])


def test_every_operator_is_in_one_group() -> None:
    assert sorted(name for names in manual.groups().values() for name in names) == sorted(ops.TABLE)


def test_calls_give_as_many_tensors_as_is_told(sample) -> None:
    given = len(sample.op.infer(*sample.types))
    assert sample.op.results in (None, given)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("convv", "conv"),
        ("batchnorm", "batch_norm"),
        ("G999", ""),
    ],
)
def test_other_words_are_refused(word: str, hint: str) -> None:
    with pytest.raises(CompileError, match="G005") as caught:
        manual.explain(word)
    (fault,) = caught.value.diagnostics
    assert hint in (fault.help or "")


def test_the_page_of_operators_is_up_to_date() -> None:
    page = resources.root() / "docs" / "operators.md"
    if not page.parent.is_dir():
        pytest.skip("the page lies in a checkout")
    assert page.read_text(encoding="utf-8") == manual.listed(), "`make operators` writes it anew"
