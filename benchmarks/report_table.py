"""The table of `report_speed.py`, and what is to be reached, held against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from measuring import Cost

NAMES = {
    "stock": "(a) `papermill` + `jupyter nbconvert`, từng lệnh / one command after the other",
    "pool": "(b) papermill, nbconvert: API, 2 tiến trình / a pool of 2, saving tuned",
    "floor": "(c) riêng các ô / the bare cells, one warm process, nothing kept",
    "apart": "(c′) riêng các ô, mỗi báo cáo một tiến trình / the same, a forked process each",
    "ours1": "`kts run --jobs 1`",
    "ours2": "`kts run --jobs 2`",
    "workers": "`kts run --jobs 2 --engine workers`",
    "unchanged": "`kts run`, lần hai không đổi gì / again, nothing changed",
}
CELLS = ("floor", "apart")  # ways that make nothing
STOCK_BARS = {10: 10.0, 40: 14.0}  # areas: times less CPU than (a), with one worker
POOL_BAR, POOL_AREAS = 5.0, 40  # times less CPU than (b), with as many workers
MARGINAL_BAR, FLAT_BAR = 1.15, 1.10
TWO_WORKERS_BAR = 1.7
PAGE_BAR, UNCHANGED_BAR = 300.0, 2.0  # kB, seconds


@dataclass(frozen=True)
class Result:
    """One way for one number of areas in one round.

    Attributes
    ----------
    made : int
        Reports really made; the figures below are scaled from these to `areas`.
    cost : Cost
        What making those cost.
    disk, page : float
        MB of everything written; kB of the largest page.
    each : list of float
        CPU seconds of the single reports, where they are known.
    """

    way: str
    areas: int
    made: int
    cost: Cost
    disk: float
    page: float
    each: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """CPU seconds of all reports; the floor's are those of its cells, without its imports."""
        return sum(self.each) if self.way in CELLS else self.cost.cpu * self.areas / self.made

    @property
    def wall(self) -> float:
        """Wall seconds of all reports."""
        return self.cpu if self.way in CELLS else self.cost.wall * self.areas / self.made

    @property
    def on_disk(self) -> float:
        """MB of all reports."""
        return self.disk * self.areas / self.made


class Rounds:
    """The results of all rounds, by way and number of areas."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.all: dict[tuple[str, int], list[Result]] = {}
        for result in results:
            self.all.setdefault((result.way, result.areas), []).append(result)
        self.sizes = sorted({areas for _, areas in self.all})

    def middle(self, way: str, areas: int, value: Callable[[Result], float]) -> float:
        """Return the median over the rounds of one value."""
        return median(value(result) for result in self.all[way, areas])

    def ratio(
        self, above: str, below: str, areas: int, value: Callable[[Result], float]
    ) -> float | None:
        """Return the median over the rounds of one way's value over another's, None if not run."""
        if (above, areas) not in self.all or (below, areas) not in self.all:
            return None
        pairs = zip(self.all[above, areas], self.all[below, areas], strict=True)
        return median(value(up) / value(down) for up, down in pairs)

    def marginal(self, way: str, few: int, many: int) -> float:
        """Return the CPU seconds of one more report: the slope between two sizes."""
        rise = self.middle(way, many, cpu) - self.middle(way, few, cpu)
        return rise / (many - few)

    def after_the_first(self, areas: int, way: str = "floor") -> float:
        """Return the CPU seconds of the bare cells of one report, the first one left out."""
        return self.middle(way, areas, lambda r: sum(r.each[1:]) / max(len(r.each) - 1, 1))


def cpu(result: Result) -> float:
    """Return a result's CPU seconds."""
    return result.cpu


def wall(result: Result) -> float:
    """Return a result's wall seconds."""
    return result.wall


def report(results: Sequence[Result], rounds: int, command: str, machine: str) -> str:
    """Return the whole text: how it was measured, the table, what is reached."""
    found = Rounds(results)
    parts = [
        "# Một báo cáo tốn bao nhiêu / What a report costs",
        f"```\n{command}\n```",
        "CPU là giây của cả cây tiến trình (chương trình, tiến trình con, nhân Jupyter); bộ nhớ "
        "chung của nhiều tiến trình chỉ tính một lần; các cách chạy xen kẽ trong từng vòng, đây là "
        "trung vị. Số liệu giả lập (`benchmarks/national.py`). / *CPU is seconds of the whole "
        "process tree; memory shared by several processes counts once; the ways take turns within "
        "a round, these are medians. The figures in the reports are made up.*",
        f"{rounds} vòng / rounds · {machine}",
        *([note] if (note := _extrapolated(found)) else []),
        _table(found),
        "## Cần đạt / To reach",
        _bars(found),
        _each(found),
        _escaped(results),
    ]
    return "\n\n".join(parts) + "\n"


def _extrapolated(found: Rounds) -> str:
    """Say which figures were not measured but scaled."""
    scaled = [
        f"N = {areas}: {found.all[way, areas][0].made} báo cáo / reports, {way}"
        for way, areas in found.all
        if found.all[way, areas][0].made < areas
    ]
    if not scaled:
        return ""
    told = "; ".join(scaled)
    return f"\\* suy ra theo tỷ lệ từ / extrapolated in proportion from: {told}."


def _table(found: Rounds) -> str:
    heads = [
        "N",
        "cách / way",
        "CPU s",
        "CPU s mỗi báo cáo / a report",
        "giây / wall s",
        "bộ nhớ đỉnh / peak MB",
        "tiến trình chính / parent MB",
        "trên đĩa / on disk MB",
        "trang lớn nhất / largest page kB",
        "CPU so với / over `kts run --jobs 1`",
    ]
    lines = [heads, ["---:", "---", *["---:"] * (len(heads) - 2)]]
    for areas in found.sizes:
        lines += [_row(found, way, areas) for way in NAMES if (way, areas) in found.all]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _row(found: Rounds, way: str, areas: int) -> list[str]:
    def shown(value: Callable[[Result], float], digits: int) -> str:
        return f"{found.middle(way, areas, value):.{digits}f}"

    star = "\\*" if found.all[way, areas][0].made < areas else ""
    kept = way not in CELLS
    ratio = found.ratio(way, "ours1", areas, cpu)
    return [
        str(areas),
        NAMES[way],
        shown(cpu, 1) + star,
        shown(lambda result: result.cpu / result.areas, 2),
        shown(wall, 1) + star if kept else "—",
        shown(lambda result: result.cost.peak, 0),
        shown(lambda result: result.cost.parent_peak, 0),
        shown(lambda result: result.on_disk, 1) + star if kept else "—",
        shown(lambda result: result.page, 0) if kept else "—",
        "—" if ratio is None else f"{ratio:.2f}",
    ]


def _bars(found: Rounds) -> str:
    lines = ["| | cần / to reach | đo được / measured | |", "|---|---:|---:|---|"]
    lines += [
        f"| {name} | {bar} | {value} | {_word(good)} |" for name, bar, value, good in _all(found)
    ]
    return "\n".join(lines)


def _word(good: bool | None) -> str:
    if good is None:
        return ""  # shown for the line above it
    return "đạt / reached" if good else "**chưa / NOT reached**"


Bar = tuple[str, str, str, bool | None]


def _all(found: Rounds) -> Iterable[Bar]:
    for areas, bar in STOCK_BARS.items():
        ratio = found.ratio("stock", "ours1", areas, cpu)
        if ratio is not None:
            name = f"CPU ít hơn (a), N = {areas}, 1 tiến trình / less CPU than (a), one worker"
            yield name, f"≥ {bar:.0f}×", f"{ratio:.1f}×", ratio >= bar
    ratio = found.ratio("pool", "ours2", POOL_AREAS, cpu)
    if ratio is not None:
        name = f"CPU ít hơn (b), N = {POOL_AREAS} / less CPU than (b)"
        yield name, f"≥ {POOL_BAR:.0f}×", f"{ratio:.1f}×", ratio >= POOL_BAR
    sizes = [areas for areas in found.sizes if ("ours1", areas) in found.all]
    if len(sizes) > 1:
        yield from _growth(found, sizes)
    for areas in sizes[1:]:
        ratio = found.ratio("ours1", "ours2", areas, wall)
        if ratio is not None:
            name = f"2 tiến trình nhanh hơn, N = {areas} / two workers are faster"
            yield name, f"≥ {TWO_WORKERS_BAR}×", f"{ratio:.2f}×", ratio >= TWO_WORKERS_BAR
    for areas in sizes:
        if ("unchanged", areas) in found.all:
            again = found.middle("unchanged", areas, wall)
            name = f"Không đổi gì, N = {areas} / nothing changed"
            yield name, f"< {UNCHANGED_BAR:.0f} s", f"{again:.2f} s", again < UNCHANGED_BAR
    page = max(found.middle("ours1", areas, lambda result: result.page) for areas in sizes)
    name = "Trang lớn nhất / largest page"
    yield name, f"≤ {PAGE_BAR:.0f} kB", f"{page:.0f} kB", page <= PAGE_BAR


def _growth(found: Rounds, sizes: list[int]) -> Iterable[Bar]:
    """What one more report costs, and whether that stays the same to the national size."""
    few, many, last = sizes[0], sizes[1], sizes[-1]
    slope, cells = found.marginal("ours1", few, many), found.after_the_first(many)
    name = f"Thêm một báo cáo ({few} → {many}) so với các ô / one more report over its bare cells"
    ratio = slope / cells
    measured = f"{slope:.3f} s / {cells:.3f} s = {ratio:.2f}×"
    yield name, f"≤ {MARGINAL_BAR}×", measured, ratio <= MARGINAL_BAR
    if ("apart", many) in found.all:
        name = f"Riêng tiến trình riêng (c′), N = {many} / a process of its own alone"
        alone = found.after_the_first(many, "apart")
        yield name, "—", f"{alone:.3f} s / {cells:.3f} s = {alone / cells:.2f}×", None
    if last > many:
        later = found.marginal("ours1", many, last)
        cells = found.after_the_first(last)
        name = f"Thêm một báo cáo ({many} → {last}) so với các ô / one more report over its cells"
        measured = f"{later:.3f} s / {cells:.3f} s = {later / cells:.2f}×"
        yield name, f"≤ {MARGINAL_BAR}×", measured, later / cells <= MARGINAL_BAR
        name = f"Chi phí đều, {many} → {last} so với {few} → {many} / flat cost per report"
        yield name, f"≤ {FLAT_BAR:.2f}×", f"{later / slope:.2f}×", later / slope <= FLAT_BAR
        parents = [found.middle("ours1", n, lambda r: r.cost.parent_peak) for n in (few, last)]
        growth = parents[1] / parents[0]
        name = f"Bộ nhớ tiến trình chính, N = {last} so với {few} / the parent's memory"
        measured = f"{parents[1]:.0f} / {parents[0]:.0f} MB = {growth:.2f}×"
        yield name, f"≤ {FLAT_BAR:.2f}×", measured, growth <= FLAT_BAR


def _each(found: Rounds) -> str:
    """Show that a stock report costs the same each time, so that scaling is fair."""
    lines = []
    for areas in found.sizes:
        if ("stock", areas) in found.all:
            each = [seconds for result in found.all["stock", areas] for seconds in result.each]
            lines.append(f"N = {areas}: {min(each):.2f}-{max(each):.2f} s")
    told = "; ".join(lines)
    return (
        f"Mỗi báo cáo của cách (a) là hai lệnh riêng, CPU / each report of way (a) is two commands "
        f"of its own, CPU: {told}."
    )


def _escaped(results: Sequence[Result]) -> str:
    """Say whether looking at the processes saw more CPU than was counted."""
    worst = max(result.cost.sampled_cpu / result.cost.cpu for result in results)
    word = "không tiến trình nào lọt / no process escaped" if worst <= 1.02 else "**LỌT / ESCAPED**"
    return (
        "CPU nhìn thấy khi lấy mẫu so với CPU đếm được, cao nhất / CPU seen by sampling over CPU "
        f"counted, highest: {worst:.2f} ({word})."
    )
