"""Which area a cell names: every usual spelling finds its own area or asks, never another one."""

from __future__ import annotations

import time
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.entries import Area, Level
from kts_analysis.ingest.place_words import spelling
from kts_analysis.ingest.places import Gazetteer, Place
from kts_analysis.ingest.words import MAX_LENGTH, fold
from kts_analysis.registry_files import load_registry

LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
AREAS = load_registry(Path(__file__).resolve().parents[1] / "data").area_list
EVER = Gazetteer(AREAS)
BEFORE = Gazetteer(AREAS, LAST_DAY_OF_DISTRICTS)
AFTER = Gazetteer(AREAS, date(2025, 12, 31))


def area(code: str, name: str, kind: str, level: Level = "district") -> Area:
    return Area(
        code=code, name=name, name_en=name, kind=kind, level=level, verification="unverified"
    )


def check(found: Place) -> None:
    """What holds of every place."""
    assert not found.code or not (found.candidates or found.nearest or found.ended or found.not_yet)
    assert not (found.candidates and found.nearest)
    assert len(found.nearest) <= 3
    codes = {one.code for one in AREAS}
    named = {*found.candidates, *found.nearest, *found.ended, *found.not_yet}
    assert {found.code} - {""} | named <= codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("TP. Nam Định", "356"),
        ("Tp Nam Định", "356"),
        ("TP.Nam Định", "356"),
        ("T.P Nam Định", "356"),
        ("T.P. Nam Định", "356"),
        ("thành phố Nam Định", "356"),
        ("Thanh pho Nam Dinh", "356"),
        ("THÀNH PHỐ NAM ĐỊNH", "356"),
        ("Nam Dinh City", "356"),
        ("Tỉnh Nam Định", "36"),
        ("T. Nam Định", "36"),
        ("Nam Định Province", "36"),
        ("H. Hải Hậu", "366"),
        ("H.Hải Hậu", "366"),
        ("huyện Hải Hậu", "366"),
        ("Hải Hậu", "366"),
        ("HẢI HẬU", "366"),
        ("  hải \u00a0 hậu ", "366"),
        (unicodedata.normalize("NFD", "Hải Hậu"), "366"),
        ("Hai Hau", "366"),
        ("HẢI HAU", "366"),
        ("HảiHậu", "366"),
        ("TP Nam Ðịnh", "356"),  # eth
        ("TP Nam Dịnh", "356"),  # D for Đ
        ("Giao Thủy", "365"),
        ("Giao Thuỷ", "365"),
        ("Tỉnh Hoà Bình", "17"),
        ("Hòa Bình", "17"),
        ("Vụ Bản District", "359"),
        ("1. Hải Hậu", "366"),
        ("10. Huyện Hải Hậu", "366"),
        ("I. Hải Hậu", "366"),
        ("II- Huyện Hải Hậu", "366"),
        ("a) Hải Hậu", "366"),
        ("- Hải Hậu", "366"),
        ("1. TP. Nam Định", "356"),
        ("X. Hải Hậu", "366"),  # the tenth, for no commune of the name stands on the day
        ("Hải Hậu (1)", "366"),
        ("Hải Hậu*", "366"),
        ("Hải Hậu²", "366"),
        ("Mỹ Lộc", ""),
        ("Y Yen", "360"),
        ("Í Yên", "360"),  # y for i: just one area has it
        ("Bà Rịa – Vũng Tàu", "77"),
        ("BÀ RỊA-VŨNG TÀU", "77"),
        ("Cả nước", "VN"),
        ("VN", "VN"),
        ("Viet Nam", "VN"),
        ("356", "356"),
        (356, "356"),
        (356.0, "356"),
        ("356.0", "356"),
        ("'01", "01"),
        ("1", "01"),
        (1, "01"),
        (1.0, "01"),
    ],
)
def test_found(text: object, code: str) -> None:
    found = BEFORE.find(text)
    assert found.code == code
    check(found)


def test_several_of_one_name() -> None:
    assert BEFORE.find("Nam Định").candidates == ("36", "356")
    assert BEFORE.find("Nam Dinh").candidates == ("36", "356")
    assert BEFORE.find("Nam Định", level="district").code == "356"
    assert BEFORE.find("Nam Định", level="province").code == "36"
    assert EVER.find("Nam Định").candidates == ("36", "356", "13669")
    assert EVER.find("Hải Hậu").candidates == ("366", "14215")
    assert EVER.find("huyện Hải Hậu").code == "366"
    assert EVER.find("Hải Hậu", level="district").code == "366"


def test_a_kind_outweighs_the_level() -> None:
    assert BEFORE.find("Tỉnh Nam Định", level="district").code == "36"


def test_another_kind_is_another_area() -> None:
    found = BEFORE.find("huyện Nam Định")
    assert (found.code, found.candidates, found.nearest) == ("", (), ("36", "356"))
    assert BEFORE.find("H. Nam Định") == Place(nearest=("36", "356"), text="H. Nam Định")
    assert BEFORE.find("TP Nam Định").nearest == ()


def test_another_tone_is_another_name() -> None:
    assert BEFORE.find("Hải Hầu").code == ""
    assert BEFORE.find("Hải Hầu").nearest[0] == "366"
    assert BEFORE.find("Hải Hâu").code == "366"  # the tone is only left out


def test_likeness() -> None:
    assert BEFORE.find("Huyện Hải Hậuu").nearest[0] == "366"
    assert BEFORE.find("Xuân Trừng").nearest[0] == "364"
    assert BEFORE.find("Tổng số").nearest == ()


def test_days_are_inside() -> None:
    assert Gazetteer(AREAS, date(2024, 8, 31)).find("Huyện Mỹ Lộc") == Place(
        code="358", text="Huyện Mỹ Lộc"
    )
    assert Gazetteer(AREAS, date(2024, 9, 1)).find("Huyện Mỹ Lộc").ended == ("358",)
    assert BEFORE.find("Xã Hải Hậu").not_yet == ("14215",)
    assert Gazetteer(AREAS, date(2025, 7, 1)).find("Xã Hải Hậu").code == "14215"
    assert BEFORE.find("Mỹ Lộc") == Place(ended=("358",), not_yet=("13708",), text="Mỹ Lộc")
    assert BEFORE.find("358").ended == ("358",)


def test_reused_codes_follow_the_day() -> None:
    assert BEFORE.find("Bắc Ninh").code == "27"
    assert AFTER.find("Bắc Ninh").code == "24"
    assert EVER.find("Bắc Ninh").candidates == ("24", "27")
    # Code 24 is another province's on that day, so the old name does not give it.
    assert AFTER.find("Bắc Giang") == Place(ended=("24",), text="Bắc Giang")


def test_a_commune_named_after_its_former_district_is_asked_about() -> None:
    found = AFTER.find("Hải Hậu")
    assert (found.code, found.candidates, found.ended) == ("", ("14215",), ("366",))
    assert AFTER.find("Hải Hậu", level="commune").code == "14215"
    assert AFTER.find("Xã Hải Hậu").code == "14215"
    assert AFTER.find("Hải Hậu", level="district").ended == ("366",)


@pytest.mark.parametrize(
    "text",
    [None, True, False, "", "-", 0, -1, 356.5, 10**9, float("nan"), float("inf"), "1.", "x" * 300],
)
def test_nothing_is_found(text: object) -> None:
    found = EVER.find(text)
    assert (found.code, found.candidates, found.ended, found.nearest) == ("", (), (), ())
    assert len(found.text) <= MAX_LENGTH


def test_lost_zeros_can_mean_several() -> None:
    areas = Gazetteer([area("01", "Tỉnh A", "tỉnh", "province"), area("001", "Quận B", "quận")])
    assert areas.find(1).candidates == ("01", "001")
    assert areas.find(1, level="district").code == "001"
    assert areas.find("01").code == "01"
    assert areas.find("001").code == "001"


def test_numbered_names() -> None:
    areas = Gazetteer([area("760", "Quận 1", "quận"), area("770", "Quận 10", "quận")])
    assert areas.find("Q.1").code == "760"
    assert areas.find("Q. 10").code == "770"
    assert areas.find("District 1").code == ""
    assert areas.find("1").code == ""  # a bare number is a code or a place in a list


def test_names_that_differ_by_their_diacritics_only() -> None:
    areas = Gazetteer([area("1", "Xã Đông A", "xã"), area("2", "Xã Đồng A", "xã")])
    assert areas.find("Đông A").code == "1"
    assert areas.find("Đồng A").code == "2"
    assert areas.find("Dong A").candidates == ("1", "2")
    assert areas.find("Đong A").candidates == ("1", "2")
    plain = Gazetteer([area("1", "Xã Long An", "xã"), area("2", "Xã Lộng An", "xã")])
    assert plain.find("Long An").candidates == ("1", "2")
    assert plain.find("Lộng An").code == "2"


def test_a_name_is_no_kind() -> None:
    areas = Gazetteer([area("1", "Huyện Tịnh Biên", "huyện"), area("2", "Tỉnh Biên", "tỉnh")])
    assert areas.find("Tịnh Biên").code == "1"
    assert areas.find("Tỉnh Biên").code == "2"
    assert areas.find("Tinh Bien").candidates == ("1", "2")


def test_y_and_i_are_only_near_when_several_fit() -> None:
    areas = Gazetteer([area("1", "Xã Lý Sơn", "xã"), area("2", "Huyện Lý Sơn", "huyện")])
    assert areas.find("Lí Sơn") == Place(nearest=("1", "2"), text="Lí Sơn")
    assert areas.find("Huyện Lí Sơn").code == "2"
    assert areas.find("Ly Son").candidates == ("1", "2")


def test_the_place_of_the_tone_does_not_matter() -> None:
    assert spelling("Hoà Thuỷ") == spelling("hòa  thủy")
    assert spelling("Hóa") != spelling("Hòa")
    assert spelling("Hoa").abridges(spelling("Hòa"))
    assert not spelling("Hòa").abridges(spelling("Hoa"))


# --- every name of the data, in every form --------------------------------------------------------


def short_name(one: Area) -> str:
    return one.name[len(one.kind) + 1 :] if one.level != "country" else one.name


def is_own(found: Place, code: str) -> bool:
    return found.code == code or code in (*found.candidates, *found.ended, *found.not_yet)


def never_another(found: Place, one: Area) -> bool:
    return is_own(found, one.code) and found.code in ("", one.code)


FORMS = {
    "as it is": lambda name: name,
    "capitals": str.upper,
    "small": str.lower,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "without diacritics": fold,
    "capitals without diacritics": lambda name: fold(name).upper(),
    "with eth": lambda name: name.replace("Đ", "\u00d0").replace("đ", "\u00f0"),
    "with D": lambda name: name.replace("Đ", "D").replace("đ", "d"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("gazetteer", [EVER, BEFORE, AFTER], ids=["ever", "before", "after"])
def test_every_name_in_every_form(gazetteer: Gazetteer, form: str) -> None:
    for one in AREAS:
        if gazetteer is not EVER and not one.exists_on(
            LAST_DAY_OF_DISTRICTS if gazetteer is BEFORE else date(2025, 12, 31)
        ):
            continue
        for name in (one.name, short_name(one), one.name_en):
            found = gazetteer.find(FORMS[form](name))
            assert never_another(found, one), (one.code, name, found)
        assert gazetteer.find(FORMS[form](one.name), level=one.level).code in (one.code, "")


def test_every_full_name_is_settled_on_its_day() -> None:
    for one in AREAS:
        for gazetteer, day in ((BEFORE, LAST_DAY_OF_DISTRICTS), (AFTER, date(2025, 12, 31))):
            if one.exists_on(day):
                assert gazetteer.find(one.name).code == one.code
                assert gazetteer.find(short_name(one), level=one.level).code == one.code


@given(
    st.sampled_from(AREAS),
    st.sampled_from(list(FORMS)),
    st.booleans(),
    st.sampled_from(["", "1. ", "12) ", "II. ", "a) ", " ", "\u00a0", "- ", "\u200b"]),
    st.sampled_from(["", " ", " (1)", "*", "¹", " (*)", "\n", "\u00a0"]),
    st.sampled_from([" ", "  ", "\u00a0", " \n"]),
)
def test_noise_never_leads_to_another_area(
    one: Area, form: str, full: bool, before: str, behind: str, blank: str
) -> None:
    name = FORMS[form](one.name if full else short_name(one))
    found = EVER.find(before + name.replace(" ", blank) + behind)
    assert never_another(found, one)
    check(found)


@given(st.sampled_from(AREAS), st.integers(0, 30), st.sampled_from("abcdeghiklmnopqrstuvxyăâđêôơư"))
def test_a_wrong_letter_finds_only_what_is_so_spelled(one: Area, place: int, letter: str) -> None:
    name = short_name(one)
    place %= len(name)
    typed = name[:place] + letter + name[place + 1 :]
    found = EVER.find(typed)
    check(found)
    for code in filter(None, (found.code, *found.candidates)):
        names = [other for other in AREAS if other.code == code]
        assert any(
            spelling(typed).abridges(spelling(known))
            for other in names
            for known in (short_name(other), other.name_en)
        )


@given(st.text(max_size=MAX_LENGTH + 20), st.sampled_from([None, "district", "commune"]))
def test_any_text(text: str, level: Level | None) -> None:
    for gazetteer in (EVER, BEFORE):
        check(gazetteer.find(text, level))


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.dates()))
def test_any_typed_cell(cell: object) -> None:
    check(EVER.find(cell))


@pytest.mark.parametrize("piece", [" ", "1", "1.", "x. ", "t.", "tp ", "-", "(1)", "* ", "city "])
def test_repeated_pieces_take_no_time(piece: str) -> None:
    started = time.process_time()
    for tail in ("", "!", "x"):
        check(EVER.find((piece * MAX_LENGTH)[: MAX_LENGTH - 1] + tail))
    assert time.process_time() - started < 1
