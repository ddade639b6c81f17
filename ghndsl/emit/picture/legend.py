"""What a picture shows goes in; its legend comes out, as Graphviz's HTML: words for colours, and the choices made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghndsl.emit.outline.words import escaped, listed, shortened
from ghndsl.emit.picture.palette import (
    BLOCK,
    CHOICE,
    CHOICE_FRAME,
    EXIT,
    FAMILIES,
    INK,
    MOTIF,
    OTHER,
    PAPER,
    REPEAT,
    Colours,
)

_ORDER = (*FAMILIES, OTHER, BLOCK, MOTIF, REPEAT, CHOICE, CHOICE_FRAME, EXIT)
_WORDS = {
    BLOCK: "block, folded",
    MOTIF: "motif: one for all its uses",
    REPEAT: "×N: N times in a row",
    CHOICE: "choice made",
    EXIT: "exit",
}
_COLUMNS = 4
_ROWS = 12
_TABLE = 'border="0" cellborder="0" cellspacing="3" cellpadding="2"'


def legend(shown: Iterable[Colours], choices: Sequence[tuple[str, str]], missing: Sequence[str] = ()) -> str:
    """A table of the colours in the order of the palette, one of the choices, and which blocks are open nowhere."""
    seen = set(shown)
    cells = [_swatch(one) for one in _ORDER if one in seen]
    tables = [_table(cells, _COLUMNS)]
    if choices:
        tables.append(_table(_chosen(choices), 2))
    if missing:
        tables.append(_table([f"<td>{_font(escaped(_left(missing)))}</td>"], 1))
    rows = "".join(f"<tr><td>{table}</td></tr>" for table in tables if table)
    return f'<<table {_TABLE} bgcolor="{PAPER}" style="rounded">{rows}</table>>' if rows else ""


def _left(missing: Sequence[str]) -> str:
    kinds = "1 more kind" if len(missing) == 1 else f"{len(missing):,} more kinds"
    return f"and {kinds} of block, not opened here ({listed(list(dict.fromkeys(missing)))}): --depth N or --expand"


def _swatch(colours: Colours) -> str:
    word = escaped(_WORDS.get(colours, colours.word))
    return f'<td bgcolor="{colours.fill}" style="rounded">{_font(word)}</td>'


def _chosen(choices: Sequence[tuple[str, str]]) -> list[str]:
    """A cell for each choice, but for those that would make the legend longer than the picture."""
    most = 2 * _ROWS
    shown = choices if len(choices) <= most else choices[: most - 1]
    texts = [f"{shortened(path, 40)} = <b>{escaped(shortened(text, 28))}</b>" for path, text in shown]
    if len(choices) > len(shown):
        texts.append(f"and {len(choices) - len(shown):,} choices more")
    return [f'<td bgcolor="{CHOICE.fill}" style="rounded" align="left">{_font(text)}</td>' for text in texts]


def _font(text: str) -> str:
    return f'<font point-size="10" color="{INK}">{text}</font>'


def _table(cells: Sequence[str], columns: int) -> str:
    rows = [f"<tr>{''.join(cells[at : at + columns])}</tr>" for at in range(0, len(cells), columns)]
    return f'<table border="0" cellborder="0" cellspacing="4" cellpadding="3">{"".join(rows)}</table>' if rows else ""
