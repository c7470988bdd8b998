"""What deploy/ hands out agrees with the service."""

import re
from pathlib import Path

from app.config import read_settings

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_nginx_takes_bodies_as_large_as_the_service_and_no_larger():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    named = re.findall(
        r"client_max_body_size (\d+);|client_body_buffer_size (\d+);|at most (\d+) bytes", text
    )

    assert len(named) == 3
    assert {"".join(groups) for groups in named} == {str(read_settings({}).max_body_bytes)}
