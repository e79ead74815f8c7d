"""What a drawn chart is: an option for Apache ECharts, as JSON has it, and its height."""

from dataclasses import dataclass
from typing import Any

Option = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that any ECharts draws: ``st.echarts_chart``, pyecharts, or the library itself.

    Attributes:
        option: https://echarts.apache.org/en/option.html, of plain JSON values.
        height: Pixels it is laid out for; the width is free.
    """

    option: Option
    height: int
