"""A model for other programs: ONNX, checked by running it again."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.extras import describe_install, has_extra

_TOLERANCE = 1e-4


def export_onnx(model: nn.Module, size: int) -> bytes:
    """Return a model as an ONNX file with a dynamic batch, its outputs compared with torch's.

    Args:
        model: In evaluation mode, on the CPU.
        size: Side of the input in pixels.

    Raises:
        ModelError: The extra "onnx" is not installed, ONNX cannot express the model, or its outputs
            differ by more than 0.0001.
    """
    if not has_extra("onnx"):
        raise ModelError(f"ONNX files need packages that are not here: {describe_install('onnx')}.")
    import onnxruntime

    example = torch.zeros(2, 3, size, size)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        try:
            program = torch.onnx.export(
                model,
                (example,),
                dynamo=True,
                input_names=["x"],
                output_names=["logits"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                verbose=False,
            )
            if program is None:
                raise ModelError("torch gave no ONNX program.")
            program.save(path)
        except torch.onnx.OnnxExporterError as error:
            raise ModelError(f"ONNX cannot express this model: {error}") from error
        data = path.read_bytes()
    x = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"x": x.numpy()})
    with torch.inference_mode():
        difference = float((model(x) - torch.from_numpy(theirs)).abs().max())
    if difference > _TOLERANCE:
        raise ModelError(f"the ONNX file's outputs differ from torch's by {difference:g}.")
    return data
