"""Notebooks: graphs and spaces draw themselves, small enough to be kept in a file; none need be installed."""

import importlib.util
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

import ghndsl


@pytest.mark.parametrize("net", ["resnet18", "resnet152", "gpt2", "digits@17"])
def test_a_graph_draws_itself(net: str) -> None:
    svg = ghndsl.load(net)._repr_svg_() or ""
    texts = "".join(ET.fromstring(svg).itertext())
    assert "params" in texts
    assert len(svg) < 120_000


def test_a_space_draws_its_choices() -> None:
    texts = "".join(ET.fromstring(ghndsl.load_space("nasbench201")._repr_svg_() or "").itertext())
    assert "nor_conv_3x3" in texts
    assert "15,625 candidates" in texts


def test_what_is_loaded_draws_itself_whatever_was_imported_before() -> None:
    """Nothing of `emit` but what says that it draws is loaded, until something is drawn."""
    script = (
        "import sys, ghndsl; graph = ghndsl.load('lstm_classifier');"
        "assert 'ghndsl.emit.picture.dot' not in sys.modules and 'graphviz' not in sys.modules;"
        "print(graph._repr_svg_()[:4])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "<svg"


@pytest.mark.skipif(importlib.util.find_spec("IPython") is None, reason="IPython is not installed here")
def test_ipython_takes_the_picture() -> None:
    formatter = importlib.import_module("IPython.core.formatters").DisplayFormatter()
    bundle, _ = formatter.format(ghndsl.load("lstm_classifier"))
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"].startswith("Graph(lstm_classifier")
