"""The texts at the top of the checkout and the error pages go in; the pages of the site made of them come out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

FAMILIES = {
    "0": "Files and limits",
    "1": "The text",
    "2": "Shapes and types",
    "3": "Spaces and candidates",
    "4": "Data, weights and hypernetworks",
    "5": "Models and pictures",
    "6": "Searches and their folders",
}
"""What the first digit of a code says."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that lie elsewhere in the checkout, or nowhere."""
    from mkdocs.structure.files import File

    for name, text in pages(Path(config.docs_dir).parent).items():
        files.append(File.generated(config, name, content=text))
    return files


def pages(root: Path) -> dict[str, str]:
    """The pages by their place in the site."""
    moved = {"index.md": "README.md", "contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
    texts = {name: relinked((root / source).read_text(encoding="utf-8")) for name, source in moved.items()}
    return {**texts, "errors/index.md": index(root / "docs" / "errors")}


def relinked(text: str) -> str:
    """A text of the checkout's top with its links as the site has them.

    >>> relinked("[a](docs/language.md) [b](docs/errors) [c](CHANGELOG.md)")
    '[a](language.md) [b](errors/index.md) [c](changelog.md)'
    """
    text = re.sub(r"\]\(docs/errors/?\)", "](errors/index.md)", text)
    text = re.sub(r"""(\]\(|src=")docs/""", r"\1", text)
    text = text.replace("](README.md", "](index.md")
    return re.sub(r"\]\((CONTRIBUTING|CHANGELOG)\.md", lambda found: f"]({found[1].lower()}.md", text)


def index(folder: Path) -> str:
    """The page that lists every code with its title and its first sentence."""
    rows: dict[str, list[str]] = {}
    for page in sorted(folder.glob("G*.md")):
        title, _, body = page.read_text(encoding="utf-8").removeprefix("# ").partition("\n")
        code, _, name = title.partition(": ")
        first = re.split(r"(?<=\.) ", body.strip().split("\n\n")[0].replace("\n", " "))[0].replace("|", "\\|")
        rows.setdefault(code[1], []).append(f"| [{code}]({page.name}) | {name} | {first} |")
    parts = ["# Errors", "Each message of the compiler carries a code; `ghndsl explain CODE` prints its page."]
    for digit, listed in rows.items():
        parts += [f"## {FAMILIES[digit]}", "\n".join(["| code | says | in short |", "| --- | --- | --- |", *listed])]
    return "\n\n".join(parts) + "\n"
