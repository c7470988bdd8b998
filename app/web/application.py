"""Flask, with our order of members in answers, and rules that compile at first use."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from app.web.url_rules import LazyRule


class OrderedJSON(DefaultJSONProvider):
    """Members stay in the order they were written in."""

    sort_keys = False


class Application(Flask):
    json_provider_class = OrderedJSON
    url_rule_class = LazyRule
