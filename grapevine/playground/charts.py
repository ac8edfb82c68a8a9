"""Checks of charts: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""

from typing import Any

from grapevine.playground.shape import Check, Findings, all_of, anything, array, by_type, number, one_of, record, string

MOST_IN_MESSAGE = 2
_LABEL = string(20)
_point = record({"label": _LABEL, "value": number})


def _positive(value: Any, pointer: str, findings: Findings) -> None:
    for index, segment in enumerate(value.get("segments") or []):
        amount = segment.get("value") if isinstance(segment, dict) else None
        if isinstance(amount, int | float) and amount <= 0:
            findings.note(f"{pointer}/segments/{index}/value", "must be greater than 0")


def _one_point_per_category(value: Any, pointer: str, findings: Findings) -> None:
    axis, series = value.get("axis_config"), value.get("series")
    if not isinstance(axis, dict) or not isinstance(axis.get("categories"), list) or not isinstance(series, list):
        return
    categories = axis["categories"]
    if len(set(map(str, categories))) != len(categories):
        findings.note(f"{pointer}/axis_config/categories", "categories must be unique")
    names = [each.get("name") for each in series if isinstance(each, dict)]
    if len(set(map(str, names))) != len(names):
        findings.note(f"{pointer}/series", "series names must be unique")
    for index, each in enumerate(series):
        points = each.get("data") if isinstance(each, dict) else None
        labels = [point.get("label") for point in points or [] if isinstance(point, dict)]
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            findings.note(f"{pointer}/series/{index}/data", "must have exactly one data point per category")


def _axes(kind: str) -> Check:
    series = record({"name": _LABEL, "data": array(_point, 20)})
    axis = record({"categories": array(_LABEL, 20)}, {"x_label": string(50), "y_label": string(50)})
    shape = record({"type": one_of(kind), "series": array(series, 6), "axis_config": axis})
    return all_of(shape, _one_point_per_category)


_pie = all_of(record({"type": one_of("pie"), "segments": array(_point, 6)}), _positive)
_chart = by_type({"pie": _pie, **{kind: _axes(kind) for kind in ("line", "bar", "area")}}, "chart")
_block = record({"type": anything, "title": string(50), "chart": _chart}, {"block_id": string(255)})


def check_chart(value: Any, pointer: str, findings: Findings) -> None:
    if findings.refuse_charts:
        findings.charts_refused = True
        findings.note(f"{pointer}/type", "unsupported type: data_visualization")
        return
    findings.charts += 1
    if findings.surface == "message" and findings.charts > MOST_IN_MESSAGE:
        findings.note(pointer, f"no more than {MOST_IN_MESSAGE} data_visualization blocks allowed in a message")
    _block(value, pointer, findings)
