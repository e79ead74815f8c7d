"""Pictures from arrays and result dataclasses: plotly figures and pixel sprites, never torch."""
