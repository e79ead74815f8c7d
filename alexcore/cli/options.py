"""Options of a command read from a dataclass: names, types, help and defaults stand there."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, Literal, TypeVar, cast, get_type_hints

import typer

from alexcore.models import list_models
from alexcore.runs.config import RECIPES, TrainConfig, describe_fields

Command = TypeVar("Command", bound=Callable[..., None])


def with_options(command: Command) -> Command:
    """Give a command the fields of its dataclass parameters as options; it gets them made."""
    signature = inspect.signature(command, eval_str=True)
    own = signature.parameters.values()
    groups: dict[str, Any] = {p.name: p.annotation for p in own if is_dataclass(p.annotation)}
    options = {n: inspect.signature(kind, eval_str=True).parameters for n, kind in groups.items()}

    @wraps(command)
    def run(**given: Any) -> None:
        for name, kind in groups.items():
            given[name] = kind(**{option: given.pop(option) for option in options[name]})
        command(**given)

    asked = [q for p in own for q in (options[p.name].values() if p.name in groups else [p])]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[p.replace(kind=p.KEYWORD_ONLY) for p in asked]
    )
    return cast(Command, run)


def with_config_options(*left_out: str) -> Callable[[Command], Command]:
    """Give a command one option for each field of ``TrainConfig``; it gets them as ``**changes``.

    What is not given is None, so that the recipe decides; ``create_config`` takes them as they are.

    Args:
        left_out: Fields the command asks for in a way of its own.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        added = [_create_option(f.name) for f in fields(TrainConfig) if f.name not in left_out]
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *added]
        )
        return command

    return decorate


def _create_option(name: str) -> inspect.Parameter:
    """Return the option of one field as a parameter that typer reads."""
    kind: Any = get_type_hints(TrainConfig)[name]
    if name == "model":
        kind = Literal[tuple(spec.name for spec in list_models())]
    default = TrainConfig().recipe if name == "recipe" else None
    option = typer.Option(
        help=describe_fields()[name] + (_describe_default(name) if default is None else ""),
        rich_help_panel="Choices of the run",
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind | None if default is None else kind, option],
    )


def _describe_default(name: str) -> str:
    """Return the value of a field that is not given, and of the recipes that have another."""
    if name == "crop":
        return " By default the model's input size."
    values = [f"{recipe} {_say(made[name])}" for recipe, made in RECIPES.items() if name in made]
    return f" By default {', '.join([_say(getattr(TrainConfig(), name)), *values])}."


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return ("no", "yes")[value]
    return "none" if value in (None, "") else str(value)
