"""What a seed gives while other threads draw, and what drawing leaves behind."""

from threading import Event, Thread

import torch

from alexcore.seeding import seeded


def _draw(seed: int) -> list[float]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(4, generator=generator).tolist()


def test_threads_do_not_mix_their_numbers() -> None:
    came_in, may_go_on = Event(), Event()
    found: dict[int, list[float]] = {}

    def draw() -> None:
        with seeded(2):
            first = torch.rand(2).tolist()
            came_in.set()
            may_go_on.wait(10)
            found[2] = first + torch.rand(2).tolist()

    other = Thread(target=draw)
    with seeded(1):
        first = torch.rand(2).tolist()
        other.start()
        came_in.wait(0.3)  # time enough, if it were let in
        found[1] = first + torch.rand(2).tolist()
        may_go_on.set()
    other.join()
    assert found == {1: _draw(1), 2: _draw(2)}


def test_the_generator_goes_on_as_if_nothing_was_drawn() -> None:
    torch.manual_seed(5)
    with seeded(7):
        assert torch.rand(4).tolist() == _draw(7)
    assert torch.rand(4).tolist() == _draw(5)
