"""What a run holds goes in; its plots by name, each an SVG, come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.search.report.curves import batches, curves
from ghndsl.search.report.facts import Facts, Trained
from ghndsl.search.report.svg import Axis, Point, plot, real, short
from ghndsl.search.report.words import brief
from ghndsl.search.store import Stored

MOST = 2_000
"""Points of a plot; of more, evenly spaced ones are drawn, and all that stand out."""
SHORT = "loss after short training"
_TITLES = {
    "score": "score",
    "params": "params",
    "macs": "MACs",
    "memory": "memory, bytes",
    "latency": "latency in PyTorch, ms",
    "latency_onnx": "latency in ONNX Runtime, ms",
}


def plots(facts: Facts) -> dict[str, str]:
    """`progress`, `agreement`, `short` of a middle rung, a `front_NAME` for each number that the score is set against,
    and, of networks between budgets, their `curves` and `batches`."""
    found = {"progress": progress(facts), "agreement": agreement(facts), "short": after_short(facts)}
    found |= {f"front_{name}": front(facts, name) for name in _against(facts)}
    found |= {"curves": curves(facts), "batches": batches(facts)}
    return {name: made for name, made in found.items() if made}


def progress(facts: Facts) -> str:
    """The score of each candidate over the minutes since the run began, and the best so far."""
    begun = facts.run.created
    scored = sorted(((one, score) for one, score in facts.scored if one.ended), key=lambda pair: pair[0].ended or 0)
    if not scored:
        return ""
    times = [((one.ended or begun) - begun) / 60 for one, _ in scored]
    best: list[tuple[float, float]] = []
    records: set[int] = set()
    for index, (_, score) in enumerate(scored):
        if not best or score > best[-1][1]:
            best += [(times[index], best[-1][1])] if best else []
            best.append((times[index], score))
            records.add(index)
    best.append((times[-1], best[-1][1]))
    kept = _spaced(range(len(scored)), records)
    points = [
        Point(times[index], scored[index][1], tip(facts, scored[index][0]), "good" if index in records else "dot")
        for index in kept
    ]
    x, y = Axis.of("minutes", times, straight=True), _score_axis(facts, [score for _, score in scored])
    return plot("The score of each candidate over time, and the best so far", x, y, points, best)


def agreement(facts: Facts) -> str:
    """The score of each candidate that was trained against its accuracy."""
    pairs = [(one, one.candidate.measures.get(facts.score)) for one in facts.trained]
    known = [(one, score) for one, score in pairs if score is not None]
    if len(known) < 2:
        return ""
    points = [
        Point(
            score,
            facts.unit * one.accuracy,
            tip(facts, one.candidate, one.accuracy),
            "control" if one.is_control else "good",
        )
        for one, score in known
    ]
    x = _score_axis(facts, [score for _, score in known])
    y = _trained_axis(facts, [one for one, _ in known])
    return plot("Score before and accuracy after training", x, y, points)


def after_short(facts: Facts) -> str:
    """The loss of the middle rung of each candidate that was trained from scratch against its accuracy then."""
    known = [(one, facts.short[one.candidate.place]) for one in facts.trained if one.candidate.place in facts.short]
    if len(known) < 2:
        return ""
    points = [
        Point(
            loss,
            facts.unit * one.accuracy,
            tip(facts, one.candidate, one.accuracy),
            "control" if one.is_control else "good",
        )
        for one, loss in known
    ]
    x = Axis.of(SHORT, [loss for _, loss in known], straight=True)
    y = _trained_axis(facts, [one for one, _ in known])
    return plot("Loss after short and accuracy after full training", x, y, points)


def front(facts: Facts, name: str) -> str:
    """The score against another number, with the candidates that none is better than in both."""
    rows = zip(facts.done, facts.column("score"), facts.column(name), strict=True)
    known = [(one, score, real(value)) for one, score, value in rows if score is not None and value is not None]
    if len({value for _, _, value in known}) < 2:
        return ""
    best = {*facts.front(name)}
    kept = _spaced(range(len(known)), {index for index, (one, *_) in enumerate(known) if one.place in best})
    points = [
        Point(value, score, tip(facts, one), "good" if one.place in best else "dot")
        for one, score, value in (known[index] for index in kept)
    ]
    points.sort(key=lambda point: point.kind == "good")
    x = Axis.of(_TITLES[name], [value for *_, value in known])
    y = _score_axis(facts, [score for _, score, _ in known])
    way = sorted((point.x, point.y) for point in points if point.kind == "good")
    return plot(f"Score and {_TITLES[name]}: the front", x, y, points, way)


def tip(facts: Facts, one: Stored, accuracy: float | None = None) -> str:
    """What is said of a candidate when it is pointed at."""
    score = one.measures.get(facts.score)
    numbers: list[tuple[str, float | None]] = [(facts.score, score), ("params", one.params), ("MACs", one.macs)]
    numbers += [(name, one.measures.get(name)) for name in ("latency", "latency_onnx")]
    numbers.append((SHORT, facts.short.get(one.place)))
    numbers.append((facts.metric, accuracy))
    words = ", ".join(f"{name} {short(value)}" for name, value in numbers if value is not None)
    return f"{brief(one.line)}\n{words}"


def _against(facts: Facts) -> Iterator[str]:
    """The other objectives, then what is always of interest."""
    asked = [goal.name for goal in facts.goals if goal.name != "score"]
    yield from dict.fromkeys([*asked, "params", "macs"])


def _score_axis(facts: Facts, scores: Sequence[float]) -> Axis:
    title = "score" if facts.score == "score" else f"score so far ({facts.score})"
    return Axis.of(title, scores, straight=True)


def _trained_axis(facts: Facts, trained: Sequence[Trained]) -> Axis:
    title = facts.in_units(f"{facts.metric} after training")
    return Axis.of(title, [facts.unit * one.accuracy for one in trained], straight=True)


def _spaced(indices: Sequence[int], always: set[int]) -> list[int]:
    step = -(-len(indices) // MOST) or 1
    return sorted({*indices[::step], *always})
