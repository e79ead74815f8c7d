"""What one epoch hands to the next, made anew or read from ``last.ckpt``, which resumes a run."""

import io
from dataclasses import astuple, dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from alexcore.errors import CheckpointError, TrainingError
from alexcore.files import replacing
from alexcore.runs.config import TrainConfig, restore_config
from alexcore.runs.history import Epoch
from alexcore.runs.layers import LayerEpoch
from alexcore.runs.run import HISTORY_FILE, RESUME_FILE, Run
from alexcore.training.first_weights import create_net, group_parameters, load_start
from alexcore.weights.classifier_keys import V01_CHANGES, is_from_v01


@dataclass(slots=True)
class State:
    """A net in training.

    Attributes:
        model: The net.
        forward: The same net as Fabric wraps it; both share their parameters.
        optimizer: Of its parameters, as Fabric wraps it.
        rows: The epochs done.
        layers: What happened in each layer in them.
        average: The exponential mean of the net's weights, where one is kept.
    """

    model: nn.Module
    forward: nn.Module
    optimizer: torch.optim.Optimizer
    rows: list[Epoch]
    layers: list[LayerEpoch]
    average: AveragedModel | None

    @property
    def result(self) -> nn.Module:
        """The net that is judged and kept: the mean of the weights where there is one."""
        result: nn.Module = self.average.module if self.average else self.model
        return result


def create_state(run: Run, fabric: Fabric, saved: dict[str, Any] | None) -> State:
    """Build the net and its optimizer from the seed, or as ``read_checkpoint`` found them."""
    config = run.config
    old = saved and is_from_v01(saved["model"], config.model)
    model = create_net(config, len(run.classes), **V01_CHANGES[config.model] if old else {})
    optimizer = torch.optim.SGD(
        group_parameters(model, config),
        config.lr,
        momentum=config.momentum,
        fused=fabric.device.type in ("cpu", "cuda"),  # one pass over the weights instead of three
    )
    rows: list[Epoch] = []
    layers: list[LayerEpoch] = []
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        rows = [Epoch(*row) for row in saved["rows"]]
        layers = [LayerEpoch(*row) for row in saved.get("layers", ())]  # none in version 0.1
    else:
        load_start(model, config, len(run.classes))
    model = model.to(memory_format=torch.channels_last)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    average = _create_average(model, config, saved) if config.average else None
    return State(model, _compile(config, wrapped, fabric), wrapped_optimizer, rows, layers, average)


def _create_average(
    model: nn.Module, config: TrainConfig, saved: dict[str, Any] | None
) -> AveragedModel:
    mean = get_ema_multi_avg_fn(config.average)  # type: ignore[no-untyped-call]
    average = AveragedModel(model, multi_avg_fn=mean)
    if saved:
        average.load_state_dict(saved["average"])
    return average


def _compile(config: TrainConfig, model: nn.Module, fabric: Fabric) -> nn.Module:
    """Compile when asked; on a GPU into CUDA graphs, as small batches there wait for launches."""
    if not config.compile:
        return model
    mode = "reduce-overhead" if fabric.device.type == "cuda" else "default"
    compiled: nn.Module = torch.compile(model, mode=mode)  # type: ignore[assignment]
    return compiled


def save_checkpoint(run: Run, state: State) -> None:
    """Write what a resume needs."""
    saved = io.BytesIO()  # straight to a full disk torch.save fails with an error of its own
    torch.save(
        {
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "rows": [astuple(row) for row in state.rows],
            "layers": [astuple(row) for row in state.layers],
            "average": state.average and state.average.state_dict(),
            "config": run.config.to_dict(),
            "fingerprint": run.dataset["fingerprint"],
        },
        saved,
    )
    with replacing(run.folder / RESUME_FILE) as partial:
        partial.write_bytes(saved.getbuffer())


def read_checkpoint(run: Run) -> dict[str, Any] | None:
    """Return what the last whole epoch of this very training left, None when none was completed.

    Raises:
        CheckpointError: The run is finished, was of another configuration, or is damaged.
    """
    path = run.folder / RESUME_FILE
    if not path.exists():
        if (run.folder / HISTORY_FILE).exists():
            raise CheckpointError(f"there is nothing to resume in {run.folder}: it is finished.")
        return None
    try:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises whatever the bytes lead it to
        raise CheckpointError(f"{path} is damaged ({error}); start the run anew.") from error
    before = restore_config(saved["config"]).to_dict()
    ours = run.config.to_dict()
    changed = [k for k, v in ours.items() if before[k] != v]
    if run.config.schedule == "step" and "epochs" in changed:
        changed.remove("epochs")  # the rates of the epochs done are the same for any number
    if changed:
        began = " ".join(_write_option(name, before[name]) for name in changed)
        raise CheckpointError(
            f"{run.folder} was started otherwise: {', '.join(changed)} differ. Resume it with what "
            f"it began with ({began}), or use another name."
        )
    if saved["fingerprint"] != run.dataset["fingerprint"]:
        raise CheckpointError(
            f"{run.folder} was started otherwise: the pictures differ. Resume it with those it "
            "began with, or use another name."
        )
    return saved


def _write_option(name: str, value: Any) -> str:
    """Return a choice as the command takes it; one of None or ``""`` is left out there."""
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{option}" if value else f"--no-{option}"
    return f"no --{option}" if value in (None, "") else f"--{option} {value}"


def require_free(run: Run) -> None:
    """Refuse a folder that holds a run already.

    Raises:
        TrainingError: It does.
    """
    if (run.folder / RESUME_FILE).exists() or (run.folder / HISTORY_FILE).exists():
        raise TrainingError(
            f"{run.folder} already holds a run. Resume it, choose another name, or remove the "
            "folder."
        )
