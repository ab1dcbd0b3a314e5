"""Blender's side: one scene that draws people, and rooms to be behind them, as linear light."""

import base64
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy  # pyright: ignore[reportMissingImports]
import human
import mathutils  # pyright: ignore[reportMissingImports]
import numpy as np
from camera import View
from dress import Figure, Lock, Surface
from factors import Selfie
from light import LUMINANCE, Environment, balanced, for_blender, irradiance, softened
from materials import Materials, Nodes, new_picture
from meshes import Mesh, Points
from numpy.typing import NDArray
from PIL import Image
from rooms import Box, mesh_of_boxes

# Of each light: what comes from all around, and from a main lamp of some size in metres.
AROUND = {"soft": 0.9, "bright": 1.2, "dark": 0.45, "harsh": 0.5, "flash": 0.3}
KEY = {"soft": (0.4, 0.8), "bright": (0.55, 0.8), "dark": (0.25, 0.6), "harsh": (1.0, 0.15),
       "flash": (0.0, 1.0)}  # fmt: skip
FLASH, MIDDLE = 0.65, 0.88  # of a flash; light on a grey face that the camera exposes to
RIM = {"gold": (1, 0.8, 0.5), "blue": (0.6, 0.8, 1), "white": (1, 1, 1)}
WARM = np.array([1.06, 1.0, 0.89])
ROOM_SAMPLES = 10
FINER = 1.5  # as many more pixels per side are denoised, or hair and skin are smeared
HANG = 8.0  # metres to the backdrop


class Studio:
    """A Blender scene that draws one selfie after another."""

    def __init__(self, size: int, *, samples: int, threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.size, self.samples, self.scene = size, samples, bpy.context.scene
        _set_up(self.scene, threads)
        self.materials = Materials()
        world = bpy.data.worlds.new("world")
        self.scene.world = world
        world.use_nodes = True
        tree = world.node_tree
        self.sky = tree.nodes.new("ShaderNodeTexEnvironment")
        tree.links.new(self.sky.outputs[0], tree.nodes["Background"].inputs[0])

    def draw(
        self,
        selfie: Selfie,
        figures: list[Figure],
        view: View,
        env: Environment,
        behind: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Return a selfie as linear light (S, S, 3), exposed for a grey face.

        Args:
            selfie: Whose light and seed.
            figures: The people.
            view: The camera.
            env: What lights them from all around.
            behind: What the camera sees behind them (S, S, 3).
        """
        self._clear()
        for figure in figures:
            for surface in figure.surfaces:
                self._add_surface(surface)
            for lock in figure.locks:
                self._add_lock(lock)
        self._aim(view)
        self._light(selfie, view, env)
        self._hang(view, behind)
        fine, samples = round(self.size * FINER), max(2, round(self.samples / FINER**2))
        light = self._render(fine, fine, samples, selfie.seed)
        return _reduced(light, self.size)

    def panorama(self, boxes: list[Box], env: Environment, *, width: int) -> Environment:
        """Return what is seen all around from the place of the eyes, (W / 2, W, 3)."""
        self._clear()
        looks: dict[str, list[Box]] = {}
        for box in boxes:  # what glows is apart, or Blender takes all for lamps
            looks.setdefault("glow" if box.glow else box.look, []).append(box)
        for look, alike in looks.items():
            self._add_mesh(look, mesh_of_boxes(alike), _room_material(look), smooth=False)
        picture = new_picture("outside", for_blender(env, 0.0))
        self.sky.image = picture
        camera = bpy.data.cameras.new("camera")
        camera.type, camera.panorama_type = "PANO", "EQUIRECTANGULAR"
        thing = self._place("camera", camera)
        thing.location = _to_blender(np.array([0, human.EYES[1], 0.3])).tolist()
        thing.rotation_euler = (np.pi / 2, 0, np.pi)  # the middle looks to the front
        self.scene.camera = thing
        pixels = self._render(width, width // 2, ROOM_SAMPLES, 0)
        return pixels[:, ::-1].copy()  # seen from within: the person's left is to the right

    def _clear(self) -> None:
        data = bpy.data
        for kind in (data.objects, data.meshes, data.hair_curves, data.lights, data.cameras):
            data.batch_remove(list(kind))
        self.materials.clear()

    def _add_surface(self, surface: Surface) -> None:
        thing = self._add_mesh(surface.name, surface.mesh, self.materials.of(surface.paint))
        if surface.subdivide:
            smooth = thing.modifiers.new("smooth", "SUBSURF")
            smooth.levels = smooth.render_levels = surface.subdivide

    def _add_mesh(
        self, name: str, mesh: Mesh, material: "bpy.types.Material", *, smooth: bool = True
    ) -> "bpy.types.Object":
        made = bpy.data.meshes.new(name)
        made.vertices.add(len(mesh.vertices))
        made.vertices.foreach_set("co", _flat(_to_blender(mesh.vertices)))
        made.loops.add(len(mesh.corners))
        made.loops.foreach_set("vertex_index", mesh.corners.astype(np.int32))
        made.polygons.add(len(mesh.sizes))
        starts = (np.cumsum(mesh.sizes) - mesh.sizes).astype(np.int32)
        made.polygons.foreach_set("loop_start", starts)
        made.polygons.foreach_set("use_smooth", np.full(len(starts), smooth))
        if mesh.uv is not None:
            made.uv_layers.new(name="UVMap").uv.foreach_set("vector", _flat(mesh.uv))
        for key, value in mesh.attributes.items():
            made.attributes.new(key, "FLOAT", "POINT").data.foreach_set("value", _flat(value))
        made.materials.append(material)
        made.update(calc_edges=True)
        return self._place(name, made)

    def _add_lock(self, lock: Lock) -> None:
        count, steps, _ = lock.strands.shape
        made = bpy.data.hair_curves.new(lock.name)
        made.add_curves([steps] * count)
        made.points.foreach_set("position", _flat(_to_blender(lock.strands)))
        radius = np.tile(np.linspace(1, 0.4, steps), count) * lock.radius
        made.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", _flat(radius))
        made.attributes.new("shade", "FLOAT", "CURVE").data.foreach_set("value", _flat(lock.shade))
        made.materials.append(self.materials.of(lock.paint))
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

    def _light(self, selfie: Selfie, view: View, env: Environment) -> None:
        """Light the people; exposed by what falls on a grey face, never by the picture."""
        kind, front = selfie.lighting, view.at - human.EYES
        env = np.minimum(env, np.percentile(env, 99.9) * 4)  # no sun that burns holes
        env = softened(env, 12 if kind in ("soft", "dark") else 2)
        falls = irradiance(env, front, selfie.light_turn)
        above = irradiance(env, np.array([0, 1.0, 0]), 0.0)
        level = max(falls @ LUMINANCE, 0.6 * (above @ LUMINANCE))  # foreheads don't burn out
        env = balanced(env, falls, 0.6) * np.float32(AROUND[kind] * MIDDLE / level)
        tint = WARM if selfie.warm else np.ones(3)
        self.sky.image = new_picture("around", for_blender(env * tint, selfie.light_turn))
        ratio, size = KEY[kind]
        side, height = selfie.key_side, selfie.key_height
        if ratio:
            self._lamp(np.array([np.sin(side), height, np.cos(side)]), ratio, size, tint)
        if kind == "flash":
            way = front + view.up * 0.03 + view.right * 0.02
            self._lamp(way, FLASH, 0.015, np.array([1, 0.97, 0.92]))
        if selfie.rim:
            side, colour = selfie.rim
            self._lamp(np.array([side, 0.6, -1.2]), AROUND[kind], 0.5, np.array(RIM[colour]))

    def _lamp(self, way: Points, ratio: float, size: float, colour: Points) -> None:
        """Add a lamp in a direction from the face; `ratio` of the middle exposure."""
        apart = 1.3
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy = ratio * MIDDLE * np.pi * 4 * apart**2 * 0.8
        lamp.size, lamp.color = size, tuple(colour)
        thing = self._place("lamp", lamp)
        thing.location = _to_blender(human.EYES + way / np.linalg.norm(way) * apart).tolist()
        back = mathutils.Vector(_to_blender(-way).tolist())
        thing.rotation_euler = back.to_track_quat("-Z", "Y").to_euler()

    def _hang(self, view: View, behind: NDArray[np.float32]) -> None:
        """Hang the backdrop up; only the camera sees it, so that hair is drawn against it."""
        n = Nodes("backdrop")
        shine = n.node("Emission")
        texture = n.texture(new_picture("backdrop", behind))
        texture.extension = "EXTEND"
        n.tree.links.new(texture.outputs[0], shine.inputs[0])
        n.tree.links.new(shine.outputs[0], n.out.inputs["Surface"])
        middle, half = view.at + view.ahead * HANG, view.half * HANG
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 1.05  # over the frame's edge
        at = np.array([middle + x * half * view.right + y * half * view.up for x, y in signs])
        uv = signs / 2 + 0.5
        thing = self._add_mesh("backdrop", Mesh(at, np.arange(4), np.array([4]), uv), n.material)
        thing.visible_diffuse = thing.visible_glossy = thing.visible_transmission = False
        thing.visible_shadow = thing.visible_volume_scatter = False

    def _render(self, width: int, height: int, samples: int, seed: int) -> NDArray[np.float32]:
        render, cycles = self.scene.render, self.scene.cycles
        render.resolution_x, render.resolution_y = width, height
        cycles.samples, cycles.seed = samples, seed
        with tempfile.TemporaryDirectory() as folder, _quiet():
            render.filepath = str(Path(folder) / "light.exr")
            bpy.ops.render.render(write_still=True)
            return read_picture(Path(render.filepath))


def read_picture(path: Path) -> NDArray[np.float32]:
    """Return a picture with much light, .exr or the like, (H, W, 3), linear."""
    picture = bpy.data.images.load(str(path))
    width, height = picture.size
    pixels = np.empty(width * height * 4, np.float32)
    picture.pixels.foreach_get(pixels)
    bpy.data.images.remove(picture)
    return pixels.reshape(height, width, 4)[::-1, :, :3].copy()


def read_environment(folder: Path, name: str) -> Environment:
    """Return an environment of the npm package @pmndrs/assets, which holds them as base64."""
    text = (folder / f"{name}.exr.js").read_text()
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", text)
    assert found, f"{name}.exr.js holds no picture"
    with tempfile.NamedTemporaryFile(suffix=".exr") as file:
        file.write(base64.b64decode(found[1]))
        file.flush()
        env = read_picture(Path(file.name))
    return np.nan_to_num(env, posinf=1e4).clip(0, 1e4)


def _reduced(light: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return linear light (H, W, 3) at (S, S, 3), each pixel the mean of what it covers."""
    channels = (Image.fromarray(light[..., k]) for k in range(3))
    smaller = (channel.resize((size, size), Image.Resampling.BOX) for channel in channels)
    return np.stack([np.asarray(channel) for channel in smaller], axis=-1)


def _to_blender(points: Points) -> Points:
    """Return points in Blender's axes, where z is up."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def _flat(values: Points) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32).ravel()


def _room_material(look: str) -> "bpy.types.Material":
    """Return the material of all boxes of one look; they carry colour, glow and roughness."""
    n = Nodes(look)
    parts = n.node("CombineColor")
    for place, name in enumerate(("red", "green", "blue")):
        n.tree.links.new(n.attribute(name), parts.inputs[place])
    colour = parts.outputs[0]
    if look == "glow":
        n.link(colour, "Emission Color")
        n.link(n.attribute("glow"), "Emission Strength")
        return n.material
    n.link(n.attribute("roughness"), "Roughness")
    n.set(Specular_IOR_Level=0.3)
    where = n.node("SeparateXYZ")
    n.tree.links.new(n.node("NewGeometry").outputs["Position"], where.inputs[0])
    if look == "tiles":  # on walls of both ways
        flat = n.node("CombineXYZ")
        n.tree.links.new(n.math("ADD", where.outputs[0], where.outputs[1]), flat.inputs[0])
        n.tree.links.new(where.outputs[2], flat.inputs[1])
        tiles = n.node("TexBrick", Scale=5.0)
        tiles.offset = 0.0
        tiles.inputs["Mortar Size"].default_value = 0.012
        tiles.inputs["Row Height"].default_value = 0.5
        n.tree.links.new(flat.outputs[0], tiles.inputs["Vector"])
        colour = n.mix(n.math("MULTIPLY", tiles.outputs["Fac"], 0.5), colour, np.zeros(3))
    else:
        scale, spread = {"wood": (14, 0.4), "cloth": (9, 0.3), "paint": (3, 0.08),
                         "print": (7, 0.9)}[look]  # fmt: skip
        noise = n.node("TexNoise", Scale=scale, Detail=4)
        share = n.math("MULTIPLY", n.math("SUBTRACT", noise.outputs[0], 0.35), 3 * spread)
        other = noise.outputs["Color"] if look == "print" else np.full(3, 0.05)
        colour = n.mix(share, colour, other)
    n.link(colour, "Base Color")
    return n.material


def _set_up(scene: "bpy.types.Scene", threads: int) -> None:
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.02
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_quality, cycles.denoising_prefilter = "BALANCED", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 2
    cycles.transparent_max_bounces = 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4
    scene.cycles_curves.shape = "RIBBONS"
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform = "Raw"
    picture = scene.render.image_settings
    picture.file_format, picture.color_mode, picture.color_depth = "OPEN_EXR", "RGB", "32"


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
