"""How many processes train and where: one, or as many as torchrun started."""

from lightning_fabric import Fabric

from alexcore.devices import select_device
from alexcore.runs.config import Precision
from alexcore.settings import get_process


def create_fabric(device: str = "auto", precision: Precision = "32-true") -> Fabric:
    """Return a launched Fabric on one device, or this process's part of a torchrun.

    torchrun says through the environment how many processes there are, on how many hosts; they
    talk over gloo on CPUs and NCCL on GPUs.

    Args:
        device: As for ``select_device``.
        precision: As Lightning Fabric names them, from ``settle_precision``.

    Raises:
        AlexcoreError: The named device is not on this machine.
    """
    process = get_process()
    fabric = Fabric(
        accelerator=select_device(device).type,
        devices=process.local_world,
        num_nodes=process.world // process.local_world,
        strategy="ddp" if process.world > 1 else "auto",
        precision=precision,  # type: ignore[arg-type]  # auto is settled by now
    )
    fabric.launch()
    return fabric
