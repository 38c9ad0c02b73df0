"""A unit's document: the content that Word and PDF are both written from."""

from __future__ import annotations

from kts_analysis.documents.area_content import AreaContent
from kts_analysis.documents.content import Document
from kts_analysis.documents.province_content import ProvinceContent
from kts_analysis.pages.area import area_report
from kts_analysis.pages.province import province_report
from kts_analysis.reporting.units import HOME_NOTEBOOK, Unit


def build(unit: Unit) -> Document:
    """Return the document of a unit, from the same report as its page.

    Parameters
    ----------
    unit : Unit
        Its parameters are those of the notebook, which passes them on to the same functions.

    Raises
    ------
    ProblemsError
        As the page: what is wrong in the area's data.
    """
    if unit.notebook == HOME_NOTEBOOK:
        return ProvinceContent(province_report(**unit.parameters)).document()
    return AreaContent(area_report(**unit.parameters)).document()
