"""What each channel of each layer sees in the picture."""

import streamlit as st

from alexcore.figures.bars import plot_classes
from alexcore.figures.sprites import create_heatmap, create_sprite, encode_png, plan_grid
from ui.cache import get_model, get_picture, get_seen
from ui.errors import errors_shown
from ui.inputs import pick_layer
from ui.state import get_image_choice, get_model_choice

choice, image = get_model_choice(), get_image_choice()
st.title("Feature maps")
st.markdown(
    "Each tile is one channel of a layer: bright where the picture holds what it looks for."
)

with errors_shown():
    seen = get_seen(choice, image)
    loaded = get_model(choice)
    node = pick_layer(loaded, seen)
    maps = seen.activations[node]
    side, main = st.columns([1, 3])
    with side:
        picture = get_picture(image, choice.preset)
        st.image(
            picture.pixels,
            caption=f"What the net receives: {choice.preset.crop} × {choice.preset.crop} pixels",
            width="stretch",
            alt=f"The centre of {image.name}, as the net receives it",
        )
        st.markdown("**What it decides**")
        st.plotly_chart(
            plot_classes(
                [p.label for p in seen.predictions], [p.probability for p in seen.predictions]
            ),
            key="classes",
            alt="The likeliest classes and their probabilities",
            config={"displayModeBar": False},
        )
    with main:
        channels, height, width = maps.shape
        signed = bool(maps.min() < 0)
        grid = plan_grid(channels, height)
        sprite = encode_png(create_sprite(maps, grid, signed=signed, gamma=0.7))
        st.image(
            sprite,
            caption=f"{loaded.labels[node]}: {channels} channels of {height} × {width}",
            width="stretch",
            alt=f"All {channels} channels of {loaded.labels[node]} for {image.name}",
        )
        st.download_button(
            "Download this picture",
            sprite,
            f"{image.name}-{choice.name}-{loaded.labels[node]}.png",
            "image/png",
            on_click="ignore",
            icon=":material/download:",
        )

    st.subheader("Three stages, all channels summed")
    st.markdown("The article's view: the sum over the channels after each of its three stages.")
    paths = {label: path for path, label in loaded.labels.items()}
    stages = st.grid(columns=3, min_column_width=100)
    for label in ("pool1", "pool2", "pool5"):
        stage = seen.activations[paths[label]]
        stages.image(
            encode_png(create_heatmap(stage.sum(axis=0), 390)),
            caption=f"{label}: {stage.shape[0]} channels of {stage.shape[1]} × {stage.shape[2]}",
            width="stretch",
            alt=f"Sum over the channels of {label}",
        )
