import threading

import numpy as np
import pytest
import torch
from PIL import Image

from alexcore.errors import ModelError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_input
from alexcore.images.sandbox import Picture, prepare_picture
from alexcore.inference.model import Inference, LoadedModel, infer, load_model
from alexcore.retrieval.gallery import create_query
from alexcore.runs.run import Run
from alexcore.settings import SAMPLE_IMAGES
from alexcore.sources import create_run_source
from tests.images.test_decode import encode

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model(tiny_run: Run) -> LoadedModel:
    return load_model(create_run_source(tiny_run), CPU)


@pytest.fixture(scope="module")
def inference(model: LoadedModel) -> Inference:
    data = (SAMPLE_IMAGES / "volt.png").read_bytes()
    picture = prepare_picture(data, (255, 255, 255), model.source.preprocessing)
    return infer(model, picture, threading.Lock())


def test_one_pass_gives_what_the_net_itself_gives(model: LoadedModel, inference: Inference) -> None:
    x = to_input(inference.picture.pixels, model.source.preprocessing, CPU)
    with torch.inference_mode():
        conv1 = model.module.get_submodule("features.0")(x)[0]
        logits = model.module(x)[0]
    np.testing.assert_array_equal(inference.find("conv1"), conv1.numpy())
    best = int(logits.argmax())
    assert inference.predictions[0].label == model.classes[best]
    assert inference.predictions[0].probability == pytest.approx(float(logits.softmax(0)[best]))
    assert not any(array.flags.writeable for array in inference.activations.values())


def test_layers_are_found_by_either_name(model: LoadedModel, inference: Inference) -> None:
    assert inference.find("conv2") is inference.find("features.3")
    assert model.names[model.last_hidden] == "relu7"
    with pytest.raises(ModelError, match=r"has no layer 'conv9': conv1, relu1"):
        inference.find("conv9")


def test_an_embedding_is_a_nodes_output_averaged_over_space(inference: Inference) -> None:
    hidden = inference.model.last_hidden
    np.testing.assert_array_equal(inference.embed(hidden).numpy(), inference.activations[hidden])
    pool5 = inference.find("pool5")
    pooled = inference.embed(inference.model.find_node("pool5")).numpy()
    np.testing.assert_allclose(pooled, pool5.mean(axis=(1, 2)), rtol=1e-5)


def test_receptive_fields_are_the_papers(model: LoadedModel) -> None:
    fields = {
        name: model.receptive_fields[node]
        for name, node in model.nodes.items()
        if node in model.receptive_fields
    }
    conv5, fc6 = fields["conv5"], fields["fc6"]
    assert conv5 is not None and (conv5.field, conv5.jump) == (163, 16)
    assert fc6 is None  # the whole picture


def test_the_embedder_and_a_single_pass_agree(model: LoadedModel, inference: Inference) -> None:
    embed = model.create_embedder(model.last_hidden)
    (vector,) = embed(inference.picture.pixels[None].copy())
    np.testing.assert_allclose(vector, inference.embed(model.last_hidden).numpy(), atol=1e-5)


def test_a_picture_of_another_side_is_refused(model: LoadedModel) -> None:
    small = Image.new("RGB", (96, 96))
    black = np.zeros((96, 96, 3), np.uint8)
    picture = Picture(black, black, small, (96, 96), 1, False)
    with pytest.raises(ModelError, match="fc6 is connected to"):
        infer(model, picture, threading.Lock())


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 128, 255)])
def test_a_query_holds_the_crop_that_was_searched(
    model: LoadedModel, background: tuple[int, int, int]
) -> None:
    """Of a picture that is no square and larger than what is shown of it; "Why alike?" asks it."""
    picture = Image.new("RGBA", (1900, 1100), (0, 0, 0, 0))
    picture.paste((200, 40, 40, 255), (700, 300, 1100, 1000))
    data, preprocessing = encode(picture, "PNG"), model.source.preprocessing
    inference = infer(model, prepare_picture(data, background, preprocessing), threading.Lock())
    query = create_query(inference, model.last_hidden, "0" * 64)
    np.testing.assert_array_equal(query.crop, to_array(load_image(data, background), preprocessing))
    again = model.create_embedder(model.last_hidden, threading.Lock())(query.crop[None].copy())[0]
    np.testing.assert_allclose(query.vector.numpy(), again, rtol=1e-4, atol=1e-4)
