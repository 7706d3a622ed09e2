"""``vhdchain conformance``: where does another reader get VHD chains wrong?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vhdchain.cli.bars import progress_bar
from vhdchain.cli.exits import Exit
from vhdchain.cli.opening import settings_are_usage
from vhdchain.cli.options import Settings, output_options
from vhdchain.cli.scanning import report_format
from vhdchain.cli.terminal import Terminal
from vhdchain.report.lines import Role, line, span
from vhdchain.report.numbers import counted
from vhdchain.testing.conformance import ADAPTERS, TRAPS, Command, Reader, Verdict, chosen_cases, run_suite
from vhdchain.testing.conformance.command import SECONDS
from vhdchain.testing.conformance.document import conformance_document
from vhdchain.testing.conformance.junit import junit_text
from vhdchain.testing.conformance.lines import conformance_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.report.lines import Line
    from vhdchain.testing.conformance import Case, Conformance

_FAILING = {
    "wrong": {Verdict.WRONG, Verdict.CRASHED, Verdict.TIMED_OUT},
    "refused": {Verdict.WRONG, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.REFUSED},
    "never": set[Verdict](),
}


@click.command("conformance")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    type=click.Choice(list(ADAPTERS)),
    help="Ask a reader that is known here, instead of or beside COMMAND (repeatable).",
)
@click.option("--raw-out", is_flag=True, help="COMMAND writes the disk to {out} instead of standard output.")
@click.option("--name", default="reader", metavar="NAME", help="What the report calls COMMAND.", show_default=True)
@click.option("--case", "names", multiple=True, metavar="NAME", help="Ask this case only (repeatable; see --list).")
@click.option(
    "--trap", "traps", multiple=True, type=int, metavar="N", help="Ask the cases of this trap only (repeatable)."
)
@click.option(
    "--random",
    type=click.IntRange(0),
    metavar="N",
    help="So many random chains. [default: 20; 0 with --case or --trap]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which random chains.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=SECONDS, show_default=True, help="Seconds for each disk."
)
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep the files of what was not read right in DIR."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), help="[default: text]")
@click.option(
    "--fail-on",
    type=click.Choice(list(_FAILING)),
    default="wrong",
    show_default=True,
    help="What makes the exit code 1: wrong bytes, crashes and time-outs; refusals as well; nothing.",
)
@click.option("--list", "only_list", is_flag=True, help="List the cases, and ask nobody.")
@output_options
def command(
    words: tuple[str, ...],
    *,
    adapters: tuple[str, ...],
    raw_out: bool,
    name: str,
    names: tuple[str, ...],
    traps: tuple[int, ...],
    random: int | None,
    seed: int,
    timeout: float,
    keep: Path | None,
    form: str | None,
    fail_on: str,
    only_list: bool,
    settings: Settings,
) -> int:
    """Run a reader of VHDs over a suite of small chains, and report where it is wrong.

    COMMAND gets {leaf} replaced by the file to read, {chain} by all files of its chain, base first, {folder} by their
    folder. The guest's bytes are expected on its standard output, an exit code other than 0 where it refuses. The suite
    has one or more cases for each trap that implementers fell into (docs/format.md), and random chains.
    """
    form = report_format(form, settings)
    cases = _cases(names, traps, random, seed)
    terminal = Terminal(settings)
    if only_list:
        terminal.write(_list_lines(cases))
        return Exit.CLEAN
    with settings_are_usage():
        readers = _readers(words, adapters, name, raw_out=raw_out)
    reports = _asked(readers, cases, timeout, keep, settings)
    _write(terminal, reports, form)
    failing = _FAILING[fail_on]
    failed = any(result.verdict in failing for report in reports for result in report.results)
    return Exit.FINDINGS if failed else Exit.CLEAN


def _cases(names: Sequence[str], traps: Sequence[int], random: int | None, seed: int) -> list[Case]:
    count = random if random is not None else 0 if names or traps else 20
    try:
        return chosen_cases(names=names, traps=traps, random=count, seed=seed)
    except LookupError as error:
        raise click.UsageError(
            f"{error.args[0]}; 'vhdchain conformance --list' lists them", click.get_current_context()
        ) from error


def _readers(words: tuple[str, ...], adapters: Sequence[str], name: str, *, raw_out: bool) -> list[Reader]:
    readers = []
    for each in adapters:
        adapter = ADAPTERS[each]
        reader = adapter.reader()
        if reader.version is None:
            raise click.UsageError(f"{adapter.name} is not installed ({adapter.install})", click.get_current_context())
        readers.append(reader)
    if words or not readers:
        readers.append(Reader(name=name, command=Command(words=words, raw_out=raw_out)))
    return readers


def _asked(
    readers: Sequence[Reader], cases: Sequence[Case], timeout: float, keep: Path | None, settings: Settings
) -> list[Conformance]:
    reports: list[Conformance] = []
    with progress_bar("asking", settings) as progress:
        for reader in readers:
            done_before = len(reports) * len(cases)

            def report_progress(done: int, _: int, before: int = done_before) -> None:
                if progress is not None:
                    progress(before + done, len(readers) * len(cases))

            place = keep / reader.name if keep is not None and len(readers) > 1 else keep
            reports.append(run_suite(reader, cases, seconds=timeout, keep=place, progress=report_progress))
    return reports


def _write(terminal: Terminal, reports: Sequence[Conformance], form: str) -> None:
    if form == "json":
        terminal.write_json(conformance_document(reports))
    elif form == "junit":
        terminal.write_raw([junit_text(reports)])
    else:
        for number, report in enumerate(reports):
            if number:
                terminal.write([line()])
            terminal.write(conformance_lines(report, width=terminal.width))


def _list_lines(cases: Sequence[Case]) -> Iterator[Line]:
    last = -1
    for case in cases:
        if case.trap != last:
            last = case.trap
            yield line(span(f"{last}  {TRAPS[last]}" if last else "random chains", Role.HEADING))
        yield line(f"    {case.name:26} {case.right:8} {case.asks}")
    yield line(counted(len(cases), "case"))
