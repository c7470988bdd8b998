"""Readers of the metrics."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a token for Prometheus"


@pytest.fixture
def settings(settings):
    return replace(settings, metrics_token=TOKEN)


@pytest.fixture
def scrape(client):
    """The text of /metrics."""

    def read():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return answer.text

    return read


@pytest.fixture
def metric(scrape):
    """`metric("pionne_requests_total", status="200")`: the sum of the samples that fit."""

    def read(name, **labels):
        return sum(
            sample.value
            for family in text_string_to_metric_families(scrape())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    return read
