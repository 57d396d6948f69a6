"""The issuers of all tests, started once and side by side."""

import concurrent.futures
import contextlib

import pytest

import issuers as processes
import programs


@pytest.fixture(scope="session")
def issuers():
    """By name."""
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor() as pool:
        certificates = processes.certify(programs.CERTIFICATES)
        starting = [pool.submit(processes.start, programs.SIGNET, name, programs.WORK, certificates, stack)
                    for name in processes.NAMES]
        yield {future.result().name: future.result() for future in starting}
