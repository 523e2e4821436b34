"""Replications on a Dask cluster, behind the same executor's seam as on this machine's processes.

The plan goes to every worker once; a worker that joins later fetches it from another one. What is
lost with a worker, Dask runs again elsewhere; what is lost with the data of a plan, we do.
"""

from __future__ import annotations

import platform
import threading
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sim
from sim.errors import RunError, UsageError
from sim.experiment.executors import Spread
from sim.experiment.jobs import Done, Job, run_one

#: Seconds to wait for the scheduler to answer.
_ANSWER_S = 10
#: What must be of the same version everywhere, that results are the same bytes.
_ALIKE = ("numpy", "scipy", "simpy", "pyarrow", "pydantic")


class Cluster(Spread):
    """The workers of a Dask cluster."""

    def __init__(self, address: str) -> None:
        """Connect to the scheduler at ``address``, such as ``tcp://10.0.0.1:8786``.

        Raises:
            UsageError: Dask is not installed here, nobody answers, there are no workers, or a
                worker has another Postroad, Python or package than this process.
        """
        try:
            import distributed
        except ImportError:
            raise UsageError(
                "--cluster needs Dask: install it with  pip install 'postroad[cluster]'"
            ) from None
        self.address = address
        client: Any = distributed.Client  # it has no types
        try:
            self._client = client(address, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"no Dask scheduler answers at {address}: {said}") from None
        try:
            super().__init__(len(self._check_workers()))
            self._executor = self._client.get_executor(pure=False)
        except BaseException:
            self._client.close()
            raise
        self._sent: tuple[Job, Any] | None = None

    def _check_workers(self) -> list[str]:
        try:
            found = self._ask_versions()
        except Exception as error:
            raise UsageError(
                f"the workers of {self.address} cannot run Postroad ({error}): install postroad "
                f"{sim.__version__} there"
            ) from None
        if not found:
            raise UsageError(f"the cluster at {self.address} has no workers: start some first")
        mine = versions_here()
        wrong = [
            f"{worker} has {name} {theirs.get(name)}, here it is {mine[name]}"
            for worker, theirs in sorted(found.items())
            for name in mine
            if theirs.get(name) != mine[name]
        ]
        if wrong:
            more = f", and {len(wrong) - 5} more" if len(wrong) > 5 else ""
            raise UsageError(
                "results could differ from those of this machine: " + "; ".join(wrong[:5]) + more
            )
        return list(found)

    def _ask_versions(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = self._client.run(versions_here)
        return found

    def submit(self, job: Job, replications: tuple[int, ...]) -> Future[list[Done]]:
        """See :meth:`Spread.submit`."""
        if self._sent is None or self._sent[0] is not job:
            self._sent = job, self._client.scatter(job, broadcast=True, hash=False)
        task: Future[list[Done]] = self._executor.submit(run_block, self._sent[1], replications)
        return task

    def recover(self) -> None:
        """See :meth:`Spread.recover`."""
        self._sent = None
        if self._client.status != "running" or not self._client.scheduler_info()["workers"]:
            raise RunError(
                f"the cluster at {self.address} is gone; what was finished is kept: run again with "
                "--resume"
            )

    def explain(self, error: BaseException) -> BaseException:
        """See :meth:`Spread.explain`."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return RunError(
                "several workers of the cluster died at the same replications (out of memory, or "
                "killed); what was finished is kept: run again with --resume"
            )
        return error

    def close(self) -> None:
        """Let go of the cluster, which goes on."""
        self._sent = None
        self._client.close()


#: A worker may have several threads; the engine holds the interpreter anyway.
_one_at_a_time = threading.Lock()


def run_block(job: Job, replications: tuple[int, ...]) -> list[Done]:
    """Run replications on a worker."""
    with _one_at_a_time:
        return [run_one(job, replication) for replication in replications]


def versions_here() -> dict[str, str]:
    """Return the versions that decide the bytes of a result in this process."""
    found = {"postroad": sim.__version__, "Python": platform.python_version()}
    for name in _ALIKE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found
