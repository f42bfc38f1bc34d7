"""The whole interface, scanned by schemathesis on a real server: whatever is sent, the desk does not fall over."""

from __future__ import annotations

import contextlib

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error

from tests.desk.reviewed import UNBOUNDED, Person, Served, make_run


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    served = Served(make_run(tmp_path_factory.mktemp("scan") / "run", rows=20, budget=8), UNBOUNDED)
    yield served
    served.stop()


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_no_request_brings_a_server_error(desk, mode):
    """Of every operation some requests that are as its interface says, and some that are not, from a fixed seed."""
    person, answered = Person(desk.app), []
    schema = schemathesis.openapi.from_dict(desk.app.openapi())
    schema.config.update(base_url=desk.address)
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != "/leave":
            _scan(operation, mode, person, answered)
    assert len(answered) > 80
    assert (200 if mode is schemathesis.GenerationMode.POSITIVE else 422) in answered
    assert 429 not in answered


def _scan(operation, mode, person, answered):
    session = {"headers": {"x-csrf-token": person.csrf}, "cookies": dict(person.client.cookies)}

    @seed(0)
    @settings(max_examples=8, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        response = case.call(**session)
        answered.append(response.status_code)
        case.validate_response(response, checks=[not_a_server_error])

    with contextlib.suppress(Unsatisfiable):  # an operation that takes nothing cannot be asked wrongly
        send()
