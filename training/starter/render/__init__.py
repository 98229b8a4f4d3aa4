"""Renders the training pictures: a scene per kind of thing, by formula, in Blender's Cycles (the PyPI package `bpy`)."""
