"""Colours that every eye can tell apart: text at 4.5 to 1, marks at 3 to 1, by WCAG's formula."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from kts_analysis import chart_base, charts
from kts_analysis.fragments import asset
from kts_analysis.wording import SPECIAL_WORDS, STATUS_WORDS

TEXT, MARK = 4.5, 3.0
WHITE = "#ffffff"
# Simulated colour blindness (Viénot, Brettel and Mollon 1999), on linear light.
BLIND = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def variables() -> dict[str, str]:
    """Return the colours the style sheet names."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", asset("kts.css")))


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def apart(one: str, other: str, eye: str) -> float:
    """Return how far two colours are apart (CIE L*a*b*) for a colour-blind eye."""

    def lab(colour: str) -> list[float]:
        light = linear(colour)
        seen = [sum(a * b for a, b in zip(row, light, strict=True)) for row in BLIND[eye]]
        r, g, b = (max(part, 0.0) for part in seen)
        x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
        fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
        return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]

    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def test_the_formula_is_right() -> None:
    assert contrast("#000000", WHITE) == 21
    assert round(contrast("#777777", WHITE), 2) == 4.48  # the well-known grey that just fails


# fmt: off
WORDS_ON = [
    ("ink", "ground"), ("soft", "ground"), ("accent", "ground"), ("ink", "wash"),
    ("ground", "accent"), ("good-ink", "good"), ("fair-ink", "fair"), ("poor-ink", "poor"),
    ("bad-ink", "bad"), ("open-ink", "open"), ("open-ink", "ground"), ("bad-ink", "ground"),
    ("poor-deep", "poor"), ("soft", "good"), ("ink", "good"), ("ink", "fair"), ("ink", "poor"),
    ("ink", "bad"), ("ink", "open"),
]
MARKS = ["mark", "goal", "edge", "accent", "good-ink", "fair-ink", "poor-ink", "bad-ink"]
# fmt: on


@pytest.mark.parametrize(("words", "on"), WORDS_ON)
def test_words_stand_out(words: str, on: str) -> None:
    colours = variables()
    assert contrast(colours[words], colours[on]) >= TEXT


@pytest.mark.parametrize("name", MARKS)
def test_marks_of_the_page_stand_out(name: str) -> None:
    assert contrast(variables()[name], WHITE) >= MARK


@pytest.mark.parametrize("name", ["BLUE", "VERMILLION", "GREEN", "PURPLE", "GREY"])
def test_marks_of_the_charts_stand_out(name: str) -> None:
    assert contrast(getattr(chart_base, name), WHITE) >= MARK


def test_the_edge_of_the_fan_stands_out() -> None:
    assert contrast(charts.FAN_EDGE, WHITE) >= MARK


def test_the_ring_of_the_focus_stands_out_somewhere_in_it() -> None:
    colours = variables()
    assert contrast(colours["ink"], colours["ground"]) >= MARK
    assert contrast(colours["ring"], colours["accent"]) >= MARK


@pytest.mark.parametrize("eye", list(BLIND))
def test_figures_and_target_differ_for_colour_blind_eyes(eye: str) -> None:
    assert apart(chart_base.BLUE, chart_base.VERMILLION, eye) > 20


def test_no_status_is_told_by_its_colour_alone() -> None:
    words = {*STATUS_WORDS.values(), *SPECIAL_WORDS.values()}
    for one, other in combinations(words, 2):
        assert one.text != other.text
        if one.symbol == other.symbol:  # "no figure yet" and "no figure at the deadline"
            assert one.css == other.css
    assert {word.css for word in words} <= set(
        re.findall(r"^\.([a-z]+) \{", asset("kts.css"), re.M)
    )


def test_lines_of_a_chart_differ_by_dash_or_sign() -> None:
    signs = [symbol for _, symbol in charts.RIVAL_LOOKS]
    assert len(set(signs)) == len(signs)
