"""Blender's side: materials, lights, camera, and one rendered picture with a clear background."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy  # pyright: ignore[reportMissingImports]
import human
import mathutils  # pyright: ignore[reportMissingImports]
import numpy as np
from camera import View, hands_of
from dress import Figure, Lock, Mesh, make_figure
from human import Points
from PIL import Image
from sample import FULL_LENGTH, Selfie

# Watts of the main light and strength of the light from all around.
LIGHT = {
    "soft": (22, 0.55), "bright": (40, 0.85), "dark": (7, 0.16), "harsh": (70, 0.25),
    "flash": (1, 0.12),
}  # fmt: skip
RIM = {"gold": (1, 0.8, 0.5), "blue": (0.6, 0.8, 1), "white": (1, 1, 1)}


def figures_of(selfie: Selfie, view: View, size: int) -> list[Figure]:
    """Return the people of a selfie as geometry, with as much detail as the photo shows."""
    far = selfie.kind in FULL_LENGTH or len(selfie.people) > 2
    detail = (0.6 if far else 1.0) * max(1.0, size / 256)
    return [
        make_figure(person, look, hands_of(selfie, look, view), view.at, detail=detail)
        for person, look in selfie.people
    ]


class Studio:
    """A Blender scene that draws one selfie after another."""

    def __init__(self, size: int, *, samples: int, threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.size, self.scene = size, bpy.context.scene
        _set_up(self.scene, size, samples, threads)
        world = bpy.data.worlds.new("world")
        self.scene.world = world
        world.use_nodes = True
        self.sky = world.node_tree.nodes["Background"]
        self.materials = {
            "skin": _material("skin", 0.48, 0.45, bump=0.12),
            "cloth": _cloth(),
            "eye": _material("eye", 0.08, 0.6),
            "hair": _material("hair", 0.38, 0.35),
            "gloss": _material("gloss", 0.12, 0.6),
            "teeth": _material("teeth", 0.25, 0.5),
            "felt": _material("felt", 0.85, 0.2),
        }

    def draw(self, selfie: Selfie, figures: list[Figure], view: View) -> Image.Image:
        """Return the people as RGBA, clear where the background will be."""
        data = bpy.data
        for kind in (data.objects, data.meshes, data.hair_curves, data.lights, data.cameras):
            data.batch_remove(list(kind))
        for figure in figures:
            for mesh in figure.meshes:
                self._add_mesh(mesh)
            for lock in figure.locks:
                self._add_lock(lock, selfie.seed)
        self._aim(view)
        self._light(selfie, view)
        self.scene.cycles.seed = selfie.seed
        with tempfile.TemporaryDirectory() as folder, _quiet():
            path = Path(folder) / "people.png"
            self.scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
            with Image.open(path) as picture:
                return picture.convert("RGBA")

    def _add_mesh(self, mesh: Mesh) -> None:
        made = bpy.data.meshes.new(mesh.name)
        count, corners = mesh.faces.shape
        made.vertices.add(len(mesh.vertices))
        made.vertices.foreach_set("co", _flat(_to_blender(mesh.vertices)))
        made.loops.add(count * corners)
        made.loops.foreach_set("vertex_index", mesh.faces.astype(np.int32).ravel())
        made.polygons.add(count)
        starts = np.arange(0, count * corners, corners, dtype=np.int32)
        made.polygons.foreach_set("loop_start", starts)
        made.polygons.foreach_set("use_smooth", np.full(count, mesh.smooth))
        for name, value in ({"colour": mesh.colour} | mesh.attributes).items():
            if name != "colour" and value.ndim == 1:
                made.attributes.new(name, "FLOAT", "POINT").data.foreach_set("value", _flat(value))
            else:
                rgba = np.ones((len(mesh.vertices), 4))
                rgba[:, :3] = value
                layer = made.color_attributes.new(name, "FLOAT_COLOR", "POINT")
                layer.data.foreach_set("color", _flat(rgba))
        made.materials.append(self.materials[mesh.material])
        made.update()
        thing = self._place(mesh.name, made)
        if mesh.subdivide:
            smooth = thing.modifiers.new("smooth", "SUBSURF")
            smooth.levels = smooth.render_levels = mesh.subdivide

    def _add_lock(self, lock: Lock, seed: int) -> None:
        count, steps, _ = lock.strands.shape
        made = bpy.data.hair_curves.new(lock.name)
        made.add_curves([steps] * count)
        made.points.foreach_set("position", _flat(_to_blender(lock.strands)))
        radius = np.tile(np.linspace(1, 0.35, steps), count) * lock.radius
        made.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", _flat(radius))
        rng = np.random.default_rng([seed, 5])
        rgba = np.ones((count, steps, 4))
        shine = rng.uniform(0.65, 1.35, (count, 1)) * np.linspace(0.7, 1.15, steps)
        rgba[..., :3] = lock.colour * shine[..., None]
        layer = made.attributes.new("colour", "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", _flat(rgba))
        made.materials.append(self.materials["hair"])
        self._place(lock.name, made)

    def _place(self, name: str, data: object) -> "bpy.types.Object":
        thing = bpy.data.objects.new(name, data)
        self.scene.collection.objects.link(thing)
        return thing

    def _aim(self, view: View) -> None:
        camera = bpy.data.cameras.new("camera")
        camera.angle = 2 * np.arctan(view.half)
        camera.clip_start = 0.02
        thing = self._place("camera", camera)
        self.scene.camera = thing
        matrix = np.eye(4)
        axes = (view.right, view.up, -view.ahead, view.at)
        matrix[:3] = np.stack([_to_blender(axis) for axis in axes], axis=1)
        thing.matrix_world = mathutils.Matrix(matrix.tolist())

    def _light(self, selfie: Selfie, view: View) -> None:
        watts, around = LIGHT[selfie.lighting]
        tint = np.array([1, 0.90, 0.77]) if selfie.warm else np.array([1, 0.97, 0.93])
        self.sky.inputs[0].default_value = (*(tint * np.array([0.95, 1, 1.08])), 1)
        self.sky.inputs[1].default_value = around
        way = np.array([np.sin(selfie.key_side), selfie.key_height, np.cos(selfie.key_side)])
        small = selfie.lighting == "harsh"
        self._lamp(human.EYES + 1.6 * way, watts, 0.15 if small else 1.2, tint)
        if selfie.lighting == "flash":
            watts = 14 * max(0.2, selfie.dist) ** 2
            self._lamp(view.at + np.array([0.02, 0.03, 0]), watts, 0.03, np.ones(3))
        if selfie.rim:
            side, colour = selfie.rim
            place = human.EYES + np.array([side, 0.6, -1.2])
            watts = 30 * min(1.0, around / 0.55)  # no brighter than the room it is in
            self._lamp(place, watts, 0.6, np.array(RIM[colour]))

    def _lamp(self, place: Points, watts: float, size: float, colour: Points) -> None:
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy, lamp.size, lamp.color = watts, size, tuple(colour)
        thing = self._place("lamp", lamp)
        thing.location = _to_blender(place).tolist()
        way = mathutils.Vector(_to_blender(human.EYES - place).tolist())
        thing.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()


def _to_blender(points: Points) -> Points:
    """Return points in Blender's axes, where z is up."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def _flat(values: Points) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32).ravel()


def _set_up(scene: "bpy.types.Scene", size: int, samples: int, threads: int) -> None:
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", samples
    fine = samples >= 48
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.015 if fine else 0.03
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_quality = "HIGH" if fine else "FAST"
    cycles.denoising_prefilter = "ACCURATE" if fine else "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 2
    cycles.transparent_max_bounces = 4
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.cycles_curves.shape = "RIBBONS"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.film_transparent = True
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform = "Standard"
    picture = scene.render.image_settings
    picture.file_format, picture.color_mode, picture.compression = "PNG", "RGBA", 0


def _material(
    name: str, roughness: float, specular: float, *, bump: float = 0.0
) -> "bpy.types.Material":
    """Return a material that takes its colour from the surface's points."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular IOR Level"].default_value = specular
    links.new(_attribute(nodes, "colour").outputs["Color"], surface.inputs["Base Color"])
    if bump:  # pores
        noise = nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = 260
        relief = nodes.new("ShaderNodeBump")
        relief.inputs["Strength"].default_value = bump
        relief.inputs["Distance"].default_value = 0.002
        links.new(noise.outputs[0], relief.inputs["Height"])
        links.new(relief.outputs[0], surface.inputs["Normal"])
    return material


def _cloth() -> "bpy.types.Material":
    """Return cloth that is clear where `cut` is below 0 and striped by the sine of `stripe`."""
    material = _material("cloth", 0.9, 0.2)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    surface = nodes["Principled BSDF"]

    def above(value: object, least: float) -> object:
        node = nodes.new("ShaderNodeMath")
        node.operation = "GREATER_THAN"
        node.inputs[1].default_value = least
        links.new(value, node.inputs[0])
        return node.outputs[0]

    links.new(above(_attribute(nodes, "cut").outputs["Fac"], -1e-6), surface.inputs["Alpha"])
    sine = nodes.new("ShaderNodeMath")
    sine.operation = "SINE"
    links.new(_attribute(nodes, "stripe").outputs["Fac"], sine.inputs[0])
    mix = nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    links.new(above(sine.outputs[0], 0), mix.inputs["Factor"])
    links.new(_attribute(nodes, "colour").outputs["Color"], mix.inputs[6])
    links.new(_attribute(nodes, "second").outputs["Color"], mix.inputs[7])
    links.new(mix.outputs[2], surface.inputs["Base Color"])
    return material


def _attribute(nodes: "bpy.types.Nodes", name: str) -> "bpy.types.ShaderNode":
    node = nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what Blender prints from C to nowhere."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
