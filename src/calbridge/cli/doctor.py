"""``calbridge doctor``: everything that would go wrong on a call, found before the call."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.text import Text

from calbridge.bootstrap import open_doctor
from calbridge.cli.doctor_settings import facts_of, read_settings
from calbridge.cli.output import AsJson
from calbridge.cli.session import uuid_argument
from calbridge.services.doctor.diagnosis import Diagnosis
from calbridge.services.doctor.facts import Request
from calbridge.services.doctor.findings import Finding, Severity

STYLES = {Severity.PROBLEM: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
WIDEST = max(len(severity) for severity in Severity)


def doctor(
    org: Annotated[
        UUID | None, typer.Option("--org", parser=uuid_argument, metavar="UUID", help="Only this organization.")
    ] = None,
    agent: Annotated[
        UUID | None, typer.Option("--agent", parser=uuid_argument, metavar="UUID", help="Only this agent.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find what would go wrong on a call: settings, database, accounts, event types. Changes nothing.

    Exit code 1 when there is a problem, 0 when there are warnings and notes at most.
    """
    diagnosis = asyncio.run(_examine(Request(org, agent)))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in diagnosis.findings]))
    else:
        _print(diagnosis, Console(soft_wrap=True, highlight=False))
    if diagnosis.has_problems:
        raise typer.Exit(1)


async def _examine(request: Request) -> Diagnosis:
    reading = read_settings()
    async with open_doctor(reading.settings) as opened:
        return await opened.examine(facts_of(reading), request)


def _print(diagnosis: Diagnosis, console: Console) -> None:
    for finding in diagnosis.findings:
        console.print(_line(finding))
    console.print(_summary(diagnosis))
    console.print(f"Looked at: {', '.join(diagnosis.looked_at)}.", markup=False)


def _line(finding: Finding) -> Text:
    """One line a finding. Names come from outside: nothing in them is taken for markup."""
    return Text.assemble(
        (finding.severity.value.ljust(WIDEST), STYLES[finding.severity]),
        f"  {finding.subject}: {finding.message} {finding.remedy} ",
        (f"[{finding.name}]", "dim"),
    )


def _summary(diagnosis: Diagnosis) -> Text:
    problems, warnings, notes = (diagnosis.count(severity) for severity in Severity)
    if not problems and not warnings:
        return Text("All is well.", "green")
    counts = ((problems, "problem"), (warnings, "warning"), (notes, "note"))
    return Text(", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts) + ".")
