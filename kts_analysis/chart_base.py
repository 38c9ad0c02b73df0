"""A picture in plotly's own form, with the sentence that says the same.

A chart is plain data: making plotly's objects to say the same costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kts_analysis.i18n import Messages

PLOTLY_MIME = "application/vnd.plotly.v1+json"
# Okabe-Ito's colours with at least 3:1 on white.
BLUE, VERMILLION, GREEN, PURPLE, GREY = "#0072B2", "#B84700", "#00775A", "#8C4A76", "#5B6470"
HEIGHT = 360
FONT = "Segoe UI, Noto Sans, Arial, sans-serif"  # what the reader's machine has; none shipped
# Instead of plotly's own template, 7 kB in every figure, of which these pictures use four settings.
TEMPLATE: Mapping[str, Any] = MappingProxyType(
    {
        "layout": {
            "autotypenumbers": "strict",
            "hoverlabel": {"align": "left"},
            "xaxis": {"automargin": True, "title": {"font": {"size": 13}}},
            "yaxis": {"automargin": True, "title": {"font": {"size": 13}}},
        }
    }
)


@dataclass(frozen=True)
class Chart:
    """A picture: plotly's traces and layout. A notebook shows it as it shows a plotly figure.

    Attributes
    ----------
    layout : dict
        With ``meta.description``, the sentence that says the same.
    data : list of dict
        The traces, in the order they are drawn.
    """

    layout: dict[str, Any]
    data: list[dict[str, Any]] = field(default_factory=list)

    @property
    def description(self) -> str:
        """The sentence that says the same."""
        return str(self.layout["meta"]["description"])

    def trace(self, **properties: Any) -> None:
        """Add a scatter trace."""
        self.data.append({"type": "scatter", **properties})

    def note(self, **properties: Any) -> None:
        """Add a text without an arrow."""
        self.layout.setdefault("annotations", []).append({"showarrow": False, **properties})

    def level(self, y: float, line: dict[str, Any]) -> None:
        """Add a horizontal line across the picture."""
        self._shape(x0=0, x1=1, xref="x domain", y0=y, y1=y, yref="y", line=line)

    def upright(self, x: float, line: dict[str, Any]) -> None:
        """Add a vertical line across the picture."""
        self._shape(x0=x, x1=x, xref="x", y0=0, y1=1, yref="y domain", line=line)

    def _shape(self, **properties: Any) -> None:
        self.layout.setdefault("shapes", []).append({"type": "line", **properties})

    def stamp(self, m: Messages, anchor: str = "left") -> None:
        """Write "synthetic" into the picture itself: pictures travel without their page.

        Above the axes, where it can cover no point; with the anchor "right" above the names of
        the rows.
        """
        self.note(
            x=0, y=1, xref="paper", yref="paper", xanchor=anchor, yanchor="bottom", yshift=4,
            text=m("SYNTHETIC DATA"), font={"color": "#8a1c1c", "size": 12},
            bordercolor="#8a1c1c", borderpad=2, bgcolor="#ffffff",
        )  # fmt: skip

    def to_plotly_json(self) -> dict[str, Any]:
        """Return the chart as plotly's JSON."""
        return {"data": self.data, "layout": self.layout}

    def figure(self) -> Any:
        """Return the chart as a plotly figure, to be changed or saved by plotly's own means."""
        import plotly.graph_objects as go

        return go.Figure(self.to_plotly_json())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what a notebook stores: plotly's data, and the sentence for other readers."""
        return {PLOTLY_MIME: self.to_plotly_json(), "text/plain": self.description}


def base_layout(m: Messages, description: str) -> dict[str, Any]:
    """Return the layout every picture starts from."""
    return {
        "template": dict(TEMPLATE),
        "height": HEIGHT,
        "margin": {"l": 55, "r": 25, "t": 30, "b": 50},
        "font": {"family": FONT, "size": 13, "color": "#1b1f24"},
        "separators": ",." if m.lang == "vi" else ".,",
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "legend": {"orientation": "h", "y": -0.26, "x": 0},
        "hovermode": "closest",
        "xaxis": {"title": {"text": m("end of year"), "standoff": 4}, "tickformat": "d",
                  "dtick": 1, "gridcolor": "#eceef1", "zeroline": False, "linecolor": "#9aa3af"},
        "yaxis": {"ticksuffix": "%", "gridcolor": "#e3e6ea", "zeroline": False,
                  "linecolor": "#9aa3af"},
        "meta": {"description": description},
    }  # fmt: skip
