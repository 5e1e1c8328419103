"""Series of figures: change points, trends, and what a figure suspects."""
