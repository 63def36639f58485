"""Several workers of one server, and their end."""

import os
import time

from uvicorn.supervisors import Multiprocess

STEP_SECONDS = 0.1


class Supervisor(Multiprocess):
    """uvicorn's own, but for one thing: what is signalled while the workers end is passed on to them.

    They may take their time over it, for a balancer or for callers, and whoever signals again does not want to wait.
    """

    def join_all(self) -> None:
        """Wait until the last worker has ended."""
        while alive := [each.process for each in self.processes if each.process.is_alive()]:
            while self.signal_queue:
                number = self.signal_queue.pop(0)
                for worker in alive:
                    if worker.pid is not None:
                        os.kill(worker.pid, number)
            time.sleep(STEP_SECONDS)
        super().join_all()
