"""The environment, read once: variables with the prefix ``DEPLOYMENT_GATEWAY_``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.store.urls import check_url

PREFIX = "DEPLOYMENT_GATEWAY_"
Profile = Literal["documented", "observed"]

_ABSOLUTE = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")


class BadSettings(Exception):
    """The environment says something the gateway cannot start with; the text names it."""


class Settings(BaseSettings):
    """What an operator may set. Immutable; secrets do not print."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: str = "sqlite:///deployment-gateway.db"
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    admin_token: SecretStr | None = None
    secret_key: SecretStr | None = None
    default_org: str | None = None
    auto_create: bool = True
    gitlab_profile: Profile = "documented"
    chainloop_profile: Profile = "documented"
    iftrue_profile: Profile = "documented"
    github_profile: Profile = "documented"
    profiles: Mapping[str, Profile] = Field(default_factory=dict)
    """Those of other adapters by name, each from a variable of its own."""
    github_provenance: Literal["permissive", "strict"] = "permissive"
    rate_limit: int = Field(default=0, ge=0)
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024)
    request_seconds: float = Field(default=60, gt=0, le=3600)
    keep_alive_seconds: int = Field(default=75, ge=1, le=3600)
    drain_seconds: float = Field(default=1, ge=0, le=300)
    server_timing: bool = True
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        check_url(url)
        return url

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, url: str | None) -> str | None:
        if url is not None and not _ABSOLUTE.fullmatch(url):
            raise ValueError("must be http:// or https:// and a host")
        return url

    @field_validator("admin_token")
    @classmethod
    def _usable(cls, secret: SecretStr | None) -> SecretStr | None:
        text = "" if secret is None else secret.get_secret_value()
        if secret is not None and len(text) < 20:
            raise ValueError("must have at least 20 characters")
        if not (text.isascii() and text.isprintable() and text == text.strip()):
            raise ValueError("must be text that a header can carry, with no blank around it")
        return secret

    def profile_of(self, dialect: str) -> Profile:
        """The profile set for a dialect; one without a setting has the documented one."""
        others = self.profiles.get(dialect, "documented")
        profile: Profile = getattr(self, f"{dialect}_profile", others)
        return profile


VARIABLES = frozenset(PREFIX + name.upper() for name in Settings.model_fields.keys() - {"profiles"})
"""All that an operator may set, but for the profiles of other adapters."""


def load(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """The settings in ``environ``, with what the command line says over them.

    Raises ``BadSettings`` for a value that does not fit and for an unknown name with the prefix.
    """
    unknown = sorted(name for name in environ if name.upper().startswith(PREFIX))
    unknown = [name for name in unknown if name.upper() not in VARIABLES]
    others = _profiles_of_others() if unknown else {}
    if unknown := [name for name in unknown if name.upper() not in others]:
        raise BadSettings(f"unknown setting: {', '.join(unknown)}")
    said: dict[str, object] = {
        name.upper().removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.upper() in VARIABLES
    }
    said["profiles"] = {
        others[name.upper()]: value for name, value in environ.items() if name.upper() in others
    }
    said |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(said)
    except ValidationError as error:
        problems = (f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors())
        raise BadSettings("; ".join(problems)) from None


def profile_variable(dialect: str) -> str:
    """The variable that chooses the profile of an adapter."""
    return f"{PREFIX}{dialect.upper().replace('-', '_')}_PROFILE"


def _profiles_of_others() -> Mapping[str, str]:
    """The adapters that packages of others bring, by the variable of each."""
    from gateway.dialect import ENTRY_POINTS  # noqa: PLC0415 (the whole contract of adapters)

    return {profile_variable(name): name for name in entry_points(group=ENTRY_POINTS).names}


def _variable(place: tuple[int | str, ...]) -> str:
    field, *rest = map(str, place)
    return profile_variable(rest[0]) if field == "profiles" else PREFIX + field.upper()
