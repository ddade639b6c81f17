"""The members of a module go in; how Python holds them, and how it reaches them, comes out."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Sequence

from ghndsl.emit.source.context import Code
from ghndsl.emit.source.modules import Holder, Leaf, Member, Unit, UnprintableError
from ghndsl.emit.source.pieces import quoted
from ghndsl.ir import Node

_WORDS = """
T_destination add_module append apply bfloat16 buffers call_super_init children clear compile copy cpu cuda double
dump_patches eval extend extra_repr float forward fromkeys get get_buffer get_extra_state get_parameter
get_submodule half insert ipu items keys load_state_dict modules mtia named_buffers named_children named_modules
named_parameters parameters pop popitem register_backward_hook register_buffer register_forward_hook
register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule
setdefault share_memory state_dict to to_empty train training type update values xpu zero_grad
"""
OWN_NAMES = frozenset(_WORDS.split())
"""What `nn.Module`, and its lists and dictionaries, call their own."""


def is_attribute(name: str) -> bool:
    """Whether a member can be an attribute: a name of Python that is not torch's own, and that Python leaves as it is.

    >>> [is_attribute(name) for name in ("conv1", "0", "class", "forward", "__x", "ﬁ")]
    [True, False, False, False, False, False]
    """
    is_name = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    return is_name and not name.startswith("_") and not is_own(name)


def is_own(name: str) -> bool:
    """Whether torch's modules call something of theirs so."""
    return name in OWN_NAMES or name.startswith("_")


def kind_of(holder: Holder) -> str:
    """What holds the members: a `list` or `dict` of modules, one of `parameters`, or a `class` of its own."""
    members = list(holder.members.values())
    if any(isinstance(one, Leaf) and one.members for one in members):
        return "class"
    if all(isinstance(one, Leaf) and one.weight is not None and one.weight.trainable for one in members):
        return "class" if any(is_own(name) for name in holder.members) else "parameters"
    if not all(isinstance(one, Unit) or (isinstance(one, Leaf) and one.weight is None) for one in members):
        return "class"
    if list(holder.members) == [str(number) for number in range(len(members))]:
        return "list"
    return "class" if any(is_own(name) for name in holder.members) else "dict"


def reference(code: Code, unit: Unit | Holder, names: Sequence[str]) -> str:
    """How a module's `forward` reaches a member, or a member of that."""
    text, is_known = "self", True
    around: Member = unit
    for name in names:
        member = around.members[name]
        plain = _plain(around, name, member) if is_known else None
        is_hidden = is_own(name) or isinstance(around, Leaf)
        text = _asked(code, text, name, member, is_hidden=is_hidden) if plain is None else f"{text}{plain}"
        # Of what is asked for by a string, or taken from a list, checkers of types know only that it is a module.
        is_known = plain is not None and plain.startswith(".")
        around = member
    return text


def _plain(around: Member, name: str, member: Member) -> str | None:
    """How a member is reached where it is an attribute or an item."""
    if isinstance(around, Leaf):
        return None
    kind = kind_of(around) if isinstance(around, Holder) else "class"
    if kind == "list":
        return f"[{name}]"
    if kind != "class":
        return f"[{quoted(name)}]"
    is_buffer = isinstance(member, Leaf) and member.weight is not None and not member.weight.trainable
    return f".{name}" if is_attribute(name) and not is_buffer else None


def _asked(code: Code, text: str, name: str, member: Member, *, is_hidden: bool) -> str:
    """How a member is reached where it has to be asked for by its name."""
    weight = member.weight if isinstance(member, Leaf) else None
    if name == "training":
        raise UnprintableError("a module of torch cannot hold another that is called `training`", _node(member))
    if is_hidden:
        return f"{code.helper('own_module' if weight is None else 'own_tensor')}({text}, {quoted(name)})"
    if weight is not None:
        return f"{text}.get_{'parameter' if weight.trainable else 'buffer'}({quoted(name)})"
    return f"{text}.get_submodule({quoted(name)})"


def _node(member: Member) -> Node:
    while not isinstance(member, Leaf):
        member = next(iter(member.members.values()))
    return member.node


def holding(name: str, kind: str, made: str, around: str) -> str:
    """The statement that puts a member into a module: itself, or one that is in it already."""
    word = quoted(name)
    if around != "self":
        # One of torch's layers has attributes of its own, which `add_module` takes for members.
        return f"{around}._modules[{word}] = {made}"
    if kind == "buffer":
        return f"self.register_buffer({word}, {made})" if not is_own(name) else f"self._buffers[{word}] = {made}"
    if is_attribute(name):
        return f"self.{name} = {made}"
    if is_own(name):
        return f"self._{kind}s[{word}] = {made}"
    return f"self.{'add_module' if kind == 'module' else 'register_parameter'}({word}, {made})"
