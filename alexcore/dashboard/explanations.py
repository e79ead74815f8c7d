"""What each page explains beside its title, with the sections of the paper."""

_PAPER = (
    "[Krizhevsky, Sutskever and Hinton, 2012]"
    "(https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks)"
)
EXPLANATIONS = {
    "architecture": f"""
A picture runs through five convolutions and three fully connected layers. A convolution looks
through a small window, the same everywhere: few weights, much arithmetic. A fully connected layer
looks at everything at once: many weights, little arithmetic.

- **Mult-adds**: multiplications, each with its addition, for one picture.
- **Receptive field**: the side, in pixels, of the square of the picture that one cell sees.
- **Jump**: how many pixels further the next cell's square lies.

In the paper this is section 3.5 and figure 2; local response normalisation is section 3.3,
overlapping pooling section 3.4. {_PAPER}
""",
    "training": f"""
**Loss** is the cross-entropy of the predictions, **accuracy** the share of correct ones;
training is measured while the net learns, with dropout on, validation after each epoch on pictures
it never trains on. A **configuration** is a model and a batch size: what runs of other seeds share.

- Curves stand over *images seen*: batch 8 takes two steps where batch 16 takes one.
- **Smoothing** is TensorBoard's exponential mean, with its half-life counted in images.
- A **band** spans the lowest and the highest seed. The finding's interval is Student's t over the
  seeds' paired differences.

The recipe is the article's, with momentum: SGD at 0.01, and 0.003 after epoch 18. The shipped runs
had one dropout more than the article's nets, before fc6 too. The paper's own recipe, with batches
of 128, momentum 0.9 and weight decay 0.0005, is its section 5; dropout is section 4.2.
{_PAPER}
""",
    "feature_maps": f"""
A channel is one kernel slid over what the layer before it gave; its map is bright where the window
holds what the kernel looks for. The kernels of conv1 are the paper's figure 3: edges, blobs and
colours. Further on a cell sees more of the picture and the channels answer to parts of things.

- **relu** turns what is below 0 into 0 (section 3.1): those cells are black.
- **pool** keeps the strongest of 3 × 3 cells, every second cell (section 3.4).
- **Per channel** scales each map by its own range, **per layer** all by one, **fixed range** by the
  layer's over all samples.
- **Show the arithmetic**, below a channel, takes one cell apart and leads from a class to pixels.
- **Side by side** compares two nets, or two pictures: their maps, channels and layers.
- **Why** asks which parts of the picture raise (red) or lower (blue) the score of a class, by
  several methods, and whether those parts count.
- **What if** takes channels away, or covers, turns and shifts the picture.
- **Through time** shows the same at the epochs that training kept.
- **Units** names channels after the part of the drawn pictures they answer to.

{_PAPER}
""",
    "retrieval": f"""
The last hidden layer is what the net has made of a picture just before it names a class. Pictures
that drive it alike lie near each other there, by Euclidean distance, even where their pixels do not
match: section 6.1 of the paper and the right of its figure 4.

- A **tick** marks a neighbour of the query's class. Where nobody has said what the query is, a
  **dot** marks one of the class the net predicts for it.
- **Exact copies** are folded: a picture that finds itself says nothing.
- **Quality** asks with every validation picture, against pixels and against chance.

{_PAPER}
""",
}
"""{page: Markdown}."""
