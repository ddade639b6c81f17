"""Every row of the table of samples: types, weights, module, run and text agree with torch and each other."""

import importlib
import random
from collections.abc import Callable
from operator import attrgetter

import pytest
import torch

import ghndsl
from ghndsl import ops
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.run import calibrate, run
from ghndsl.ops import Mode, Role
from ghndsl.types import SymbolicSize, TensorType


def tensors(types: tuple[TensorType, ...], device: str = "cpu") -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    made: list[torch.Tensor] = []
    for kind in types:
        value = torch.randn([int(str(size)) for size in kind.shape], generator=generator)
        # Whole numbers may be indices.
        value = value * 2 if kind.dtype.is_float else value.abs() * 2
        made.append(value.to(device, getattr(torch, kind.dtype.torch_name)))
    return made


def local_weights(sample) -> dict[str, torch.Tensor]:
    """Weights by local name, none of them at torch's first value."""
    graph = sample.graph
    found = initial_weights(graph, 0)
    generator = torch.Generator().manual_seed(1)
    (node,) = graph.nodes
    local: dict[str, torch.Tensor] = {}
    for weight in node.weights:
        local[weight.name] = found[node.weight_path(weight)]
        if weight.role not in (Role.COUNT, Role.TABLE):
            local[weight.name] += torch.rand(weight.shape, generator=generator)
    return local


def test_every_operator_has_a_sample(samples) -> None:
    assert {sample.op.name for sample in samples} == set(ops.TABLE)


@pytest.mark.parametrize("batch", [2, 3])
def test_types_are_those_of_torch_on_the_meta_device(sample, batch) -> None:
    types = sample.types_at(batch)
    inputs = tensors(types, "meta")
    weights = {
        weight.name: torch.empty(weight.shape, dtype=getattr(torch, weight.dtype.torch_name), device="meta")
        for weight in sample.op.weights(*types)
    }
    results = sample.op.run(inputs, weights, Mode(sizes={"N": batch, "H": 11, "W": 6}))
    found = [(tuple(result.shape), str(result.dtype)) for result in results]
    symbolic = [kind.substitute({"N": batch, "H": 11, "W": 6}) for kind in sample.op.infer(*sample.types)]
    assert [(kind.shape, f"torch.{kind.dtype.torch_name}") for kind in symbolic] == found
    if not _names_sizes(tuple(sample.op.attributes.values())):
        assert list(sample.op.infer(*types)) == symbolic


def _names_sizes(value: object) -> bool:
    """Whether an attribute is, or holds, a size that is not known yet."""
    return any(map(_names_sizes, value)) if isinstance(value, tuple) else isinstance(value, SymbolicSize)


def test_weights_are_those_of_the_module(sample) -> None:
    types = sample.types_at(2)
    module = sample.op.module(*types)
    if module is None:
        return
    named = [(name, tuple(value.shape), value.dtype, True) for name, value in module.named_parameters()]
    named += [(name, tuple(value.shape), value.dtype, False) for name, value in module.named_buffers()]
    weights = sample.op.weights(*sample.types)
    found = [(w.name, w.shape, getattr(torch, w.dtype.torch_name), w.trainable) for w in weights]
    assert found == named
    assert sample.op.weights(*types) == weights


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("kind", ["train", "eval"])
def test_module_equals_run(sample, kind) -> None:
    types = sample.types_at(3)
    module = sample.op.module(*types)
    if module is None:
        return
    module.train(kind == "train")
    weights = local_weights(sample)
    module.load_state_dict(weights, strict=True)
    inputs = tensors(types)
    torch.manual_seed(5)
    wanted = sample.op.call(module, inputs)
    before = {name: value.clone() for name, value in weights.items()}
    torch.manual_seed(5)
    torch.testing.assert_close(sample.op.run(inputs, weights, Mode(kind)), wanted)
    assert all(torch.equal(before[name], value) for name, value in weights.items()), "run changed a weight"


def test_run_of_the_graph_gives_the_declared_types(sample) -> None:
    graph = sample.graph
    outputs = run(graph, tensors(sample.types_at(2, graph=True)), initial_weights(graph, 0))
    sizes = {"N": 2, "H": 11, "W": 6}
    assert {n: tuple(v.shape) for n, v in outputs.items()} == {
        n: t.substitute(sizes).shape for n, t in graph.outputs.items()
    }


def test_calibration_keeps_the_statistics_of_the_batch(sample) -> None:
    tracked = [weight for weight in sample.op.weights(*sample.types) if weight.role.is_statistic]
    if not tracked:
        return
    graph, inputs = sample.graph, tensors(sample.types_at(4, graph=True))
    weights = initial_weights(graph, 0)
    module = sample.op.module(*sample.types_at(4))
    assert module is not None
    module.momentum = 1.0
    module(*inputs)
    found = calibrate(graph, inputs, weights)
    torch.testing.assert_close(found["layer.running_mean"], module.running_mean)
    torch.testing.assert_close(found["layer.running_var"], module.running_var)
    assert bool((weights["layer.running_mean"] == 0).all())


def test_gradients_reach_every_trainable_weight(sample) -> None:
    weights = local_weights(sample)
    trainable = [weight.name for weight in sample.op.weights(*sample.types) if weight.trainable]
    if not trainable:
        return
    for name in trainable:
        weights[name].requires_grad_()
    results = sample.op.run(tensors(sample.types_at(3)), weights, Mode("train"))
    torch.stack(
        [(result * torch.arange(result.numel()).view_as(result).sin()).sum() for result in results]
    ).sum().backward()
    assert all(weights[name].grad is not None for name in trainable)


def test_written_call_binds_back(sample) -> None:
    text = ops.written(sample.op)
    name, _, arguments = text.partition("(")
    assert name == sample.op.name
    assert _bound(type(sample.op), arguments.removesuffix(")") if arguments else "") == sample.op


def test_the_text_of_its_graph_elaborates_to_an_equal_graph(sample) -> None:
    graph = sample.graph
    again = ghndsl.loads(ghndsl.format(graph))
    assert again.id == graph.id
    assert again.outputs == graph.outputs
    assert again.weights == graph.weights


def _bound(cls: type[ops.Operator], arguments: str) -> ops.Operator:
    """What a call binds to: the language's words and sizes are Python's here, but for three words and the names."""
    words = {"true": True, "false": False, "none": None, **{n: SymbolicSize((((n,), 1),)) for n in "NHW"}}

    def call(*positional: ops.Static, **named: ops.Static) -> ops.Operator:
        return ops.bind(cls, [() if value == [] else value for value in positional], named)

    return eval(f"call({arguments})", {"__builtins__": {}, "call": call, **words})


@pytest.mark.filterwarnings("ignore:TF32 acceleration on top of oneDNN")
def test_macs_count_the_products_of_each_output(sample) -> None:
    macs = sample.op.macs(*sample.types_at(1))
    kernels = [w for w in sample.op.weights(*sample.types) if w.role is Role.KERNEL]
    if not kernels and not isinstance(sample.op, ops.Matmul | ops.ScaledDotProductAttention):
        assert macs == 0
        return
    sizes = {"H": 11, "W": 6}
    assert (macs if isinstance(macs, int) else macs.substitute(sizes)) == _flops(sample) // 2


def _flops(sample) -> int:
    from torch.backends import mkldnn
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    inputs = tensors(sample.types_at(1))
    if isinstance(sample.op, ops.Matmul):  # torch's counter does not count vectors
        inputs = [x if x.dim() > 1 else x.view(1, -1) if i == 0 else x.view(-1, 1) for i, x in enumerate(inputs)]
    # torch counts products, and neither fused attention nor fused recurrent layers.
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), mkldnn.flags(enabled=False):
        sample.op.run(inputs, local_weights(sample), Mode(sizes={"N": 1, "H": 11, "W": 6}))
    return counter.get_total_flops()


def test_add_and_mul_do_not_depend_on_order(sample) -> None:
    if not sample.op.commutative:
        return
    inputs = tensors(sample.types_at(2))
    shuffled = random.Random(0).sample(inputs, len(inputs))
    apply: Callable[[list[torch.Tensor]], torch.Tensor] = lambda given: sample.op.run(given, {}, Mode())[0]  # noqa: E731
    torch.testing.assert_close(apply(inputs), apply(shuffled))


def test_torch_name_names_something(sample) -> None:
    name = sample.op.torch_class(*sample.types_at(2))
    if name is not None:
        assert hasattr(torch.nn, name)
    elif sample.op.torch_name.startswith("torch."):
        assert callable(attrgetter(sample.op.torch_name.removeprefix("torch."))(torch))
    elif sample.op.torch_name.startswith("torchvision."):
        module, _, member = sample.op.torch_name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), member))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_gives_what_the_processor_gives(sample, monkeypatch) -> None:
    # In whole float32, as the processor has it.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    graph, weights = sample.graph, initial_weights(sample.graph, 0)
    inputs = tensors(sample.types_at(3, graph=True))
    there = [value.cuda() for value in inputs]
    wanted = list(run(graph, inputs, weights).values())
    results = ghndsl.to_torch(graph, weights).eval().cuda()(*there)
    ways = [
        list(results.values()) if isinstance(results, dict) else [results],
        list(run(graph, there, {path: value.cuda() for path, value in weights.items()}).values()),
    ]
    for found in ways:
        assert all(value.is_cuda for value in found)
        torch.testing.assert_close([value.cpu() for value in found], wanted, rtol=1e-4, atol=1e-5, equal_nan=True)
