"""Pictures from arrays and result dataclasses: Plotly figures and pixel sprites, never torch."""
