"""Every field of every operation has an entry, and one that is missing is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import create_model

from adapters.gitlab import dialect as gitlab
from gateway.conformance.laws import LAWS, Broken
from gateway.conformance.laws_fields import unbalanced
from gateway.conformance.schemas import fields_of
from gateway.dialect import Dialect
from gateway.dialect.accounts import IN_PATHS, Account, is_of_headers
from gateway.dialect.ledger import Addressed
from gateway.registry import installed

DIALECTS = installed()
LAW = LAWS["every operation is accounted for"]
OPTIONS = gitlab.options["documented"]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_an_entry_left_out_is_missed_by_its_place(dialect: Dialect) -> None:
    for name, account in dialect.accounts.items():
        for place, line in account.fields.items():
            if isinstance(line, Addressed) or is_of_headers(name):  # neither is in a schema
                continue
            rest = {known: line for known, line in account.fields.items() if known != place}
            missed = [field for field, _ in unbalanced(dialect, rest, name)]
            assert missed or not fields_of(dialect, name), f"{name}.{place}"


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_an_endpoint_names_is_accounted_for(dialect: Dialect) -> None:
    for name in dialect.accounts:
        rest = {known: account for known, account in dialect.accounts.items() if known != name}
        if any(name in (e.query, e.body, *e.shapes.values()) for e in dialect.routes()):
            with pytest.raises(Broken, match=rf"nobody accounts for {name}\.json"):
                LAW.check(replace(dialect, accounts=rest), dialect.options["documented"])


def broken(name: str, account: Account) -> str:
    """How the law is broken when GitLab's account of a schema is this one."""
    with pytest.raises(Broken) as caught:
        LAW.check(replace(gitlab, accounts={**gitlab.accounts, name: account}), OPTIONS)
    return str(caught.value)


def test_a_field_that_only_the_account_knows_is_named() -> None:
    update = gitlab.accounts["update"]
    more = replace(update, fields={**update.fields, "colour": update.fields["status"]})
    assert "at update.colour: the ledger has it and update.json does not" in broken("update", more)


def test_a_field_that_only_the_wire_model_reads_is_named() -> None:
    update = gitlab.accounts["update"]
    model = create_model("More", __base__=update.model, colour=(str, ""))
    assert "at update.colour: only the model knows it" in broken(
        "update", replace(update, model=model)
    )


def test_a_parameter_of_a_path_that_nobody_names_is_named() -> None:
    assert "at deployment_id: is not in both" in broken(IN_PATHS, Account({}))


def test_headers_of_an_operation_that_is_not_there_are_named() -> None:
    nowhere = "header PATCH /projects/{id}"
    assert f"at {nowhere}: is of no operation" in broken(nowhere, Account({}))


@pytest.mark.parametrize("name", DIALECTS)
def test_a_field_that_only_the_model_of_a_create_body_reads_is_named(name: str) -> None:
    dialect = DIALECTS[name]
    ledger = dialect.ledger
    assert ledger.model is not None
    more = create_model("More", __base__=ledger.model, colour=(str, ""))
    with pytest.raises(Broken, match=r"at create\.colour: only the model knows it"):
        LAW.check(
            replace(dialect, ledger=replace(ledger, model=more)), dialect.options["documented"]
        )
