"""The body of a folded graph goes in; statements come out, what goes on without a name joined in chains and sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.language import tree
from ghndsl.language.phrasing.calls import Calls
from ghndsl.language.phrasing.expressions import NOWHERE, Turns, expression, label, name
from ghndsl.language.phrasing.lines import last_uses
from ghndsl.language.phrasing.names import Names
from ghndsl.language.phrasing.phrase import label_word
from ghndsl.language.phrasing.stages import Stages, labelled
from ghndsl.language.refold.expressions import About, Binary, Expression, Literal, Turn, plus
from ghndsl.language.refold.program import Apply, Body, Count, Item, Loop, Make, Output, Table


class Statements(Calls):
    """Writes one body, or that of a loop in it. `names` has those of its inputs, `loops` those of loop variables."""

    def __init__(
        self, body: Body, names: Names, stages: Stages, turns: Turns, loops: Iterator[dict[Turn, str]]
    ) -> None:
        super().__init__(body, names, stages, turns)
        self.loops = loops

    def block(self) -> tuple[tree.Statement, ...]:
        """The statements of a block, `return` at the end."""
        self._items()
        operands = self.operands(self.body.results, len(self.body.results))
        self.name_waiting()
        if len(operands) == 1:
            operands = [self.shortened(operands[0])]
        values = tuple([one.node for one in operands])
        return (*self.lines, tree.Return(NOWHERE, values))

    def turn(self, slots: Sequence[str]) -> tuple[tree.Statement, ...]:
        """The statements of a loop whose turns begin with values of these names, and end with the next ones in them."""
        values = self.body.results[: len(slots)]
        self.wishes = {v: slot for v, slot in zip(values, slots, strict=True) if v >= self.body.inputs}
        for item in reversed(self.body.items):
            if isinstance(item.action, Loop):
                for value, result in zip(item.inputs[: item.action.carried], item.results, strict=False):
                    if result in self.wishes and self.uses[value] == 1 and value >= self.body.inputs:
                        self.wishes.setdefault(value, self.wishes[result])
        self._items()
        self._move(values, slots)
        return tuple(self.lines)

    def main(self) -> tuple[tree.Statement, ...]:
        """The statements of an architecture."""
        self._items()
        self.name_waiting()
        return tuple(self.lines)

    def _items(self) -> None:
        for at, item in enumerate(self.body.items):
            action = item.action
            if isinstance(action, Apply):
                self.say(at, item.results, self.phrase(at, item, action))
            elif isinstance(action, Output):
                (operand,) = self.operands(item.inputs, 1)
                self.name_waiting()
                node = self.shortened(operand).node
                self.lines.append(tree.Output(NOWHERE, label(action.label, self.turns), node, action.is_exit))
            elif isinstance(action, Make):
                self.name_waiting()
                self._make(at, item, action)
            else:
                self.name_waiting()
                self._loop(at, item, action)

    def _make(self, at: int, item: Item, action: Make) -> None:
        (value,) = item.results
        node = labelled(self.stages.call(action.callee, self.turns, (), ()), action.label, self.turns)
        wish = label_word(label(action.label, self.turns))
        chosen = self.names.give(value, self.names.new(at, [wish, "shared"]))
        self.lines.append(tree.Assign(NOWHERE, (name(chosen),), None, (node,)))

    # Loops

    def _loop(self, at: int, item: Item, loop: Loop) -> None:
        turns = next(self.loops)
        slots = self._slots(at, item, loop)
        body = loop.body
        last = last_uses(body, kept=range(loop.carried, body.inputs))
        inner = Names(last, {*self.names.taken, *self.names.needed_after(at), *slots})
        for place, value in enumerate(item.inputs):
            inner.give(place, slots[place] if place < loop.carried else self.names.of[value])
        lines = Statements(body, inner, self.stages, {**self.turns, **turns}, self.loops).turn(slots)
        names = tuple([name(turns[variable]) for variable in loop.variables])
        self.lines.append(tree.For(NOWHERE, names, self._turns(loop.turns), lines))
        for place, (inside, outside) in enumerate(zip(body.results, item.results, strict=True)):
            self.names.give(outside, slots[place] if place < loop.carried else inner.of[inside])

    def _slots(self, at: int, item: Item, loop: Loop) -> list[str]:
        """The names of what a loop carries: those that its first values have, if they may be given again."""
        found: list[str] = []
        copies: dict[str, str] = {}
        inputs = {self.names.of[value] for value in item.inputs}
        for value, result in zip(item.inputs[: loop.carried], item.results, strict=False):
            own = self.names.of[value]
            wished = self.wishes.get(result) == own and self.names.is_over(own, at)
            if item.inputs.count(value) > 1 or not (wished or self.names.is_free(own, at)):
                new = self.names.new(at, avoided={*found, *inputs})
                copies[new] = own
                own = new
            found.append(own)
        if copies:
            targets, values = tuple(map(name, copies)), tuple(map(name, copies.values()))
            self.lines.append(tree.Assign(NOWHERE, targets, None, values))
        return found

    def _move(self, values: Sequence[int], slots: Sequence[str]) -> None:
        """Gives what the next turn begins with the names that it begins with."""
        moves = [pair for pair in zip(slots, values, strict=True) if self.names.of.get(pair[1]) != pair[0]]
        operands = self.operands([value for _, value in moves], len(moves))
        self.name_waiting()
        if moves:
            targets, sources = tuple([name(slot) for slot, _ in moves]), tuple([one.node for one in operands])
            self.lines.append(tree.Assign(NOWHERE, targets, None, sources))

    def _turns(self, turns: Count | Table) -> tree.Expression:
        if isinstance(turns, Table):
            rows = [tuple([expression(one, self.turns) for one in row]) for row in turns.rows]
            items = [row[0] if len(row) == 1 else tree.Sequence(NOWHERE, row, "(") for row in rows]
            return tree.Sequence(NOWHERE, tuple(items), "[")
        start, count = turns.start, turns.turns
        if isinstance(start, Literal) and start.value == 0:
            return tree.Call(NOWHERE, name("range"), (tree.Argument(NOWHERE, None, expression(count, self.turns)),))
        if isinstance(count, Literal) and type(count.value) is int:
            last = _sum(start, count.value - 1)
        elif isinstance(start, Literal) and type(start.value) is int:
            last = _sum(count, start.value - 1)
        else:
            last = Binary("+", start, plus(count, -1, About("")))
        return tree.Binary(NOWHERE, "..", expression(start, self.turns), expression(last, self.turns))


def _sum(part: Expression, number: int) -> Expression:
    if isinstance(part, Literal) and type(part.value) is int:
        return Literal(part.value + number)
    right = part.right if isinstance(part, Binary) and part.sign in ("+", "-") else None
    if isinstance(part, Binary) and isinstance(right, Literal) and type(right.value) is int:
        more = right.value if part.sign == "+" else -right.value
        return plus(part.left, number + more, About(""))
    return plus(part, number, About(""))
