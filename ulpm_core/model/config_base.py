"""`Described`: the base of every config, written as JSON, a link or a digest, and read from JSON or a link."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, ClassVar, Final, Self

from ulpm_core.model.parameter import Parameter, Value
from ulpm_core.model.refusal import PHRASES, ConfigError, among, refuse, shown, unfit

WHY: Final = {
    "unknown": "{name} is not a parameter",
    "known": "use {names}",
    "object": "config = {given} is not an object",
    "like": "write it like {example}",
    "kind": "is not this kind of config",
}
"""Why a config is refused that is none, or one of something else."""


class MisuseError(ConfigError, TypeError):
    """A refusal of how something was called: Python's own word for that is TypeError."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names differ: of two values of a name, one would be ignored."""
    if twice := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise ValueError(f"{shown(twice[0])} stands there twice")
    return dict(pairs)


@dataclass(frozen=True)
class Described:
    """Base of frozen dataclasses whose fields the table `PARAMETERS` describes; a field that is not in it is text.

    KIND is what their JSON is called, EXAMPLE is JSON to learn from. ADDED are fields that earlier versions did not
    have: the canonical JSON leaves them out at their default, so that a run of then has its digest still.
    Whatever is wrong raises :class:`ConfigError`.
    """

    KIND: ClassVar[str]
    EXAMPLE: ClassVar[str]
    PARAMETERS: ClassVar[Mapping[str, Parameter]]
    ADDED: ClassVar[frozenset[str]] = frozenset()

    def __new__(cls, *values: Any, **named: Any) -> Self:
        """Refuses a mistyped name before the dataclass would, and says what was meant."""
        for name in named:
            cls._refuse_unknown(name)
        return super().__new__(cls)

    @classmethod
    def _refuse_unknown(cls, name: str) -> None:
        if name in cls.PARAMETERS:
            return
        known = [f.name for f in fields(cls)]
        if name not in known:
            near = get_close_matches(name, known, 1) or known
            said = shown(name)
            what, use = WHY["unknown"].format(name=said), WHY["known"].format(names=among(sorted(known)))
            raise unfit(said, what, use, near[0], kind=MisuseError)

    def __repr__(self) -> str:
        """Returns the call that makes this config again, with only what differs from the defaults."""
        named = ((f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"

    def check_values(self) -> None:
        """Puts every value into its own type and range."""
        for name, parameter in self.PARAMETERS.items():
            object.__setattr__(self, name, parameter.check(getattr(self, name)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: same digest, same run."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, an explicit `kind`, and of ADDED only what is not at its default."""
        idle = {f.name for f in fields(self) if f.name in self.ADDED and getattr(self, f.name) == f.default}
        said = {name: value for name, value in asdict(self).items() if name not in idle}
        return json.dumps({"kind": self.KIND, **said}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A config from JSON text; missing fields take their defaults, unknown ones are refused."""
        like = WHY["like"].format(example=cls.EXAMPLE)
        try:
            data = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:  # ValueError: also whole numbers of over 4,300 digits
            raise unfit("config", f"config is not JSON ({shown(error)})", like) from None
        if not isinstance(data, dict):
            raise unfit("config", WHY["object"].format(given=shown(data)), like)
        if (kind := data.pop("kind", cls.KIND)) != cls.KIND:
            raise refuse("kind", kind, WHY["kind"], f'"{cls.KIND}"', do=PHRASES["leave-out"])
        return cls.from_mapping(data)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """A config from names and values; text is parsed, so a link and a file go the same way."""
        values: dict[str, Value] = {}
        for name, value in data.items():
            cls._refuse_unknown(name)
            parameter = cls.PARAMETERS.get(name)
            values[name] = str(value) if parameter is None else parameter.read(value)
        return cls(**values)

    def to_link(self) -> dict[str, str]:
        """The parameters that differ from their defaults, as text for a link."""
        return {
            name: parameter.write(value)
            for name, parameter in self.PARAMETERS.items()
            if (value := getattr(self, name)) != parameter.default
        }

    def with_changes(self, **changes: Any) -> Self:
        """A new config with some parameters changed."""
        return replace(self, **changes)
