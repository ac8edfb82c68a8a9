"""Checks of charts: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""

from typing import Any

from grapevine.playground.shape import Check, Findings, all_of, anything, array, by_type, number, one_of, record, string

MOST_IN_MESSAGE = 2
_LABEL = string(20)
_point = record({"label": _LABEL, "value": number})


def _positive(value: Any, pointer: str, findings: Findings) -> None:
    for index, segment in enumerate(value["segments"]):
        if segment["value"] <= 0:
            findings.note(f"{pointer}/segments/{index}/value", "must be greater than 0")


def _one_point_per_category(value: Any, pointer: str, findings: Findings) -> None:
    categories = value["axis_config"]["categories"]
    if len(set(categories)) != len(categories):
        findings.note(f"{pointer}/axis_config/categories", "categories must be unique")
    if len({each["name"] for each in value["series"]}) != len(value["series"]):
        findings.note(f"{pointer}/series", "series names must be unique")
    for index, each in enumerate(value["series"]):
        if sorted(point["label"] for point in each["data"]) != sorted(categories):
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
