"""What was said of a deployment is part of its view."""

from __future__ import annotations

from tests.adapters.gitlab_client import DEPLOYMENTS
from tests.adapters.test_gitlab_protection import blocked, opine, people, protect
from tests.world import World


async def test_a_view_shows_the_approvals_as_the_single_answer_does(world: World) -> None:
    who = await people(world)
    await who["ada"].create()
    await protect(who["mary"], {"access_level": 30}, rules=[{"access_level": 40}])
    number = await blocked(world)
    assert (await opine(who["mary"], number, status="approved", comment="<go>")).status_code == 201
    answer = await who["rita"].ask("GET", f"{DEPLOYMENTS}/{number}")
    assert answer.json()["approvals"][0]["comment"] == "<go>"
    record = next(r for r in await world.held() if r.number == number)
    view = await world.admin("GET", f"/records/{record.id}/views/gitlab")
    assert view.content == answer.content
