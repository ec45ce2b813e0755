"""The worker process: the scheduler, harvests, the index, housekeeping."""

import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from types import FrameType
from typing import TYPE_CHECKING, Final

from federation.records import Peer, RunState
from node.orphan import end_with_parent
from node.runtime import Runtime, open_runtime
from node.services import uploads
from node.services.alerts import send_due
from node.services.attachments import sweep
from node.services.drafts import publish_due
from node.services.federate import harvest_peer
from node.services.following import forget_unconfirmed
from node.services.indexer import Indexer
from node.services.notify import tell
from node.services.observations import forget_old
from node.services.pushing import Pusher
from node.services.worker_state import beat
from node.settings import load

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 5
BEAT_SECONDS: Final = 10
PUSH_SECONDS: Final = 5
NOTICE_SECONDS: Final = 10
ALERT_SECONDS: Final = 10
PUBLISH_SECONDS: Final = 20
CHECKPOINT_SECONDS: Final = 60


class Worker:
    """The jobs of one worker; several workers may share one database (leases keep them apart)."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stop = threading.Event()
        self._indexer = Indexer(runtime)
        self._pusher = Pusher(runtime)
        workers = runtime.settings.harvest_workers
        self._harvesters = ThreadPoolExecutor(workers, thread_name_prefix="harvest")
        self._busy: set[int] = set()
        self._scheduler = self._schedule()

    def _schedule(self) -> "BackgroundScheduler":
        # APScheduler reads the zone files when it is imported; only a worker needs that.
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True})
        scheduler.add_job(self._tick, "interval", seconds=TICK_SECONDS, max_instances=1)
        scheduler.add_job(self._push, "interval", seconds=PUSH_SECONDS, max_instances=1)
        scheduler.add_job(self._tell, "interval", seconds=NOTICE_SECONDS, max_instances=1)
        scheduler.add_job(self._follow, "interval", seconds=ALERT_SECONDS, max_instances=1)
        scheduler.add_job(self._publish, "interval", seconds=PUBLISH_SECONDS, max_instances=1)
        scheduler.add_job(self._forget, "interval", hours=1, max_instances=1)
        scheduler.add_job(self._beat, "interval", seconds=BEAT_SECONDS)
        scheduler.add_job(
            self._runtime.store.checkpoint, "interval", seconds=CHECKPOINT_SECONDS, max_instances=1
        )
        return scheduler

    def run(self) -> None:
        """Work until `stop` is called."""
        self._beat()
        self._runtime.journal.retry_stubs()  # an upgrade may accept what was put aside before it
        self._indexer.start()
        self._scheduler.start()
        self._stop.wait()
        self._scheduler.shutdown(wait=True)
        self._harvesters.shutdown(wait=True)
        self._indexer.stop()
        self._runtime.close()

    def stop(self) -> None:
        """End a running harvest after its page, then everything else."""
        self._stop.set()

    def _beat(self) -> None:
        beat(self._runtime.settings)

    def _push(self) -> None:
        """Push to the hub what is new; a hub that cannot be reached holds nothing else up."""
        done = self._pusher.tick()
        if done is not None and done.refused:
            log.warning("%s refused %d of %d entries", done.target, len(done.refused), done.sent)

    def _tell(self) -> None:
        """Tell the operator by mail and webhook what has happened."""
        tell(self._runtime)

    def _follow(self) -> None:
        """Send digests of the searches that somebody follows."""
        send_due(self._runtime, self._stop.is_set)

    def _publish(self) -> None:
        """Publish the drafts whose time has come."""
        publish_due(self._runtime)

    def _forget(self) -> None:
        """Delete what is kept no longer: old observations, unconfirmed addresses, files."""
        forget_old(self._runtime)
        forget_unconfirmed(self._runtime)
        sweep(self._runtime)
        uploads.sweep(self._runtime.settings)

    def _tick(self) -> None:
        """Hand the peers that are due to the harvesters that are free."""
        free = self._runtime.settings.harvest_workers - len(self._busy)
        for peer, lease in self._runtime.peers.claim_due(0 if self._stop.is_set() else free):
            self._busy.add(peer.id)
            self._harvesters.submit(self._harvest, peer, lease)

    def _harvest(self, peer: Peer, lease: str) -> None:
        try:
            run = harvest_peer(self._runtime, peer, lease=lease, stop=self._stop)
        except Exception:  # nobody waits for this thread: what went wrong must not go unsaid
            log.exception("the harvest of %s broke off", peer.url)
            return
        finally:
            self._busy.discard(peer.id)
        level = logging.WARNING if run.state is RunState.FAILED else logging.INFO
        said = "harvested %s: %s, announced %d, refused %d"
        log.log(level, said, peer.url, run.state, run.announced, run.refused)


def main() -> None:
    """Run the worker of the node that LONJA_DATA names until it is told to stop."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    end_with_parent()
    worker = Worker(open_runtime(load()))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()


if __name__ == "__main__":
    main()
