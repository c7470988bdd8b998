"""Where limits are counted, with a real store; and whose word about addresses is believed."""

from dataclasses import replace

import pytest

pytestmark = pytest.mark.sqlite_only("no query is made")


def test_one_process_that_counts_for_itself_is_fine(fine):
    assert "in the one process" in fine("limiter")


def test_several_that_would_count_each_for_themselves_are_told(problem, settings):
    message = problem("limiter", replace(settings, workers=3))
    assert message.startswith("3 workers would each count limits for themselves")
    assert "RATELIMIT_STORAGE_URI=redis://" in message


def test_store_that_answers_is_fine(fine, settings, valkey_url):
    shared = replace(settings, workers=3, ratelimit_storage_uri=valkey_url)
    assert fine("limiter", shared).startswith("The shared store answers")


def test_store_that_is_away_is_told(problem, settings, own_valkey):
    shared = replace(settings, ratelimit_storage_uri=own_valkey.connection_url)
    own_valkey.stop()
    message = problem("limiter", shared)
    assert "does not answer: start it" in message
    assert "each process counts for itself" in message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
@pytest.mark.parametrize("hops", [0, 1])
def test_address_of_this_machine_is_fine(fine, settings, host, hops):
    message = fine("proxy", replace(settings, host=host, trusted_proxies=hops))
    assert ("set TRUSTED_PROXIES=1" in message) is (hops == 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "feedback.example.com"])
def test_address_of_the_network_without_a_proxy_is_told(warning, settings, host):
    message = warning("proxy", replace(settings, host=host))
    assert "is open to the network, without TLS" in message
    assert "HOST=127.0.0.1 and TRUSTED_PROXIES=1" in message


def test_address_of_the_network_behind_a_proxy_is_fine_with_a_caution(fine, settings):
    message = fine("proxy", replace(settings, host="0.0.0.0", trusted_proxies=2))
    assert "only the proxy reaches that port" in message
