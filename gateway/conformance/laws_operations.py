"""The law about a dialect's other operations: every field of every schema is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from starlette.routing import compile_path

from gateway.conformance.broken import Broken
from gateway.conformance.laws_fields import unbalanced
from gateway.conformance.schemas import fields_of, schemas_by_name
from gateway.dialect import Dialect
from gateway.dialect.accounts import IN_PATHS, Account, As, header_keys, is_of_headers

_OF_THE_LEDGER = frozenset({"create", "record"})


def every_operation_is_accounted_for(dialect: Dialect, _options: Any) -> None:
    """What an endpoint may be asked, sent and may answer has an account of each of its fields."""
    law = "every operation is accounted for"
    for problem in (_unknown(dialect), _misnamed(dialect), _unequal(dialect), _unread(dialect)):
        for place, detail in problem:
            raise Broken(law, dialect.name, place, detail)


def _unknown(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Schemas that endpoints name and nobody accounts for."""
    known = dialect.accounts.keys() | _OF_THE_LEDGER
    schemas = schemas_by_name(dialect)
    for endpoint in dialect.routes():
        for name in (endpoint.query, endpoint.body, *endpoint.shapes.values()):
            if name is not None and name not in schemas:
                yield f"{endpoint.method} {endpoint.path}", f"there is no {name}.json"
            if name is not None and name not in known:
                yield f"{endpoint.method} {endpoint.path}", f"nobody accounts for {name}.json"
    for name in dialect.accounts.keys() - schemas.keys() - {IN_PATHS}:
        if not is_of_headers(name):
            yield name, f"there is no {name}.json"


def _misnamed(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Parameters in paths that nobody accounts for, and what no path or operation has."""
    used = {name for endpoint in dialect.routes() for name in compile_path(endpoint.path)[2]}
    account = dialect.accounts.get(IN_PATHS, Account({}))
    for name in sorted(used ^ account.fields.keys()):
        yield name, "is not in both the paths and their account"
    heard = {key for one in dialect.routes() for key in header_keys(one.method, one.path)}
    for name in sorted(filter(is_of_headers, dialect.accounts.keys() - heard)):
        yield name, "is of no operation"


def _unequal(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Fields that a schema and its account do not both have."""
    for name, account in dialect.accounts.items():
        if name == IN_PATHS or is_of_headers(name):
            continue
        for place, detail in unbalanced(dialect, account.fields, name):
            yield f"{name}.{place}", detail
        for place, line in account.fields.items():
            if isinstance(line, As):
                yield from _strange(dialect, name, place, line)


def _strange(dialect: Dialect, name: str, place: str, line: As) -> Iterator[tuple[str, str]]:
    """Fields at a place that the schema it is said to be like does not have."""
    if line.schema not in dialect.accounts.keys() | _OF_THE_LEDGER:
        yield f"{name}.{place}", f"nobody accounts for {line.schema}.json"
        return
    known = {field.removeprefix("[].") for field in fields_of(dialect, line.schema)}
    for options in dialect.options.values():
        head = f"{dialect.spelled(place, options)}."
        for field in sorted(fields_of(dialect, name)):
            if field.startswith(head) and field.removeprefix(head) not in known:
                yield f"{name}.{field}", f"is not in {line.schema}.json"


def _unread(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Fields that the wire model and the account do not both have."""
    ledger = dialect.ledger
    create = Account(ledger.request, ledger.model, ledger.by_hand)
    for name, account in {**dialect.accounts, "create": create}.items():
        if account.model is None and not account.by_hand:
            continue
        read = {*names_of(account.model), *account.by_hand}
        places = account.fields if account.model else [p.partition("[]")[0] for p in account.fields]
        for field in sorted(read.symmetric_difference(places)):
            who = "the account" if field in places else "the model"
            yield f"{name}.{field}", f"only {who} knows it"


def names_of(model: Any) -> Iterator[str]:
    """The fields that a wire model reads, those of the models in it too, as dotted places."""
    if model is None:
        return
    for name, info in model.model_fields.items():
        inner, is_list = _inner(info.annotation)
        if inner is None:
            yield name
        else:
            yield from (f"{name}{'[]' if is_list else ''}.{own}" for own in names_of(inner))


def _inner(annotation: Any) -> tuple[Any, bool]:
    """The model that a field holds, if it holds one, and whether it holds a list of them."""
    for choice in map(_bare, (annotation, *get_args(annotation))):
        if isinstance(choice, type) and issubclass(choice, BaseModel):
            return choice, get_origin(annotation) is list
    return None, False


def _bare(annotation: Any) -> Any:
    """A type without what is noted beside it."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
