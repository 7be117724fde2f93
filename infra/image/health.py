"""Whether the dashboard in this container serves: `python health.py <port>`, run by the image's health check and ECS's.

It ends with an error unless `/health` answers 200. The load balancer asks the same from outside.
"""

import sys
import urllib.request

PATIENCE = 4.0  # seconds, less than a health check may take


def main(port: str) -> int:
    """The exit code: 0 when it serves."""
    address = f"http://127.0.0.1:{port}/health"
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{address}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
