"""Odd arguments: each is exit 2, and says which."""

from __future__ import annotations

from tests.cli.cases import Case, table, unclear

GOOD = table("label,p_a,p_b", "a,0.75,0.25", "b,0.375,0.625")


def refused(name: str, *arguments: str, says: tuple[str, ...] = ()) -> Case:
    """Exit 2 that names the option (the last but one of the arguments) unless told what else."""
    return unclear(name, GOOD, *(says or (arguments[-2],)), arguments=arguments)


CASES: list[Case] = [
    *[
        refused(f"{option[2:]}-{value or 'empty'}", option, value)
        for option, values in {
            "--clip": (
                "nan",
                "inf",
                "-inf",
                "1_000",
                "0.0_1",
                "abc",
                "0",
                "0.5",
                "1",
                "-1e-9",
                "",
                "1e-400",
                "0x1",
            ),
            "--sum-tolerance": ("nan", "inf", "1_000", "0.0_1", "abc", "1", "-0.01", ""),
            "--threads": ("0", "-1", "abc", "1.5", "nan", "1_0", ""),
        }.items()
        for value in values
    ],
    refused("unknown-option", "--lable", "x", says=("--lable", "--label")),
    refused("unknown-option-far", "--frobnicate", says=("--frobnicate",)),
    refused("option-without-value", "--label", says=("--label",)),
    refused("unknown-format", "--format", "jsn", says=("jsn", "json")),
    refused("unknown-unit", "--unit", "bit", says=("bit", "bits")),
    refused("option-twice-of-both-kinds", "--prob", "p_a", "--logprob", "p_b", says=("--prob", "--logprob")),
    refused("classes-too-few", "--classes", "a", says=("--classes",)),
    refused("classes-too-many", "--classes", "a,b,c", says=("--classes", "p_a, p_b")),
    refused("classes-of-other-names", "--classes", "x,y", says=("x,y", '"p_a" is of "a"', "--classes a,b")),
    refused("classes-empty", "--classes", "", says=("--classes",)),
    refused("classes-unclosed-quote", "--classes", '"a,b', says=("--classes",)),
]
