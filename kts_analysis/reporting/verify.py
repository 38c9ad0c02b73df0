"""A run made again from its manifest, and compared byte by byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kts_analysis.documents.formats import check_formats
from kts_analysis.engine.jobs import Limits
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.registry import Registry
from kts_analysis.reporting import files, manifest
from kts_analysis.reporting.run import Options, run
from kts_analysis.reporting.units import Unit, unit_from


@dataclass(frozen=True)
class Comparison:
    """What `verify` found.

    Attributes
    ----------
    equal : bool
        Every file of the run stands as it was made and is made again with the same bytes.
    compared : int
        Files compared.
    altered, missing : list of str
        Files that no longer are what the run wrote, or are gone.
    different : list of str
        Files that come out differently when made again.
    changed_inputs : list of str
        Inputs (data, notebooks, library) and versions that differ from those of the run; then
        nothing is made again.
    """

    compared: int = 0
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    changed_inputs: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing at all was found."""
        found = (self.altered, self.missing, self.different, self.changed_inputs)
        return not any(found)

    def lines(self, m: Messages) -> Iterator[str]:
        """Yield the findings, one a line, and a sentence at the end."""
        for names, text in (
            (self.changed_inputs, N_("changed since the run: {name}")),
            (self.missing, N_("missing: {name}")),
            (self.altered, N_("altered after the run: {name}")),
            (self.different, N_("comes out differently when made again: {name}")),
        ):
            for name in names:
                yield m(text, name=name)
        if self.equal:
            yield m.n(
                "{n} file made again: every byte is the same",
                "{n} files made again: every byte is the same",
                self.compared,
            )


def verify(folder: Path, registry: Registry, notebooks: Path, options: Options) -> Comparison:
    """Make a run again and compare.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    registry : Registry
    notebooks : Path
        Folder of the notebook templates.
    options : Options

    Raises
    ------
    KtsError
        The folder holds no run, or one with documents whose packages are not installed.
    """
    stood = manifest.read_run(folder)
    if stood is None:
        raise KtsError(N_("{folder} is not the folder of a run (no run.json)"), folder=folder)
    recorded: dict[str, str] = stood.facts["files"]
    missing = [name for name in recorded if not (folder / name).is_file()]
    altered = [
        name
        for name, expected in recorded.items()
        if name not in missing and files.sha256(folder / name) != expected
    ]
    formats = {name for facts in stood.facts["units"] for name in facts.get("formats", ())}
    names = {unit["parameters"].get("scenario", "") for unit in stood.facts["units"]} - {""}
    kept = next((manifest.kept_scenario(folder, Path(name).name) for name in names), None)
    scenario = kept if kept and kept.is_file() else None
    hashes = manifest.input_hashes(registry.root, notebooks, scenario)
    changed = _changed(stood, hashes, check_formats(formats))
    if changed:
        return Comparison(len(recorded), altered, missing, [], changed)
    units = [unit_from(facts, registry) for facts in stood.facts["units"]]
    same_way = replace(
        options,
        limits=Limits(**stood.facts["limits"]),
        pass_on=tuple(stood.facts["pass_on"]),
    )
    different = _made_again(units, recorded, registry, notebooks, same_way, scenario)
    return Comparison(len(recorded), altered, missing, different)


def _changed(stood: manifest.Earlier, now: dict[str, str], formats: Iterable[str]) -> list[str]:
    """Return what a run was made from that is not the same any more."""
    then: dict[str, str] = stood.facts["inputs"]
    names = [name for name in sorted(then | now) if then.get(name) != now.get(name)]
    versions = manifest.versions(formats)
    old: dict[str, str] = stood.facts["versions"]
    names += [
        f"{name} {old.get(name, '—')} → {versions.get(name, '—')}"
        for name in sorted(old | versions)
        if old.get(name) != versions.get(name)
    ]
    return names


def _made_again(
    units: list[Unit],
    recorded: dict[str, str],
    registry: Registry,
    notebooks: Path,
    options: Options,
    scenario: Path | None,
) -> list[str]:
    """Return the names of the files that come out differently."""
    with tempfile.TemporaryDirectory(prefix="kts-verify-") as place:
        made = run(units, registry, notebooks, Path(place), options, scenario=scenario).index.parent
        fresh = manifest.read_run(made)
        again: dict[str, str] = fresh.facts["files"] if fresh else {}
        return [name for name in sorted(recorded | again) if recorded.get(name) != again.get(name)]
