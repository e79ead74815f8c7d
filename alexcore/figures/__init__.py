"""Pictures from arrays and result dataclasses: ECharts options and pixel sprites, never torch."""
