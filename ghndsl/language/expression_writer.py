"""An expression's tree goes in; its words come out, in those parentheses alone that the grammar needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghndsl.language import tree
from ghndsl.language.layout.pieces import Bracket, Flow, Piece, Row, Word, flat, spaced
from ghndsl.language.spelling import spelled

# The levels of the grammar, loosest first: what stands at a level needs parentheses where a tighter one is asked for.
ANY, CHAIN, TEST, CONJUNCTION, NEGATION, COMPARISON, INTERVAL, SUM, PRODUCT, SIGN, POWER, ATOM = range(12)

_BINARY = {
    "or": (TEST, TEST, CONJUNCTION),
    "and": (CONJUNCTION, CONJUNCTION, NEGATION),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), (COMPARISON, INTERVAL, INTERVAL)),
    "..": (INTERVAL, SUM, SUM),
    **dict.fromkeys(("+", "-"), (SUM, SUM, PRODUCT)),
    **dict.fromkeys(("*", "/", "//", "%"), (PRODUCT, PRODUCT, SIGN)),
    "**": (POWER, ATOM, SIGN),
}
"""The level of each operator, and those of what stands at its left and right."""


def expression(node: tree.Expression, level: int = ANY) -> Piece:
    """The words of an expression, where one of at least that level may stand."""
    piece = _WRITERS[type(node)](node)
    return piece if _level(node) >= level else Row((Word("("), piece, Word(")")))


def bracket(opening: str, items: Sequence[Piece], closing: str, *, is_tuple: bool = False) -> Bracket:
    """Items in brackets; a tuple of one ends in a comma."""
    commas = len(items) if is_tuple and len(items) == 1 else max(0, len(items) - 1)
    return Bracket(Word(opening), tuple(items), tuple([Word(",") for _ in range(commas)]), Word(closing))


def listed(parts: Sequence[Piece]) -> list[Piece]:
    """The parts with commas and blanks between them, as they stand outside of brackets."""
    return [piece for part in parts for piece in (Word(","), " ", part)][2:]


def label(node: tree.Label) -> Row:
    """The words of a dotted path; inside of a path no line breaks."""
    pieces: list[Piece] = []
    for part in node.parts:
        pieces.append(Word("."))
        for item in part:
            if isinstance(item, str):
                pieces.append(Word(item))
            else:
                pieces += [Word("{"), *flat(expression(item, TEST)), Word("}")]
    return Row(tuple(pieces[1:]))


def comprehension_clause(names: Sequence[tree.Name], iterable: tree.Expression) -> Row:
    """`for names in iterable`."""
    words = listed([Word(name.id) for name in names])
    return Row((Word("for"), " ", *words, " ", Word("in"), " ", expression(iterable, TEST)))


def _level(node: tree.Expression) -> int:
    if isinstance(node, tree.Binary):
        return _BINARY[node.operator][0]
    if isinstance(node, tree.Unary):
        return NEGATION if node.operator == "not" else SIGN
    if isinstance(node, tree.Constant):
        return SIGN if _is_negative(node) else ATOM
    return _LEVELS.get(type(node), ATOM)


_LEVELS: dict[type, int] = {tree.Conditional: ANY, tree.Chain: CHAIN, tree.Labelled: CHAIN}


def _is_negative(node: tree.Constant) -> bool:
    return not isinstance(node.value, str | None) and node.value < 0


def _name(node: tree.Name) -> Piece:
    return Word(node.id)


def _constant(node: tree.Constant) -> Piece:
    word = spelled(node)
    return Row((Word("-"), Word(word[1:]))) if _is_negative(node) else Word(word)


def _sequence(node: tree.Sequence) -> Piece:
    items = [expression(item) for item in node.items]
    if node.bracket == "(" and items:
        return bracket("(", items, ")", is_tuple=True)
    return bracket("[", items, "]")


def _comprehension(node: tree.Comprehension) -> Piece:
    parts: list[Piece] = [expression(node.item), comprehension_clause(node.names, node.iterable)]
    if node.test is not None:
        parts.append(Row((Word("if"), " ", expression(node.test, TEST))))
    return Bracket(Word("["), (Flow(tuple(parts), is_each=True),), (), Word("]"), may_end_in_comma=False)


def _call(node: tree.Call) -> Piece:
    return Row((expression(node.callee, ATOM), bracket("(", [_argument(given) for given in node.arguments], ")")))


def _argument(node: tree.Argument) -> Piece:
    value = expression(node.value)
    return value if node.name is None else Row((Word(node.name), Word("="), value))


def _index(node: tree.Index) -> Piece:
    return Row((expression(node.value, ATOM), bracket("[", [_subscript(given) for given in node.subscripts], "]")))


def _subscript(node: tree.Expression | tree.Slice) -> Piece:
    if not isinstance(node, tree.Slice):
        return expression(node)
    parts: list[Piece] = [Word(":")]
    if node.start is not None:
        parts.insert(0, expression(node.start, TEST))
    if node.stop is not None:
        parts.append(expression(node.stop, TEST))
    if node.step is not None:
        parts += [Word(":"), expression(node.step, TEST)]
    return Row(tuple(parts))


def _member(node: tree.Member) -> Piece:
    return Row((expression(node.value, ATOM), Word("."), Word(node.name)))


def _unary(node: tree.Unary) -> Piece:
    if node.operator == "not":
        return Row((Word("not"), " ", expression(node.operand, NEGATION)))
    return Row((Word(node.operator), expression(node.operand, SIGN)))


def _binary(node: tree.Binary) -> Piece:
    level, left, right = _BINARY[node.operator]
    if level == INTERVAL:
        return Row((expression(node.left, left), Word(".."), expression(node.right, right)))
    if level == POWER:
        return Row((expression(node.left, left), " ", Word("**"), " ", expression(node.right, right)))
    parts: list[Piece] = []
    first: tree.Expression = node
    while isinstance(first, tree.Binary) and _level(first) == level and (first is node or left == level):
        parts.append(Row((*_operator(first.operator), " ", expression(first.right, right))))
        first = first.left
    return Flow((expression(first, left), *reversed(parts)))


def _operator(sign: str) -> tuple[Piece, ...]:
    return spaced([Word(word) for word in sign.split()])


def _conditional(node: tree.Conditional) -> Piece:
    parts: list[Piece] = []
    rest: tree.Expression = node
    while isinstance(rest, tree.Conditional):
        parts.append(Row((expression(rest.then, CHAIN), " ", Word("if"), " ", expression(rest.test, TEST))))
        rest = rest.otherwise
    parts.append(expression(rest))
    otherwise = [Row((Word("else"), " ", part)) for part in parts[1:]]
    return Flow((parts[0], *otherwise), is_each=True)


def _labelled(node: tree.Labelled) -> Piece:
    return Row((expression(node.value, ATOM), " ", Word("as"), " ", label(node.label)))


def _chain(node: tree.Chain) -> Piece:
    links = [_labelled(link) if isinstance(link, tree.Labelled) else expression(link, ATOM) for link in node.links]
    if len(links) == 1:
        return links[0]
    return Flow((links[0], *[Row((Word("->"), " ", link)) for link in links[1:]]), is_chain=True)


_WRITERS: dict[type, Callable[..., Piece]] = {
    tree.Name: _name,
    tree.Constant: _constant,
    tree.Sequence: _sequence,
    tree.Comprehension: _comprehension,
    tree.Call: _call,
    tree.Index: _index,
    tree.Member: _member,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _conditional,
    tree.Labelled: _labelled,
    tree.Chain: _chain,
}
