"""The text of a grammar goes in; the tables of its LALR(1) parser come out, by lark, which no other module knows.

`python -m ghndsl.language.lalr grammars/ghndsl.tables.json` writes those that ship.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

import lark
from lark.grammar import Rule
from lark.lexer import PatternRE, PatternStr, TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, Shift

from ghndsl import resources
from ghndsl.files import write_atomically
from ghndsl.language.tables import Kept, checksum

STARTS = ("start", "expression")
"""What can be read: a whole text, or one expression."""


def compile_grammar(grammar: str) -> Kept:
    """The tables of a grammar in lark's notation; equal for equal grammars.

    >>> kept = compile_grammar('start: "a" expression?\\nexpression: "b"+')
    >>> [terminal for terminal, _, _ in kept["terminals"]]
    ['A', 'B']
    """
    parser = lark.Lark(
        grammar, start=list(STARTS), parser="lalr", lexer="contextual", keep_all_tokens=True, maybe_placeholders=False
    )
    table = cast("IntParseTable", parser.parser.parser.parser.parse_table)
    order = list(_reached(table))
    number = {state: index for index, state in enumerate(order)}
    rules = sorted({rule for state in order for rule in _ends(table, state)}, key=_spelled)
    lookaheads = sorted({tuple(sorted(names)) for state in order for names in _ends(table, state).values()})
    return {
        "grammar": checksum(grammar),
        "terminals": [_terminal(terminal, parser.terminals) for terminal in sorted(parser.terminals, key=_precedence)],
        "ignored": sorted(parser.ignore_tokens),
        "productions": [_production(rule) for rule in rules],
        "lookaheads": [list(names) for names in lookaheads],
        "starts": {name: (number[table.start_states[name]], number[table.end_states[name]]) for name in STARTS},
        "states": [
            (
                [
                    (rules.index(rule), lookaheads.index(tuple(sorted(names))))
                    for rule, names in sorted(_ends(table, state).items(), key=lambda item: _spelled(item[0]))
                ],
                {symbol: number[follower] for symbol, follower in _follows(table, state)},
            )
            for state in order
        ],
    }


def _reached(table: IntParseTable) -> Iterator[int]:
    """The states, in an order that does not depend on how lark came to them."""
    waiting, seen = [table.start_states[name] for name in STARTS], set[int]()
    while waiting:
        state = waiting.pop(0)
        if state not in seen:
            seen.add(state)
            yield state
            waiting += [follower for _, follower in _follows(table, state)]


def _follows(table: IntParseTable, state: int) -> list[tuple[str, int]]:
    """The symbols after which the parser goes on from a state, and to where."""
    return sorted(
        (symbol, cast("int", target)) for symbol, (act, target) in table.states[state].items() if act is Shift
    )


def _ends(table: IntParseTable, state: int) -> dict[Rule, list[str]]:
    """The rules that end in a state, and the terminals before which they do."""
    found: dict[Rule, list[str]] = {}
    for symbol, (act, rule) in table.states[state].items():
        if act is not Shift:
            found.setdefault(cast("Rule", rule), []).append(symbol)
    return found


def _spelled(rule: Rule) -> tuple[str, list[str]]:
    return rule.origin.name, [symbol.name for symbol in rule.expansion]


def _production(rule: Rule) -> tuple[str, int, str | None, bool, bool, bool]:
    """A rule in the order of the fields of `tables.Production`; lark's own rules for repetition begin with `_`."""
    name, size = rule.alias or rule.origin.name, len(rule.expansion)
    has_lists = any(not symbol.is_term and symbol.name.startswith("_") for symbol in rule.expansion)
    single = bool(rule.options.expand1) and not rule.alias
    passes = single and size == 1 and not has_lists
    return rule.origin.name, size, None if name.startswith("_") else name, single, has_lists, passes


def _precedence(terminal: TerminalDef) -> tuple[int, int, int, str]:
    """Which terminal is taken where several match: lark's order."""
    pattern = terminal.pattern
    return -terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name


def _terminal(terminal: TerminalDef, others: Collection[TerminalDef]) -> tuple[str, str, str | None]:
    """A terminal's name, its pattern, and the terminal of equal rank that matches the whole word, if it is one."""
    holders = [
        other.name
        for other in others
        if isinstance(terminal.pattern, PatternStr)
        and isinstance(other.pattern, PatternRE)
        and other.priority == terminal.priority
        and re.fullmatch(other.pattern.to_regexp(), terminal.pattern.value)
    ]
    return terminal.name, terminal.pattern.to_regexp(), holders[0] if holders else None


def written(kept: Kept) -> str:
    """The tables as a file whose changes can be read: a line for each item."""
    parts: list[str] = []
    for key, value in kept.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in cast("list[object]", value))
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(path: Path) -> None:
    """Writes the tables of the language's grammar to a file."""
    grammar = resources.grammar("ghndsl").read_text(encoding="utf-8")
    write_atomically(path, written(compile_grammar(grammar)).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
