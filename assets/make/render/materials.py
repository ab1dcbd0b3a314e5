"""Blender's materials, made of paints."""

from functools import singledispatchmethod
from pathlib import Path

import bpy  # pyright: ignore[reportMissingImports]
import numpy as np
from meshes import Points
from numpy.typing import NDArray
from paints import (
    CardPaint,
    ClearPaint,
    ClothPaint,
    EyePaint,
    Paint,
    PicturePaint,
    PlainPaint,
    SkinPaint,
    StrandPaint,
)
from PIL import Image
from scipy.ndimage import gaussian_filter
from skin import paint_iris

Socket = object  # of a node: what a link starts from
SIDE = 1024  # pixels of the pictures of cloth and hair


def new_picture(
    name: str, values: NDArray, *, alpha: NDArray | None = None, data: bool = False
) -> "bpy.types.Image":
    """Return a picture of Blender's from linear values, (H, W, 3) or (H, W)."""
    height, width = values.shape[:2]
    picture = bpy.data.images.new(name, width, height, alpha=True, float_buffer=True)
    picture.colorspace_settings.name = "Non-Color" if data else "Linear Rec.709"
    picture.alpha_mode = "CHANNEL_PACKED"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = values if values.ndim == 3 else values[..., None]
    if alpha is not None:
        pixels[..., 3] = alpha
    picture.pixels.foreach_set(np.ascontiguousarray(pixels[::-1]).ravel())
    return picture


def _read(path: Path) -> NDArray[np.float32]:
    """Return a picture (SIDE, SIDE, 4), its colours linear."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGBA").resize((SIDE, SIDE)), np.float32) / 255
    return np.concatenate([pixels[..., :3] ** 2.2, pixels[..., 3:]], axis=-1)


class Materials:
    """Makes materials; pictures that belong to no person are kept from photo to photo."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bpy.types.Image] = {}

    def clear(self) -> None:
        """Forget the materials and the pictures of the last photo."""
        bpy.data.batch_remove(list(bpy.data.materials))
        kept = set(self.kept.values())
        bpy.data.batch_remove([p for p in bpy.data.images if p not in kept])

    @singledispatchmethod
    def of(self, paint: Paint) -> "bpy.types.Material":
        """Return the material of a paint."""
        raise TypeError(type(paint))

    @of.register
    def _(self, paint: SkinPaint) -> "bpy.types.Material":
        n = Nodes("skin")
        colour = n.picture(new_picture("albedo", paint.albedo))
        relief = n.picture(new_picture("relief", paint.relief * 0.5 + 0.5, data=True))
        tone, hair = paint.colour, paint.hair
        # Short grey hair lets the skin through; it is never lighter than that.
        roots = np.minimum(hair * 0.5 + tone * 0.12, tone * 0.8)
        if not paint.roots:
            roots = tone * 0.96
        covered = n.math("MULTIPLY", n.attribute("scalp"), paint.roots or 1.0)
        colour = n.mix(covered, colour, roots)
        dots = n.node("TexVoronoi", Scale=1100)
        dotted = n.math("LESS_THAN", dots.outputs["Distance"], 0.42)
        stubble = n.math("MULTIPLY", n.attribute("beard"), paint.stubble)
        stubble = n.math("MULTIPLY", stubble, n.math("ADD", dotted, 0.55))
        colour = n.mix(stubble, colour, np.minimum(hair * 0.6 + tone * 0.08, tone * 0.75))
        colour = n.mix(n.math("MULTIPLY", n.attribute("blush"), 0.30), colour,
                       tone * [1.0, 0.50, 0.50])  # fmt: skip
        lips = n.attribute("lips")
        if paint.lips is not None:
            painted = paint.lips * (0.75 - 0.5 * paint.tone)  # as deep as the skin
            colour = n.mix(n.math("MULTIPLY", lips, 0.6), colour, painted)
        lids = n.math("MULTIPLY", n.attribute("lids"), paint.makeup * 0.6)
        n.link(n.mix(lids, colour, tone * [0.35, 0.25, 0.25]), "Base Color")
        n.set(
            Subsurface_Weight=1 - 0.5 * paint.tone,
            Subsurface_Scale=0.0022 - 0.0014 * paint.tone,
            Subsurface_Anisotropy=0.6,
            Specular_IOR_Level=0.38,
            Coat_Weight=0.02,
            Coat_Roughness=0.28,
        )
        n.surface.subsurface_method = "BURLEY"  # looks alike and costs a quarter less
        n.surface.inputs["Subsurface Radius"].default_value = (1.0, 0.38, 0.22)
        broad = n.node("TexNoise", Scale=45, Detail=6)
        rough = n.math("ADD", n.math("MULTIPLY", broad.outputs[0], 0.30), 0.34)
        n.link(n.math("SUBTRACT", rough, n.math("MULTIPLY", lips, 0.12)), "Roughness")
        # The pictures have hair painted on the scalp, which would be spikes.
        smooth = n.math("SUBTRACT", relief, n.math("MULTIPLY", n.attribute("scalp"), relief))
        pores, grain = n.node("TexVoronoi", Scale=620), n.node("TexNoise", Scale=420, Detail=5)
        height = n.math("MULTIPLY", pores.outputs["Distance"], 0.30)
        height = n.math("ADD", height, n.math("MULTIPLY", grain.outputs[0], 0.35))
        height = n.math("ADD", height, n.math("MULTIPLY", smooth, 2.6))
        n.bump(height, 0.28 + 0.2 * paint.old, 0.0011)
        return n.material

    @of.register
    def _(self, paint: CardPaint) -> "bpy.types.Material":
        n = Nodes("card")
        texture = n.texture(self._kept("card", paint.picture))
        n.link(n.mix(1.0, texture.outputs[0], paint.colour, "MULTIPLY"), "Base Color")
        n.link(n.math("MULTIPLY", texture.outputs[1], paint.opacity), "Alpha")
        n.set(Roughness=paint.roughness, Specular_IOR_Level=0.15)
        n.bump(texture.outputs[0], 0.5, 0.002)
        return n.material

    @of.register
    def _(self, paint: StrandPaint) -> "bpy.types.Material":
        n = Nodes("strand")
        hair = n.node("BsdfHairPrincipled", Roughness=0.3, IOR=1.45)
        hair.parametrization = "COLOR"
        hair.inputs["Radial Roughness"].default_value = 0.45
        hair.inputs["Random Roughness"].default_value = 0.2
        shaded = n.mix(1.0, paint.colour, n.attribute("shade"), "MULTIPLY")
        n.tree.links.new(shaded, hair.inputs["Color"])
        n.tree.links.new(hair.outputs[0], n.out.inputs["Surface"])
        return n.material

    @of.register
    def _(self, paint: ClothPaint) -> "bpy.types.Material":
        n = Nodes("cloth")
        shade = n.picture(self._kept("woven" if paint.relative else "shade", paint.shade))
        colour = paint.colour
        if paint.pattern == "melange":
            noise = n.node("TexNoise", Scale=700, Detail=2)
            sharp = n.math("MULTIPLY", n.math("SUBTRACT", noise.outputs[0], 0.4), 4)
            colour = n.mix(sharp, colour * 0.75, np.clip(colour * 1.2 + 0.03, 0, 0.9))
        elif paint.pattern in ("stripes", "check"):
            place = n.node("SeparateXYZ")
            n.tree.links.new(n.node("TexCoord").outputs["UV"], place.inputs[0])
            bars = [self._bars(n, place.outputs[1], 90)]
            if paint.pattern == "check":
                bars.append(self._bars(n, place.outputs[0], 90))
            for bar in bars:
                colour = n.mix(n.math("MULTIPLY", bar, 1 / len(bars)), colour, paint.second)
        colour = n.mix(n.attribute("legs"), colour, paint.legs)
        n.link(n.mix(1.0, colour, shade, "MULTIPLY"), "Base Color")
        n.set(Roughness=0.85, Specular_IOR_Level=0.2, Sheen_Weight=0.2, Sheen_Roughness=0.5)
        folds = n.node("TexNoise", Scale=7, Detail=2.5, Distortion=0.8)
        bump = n.bump(folds.outputs[0], 0.35, 0.03)
        if paint.relief is not None:
            normal = n.node("NormalMap")
            picture = n.texture(self._kept("normal", paint.relief))
            n.tree.links.new(picture.outputs[0], normal.inputs["Color"])
            n.tree.links.new(normal.outputs[0], bump.inputs["Normal"])
        return n.material

    @staticmethod
    def _bars(n: "Nodes", place: Socket, count: float) -> Socket:
        return n.math("GREATER_THAN", n.math("SINE", n.math("MULTIPLY", place, 2 * count)), 0.35)

    @of.register
    def _(self, paint: PlainPaint) -> "bpy.types.Material":
        n = Nodes("plain")
        n.surface.inputs["Base Color"].default_value = (*paint.colour.tolist(), 1)
        n.set(
            Roughness=paint.roughness,
            Specular_IOR_Level=paint.specular,
            Subsurface_Weight=paint.under,
            Subsurface_Scale=0.002,
        )
        if paint.weave:
            ribs = n.node("TexWave", Scale=52, Distortion=1.5)  # of 6 mm
            n.tree.links.new(n.node("NewGeometry").outputs["Position"], ribs.inputs["Vector"])
            n.bump(ribs.outputs["Fac"], paint.weave, 0.003)
        return n.material

    @of.register
    def _(self, paint: PicturePaint) -> "bpy.types.Material":
        n = Nodes("picture")
        picture = n.picture(self._kept("plain", paint.picture))
        n.link(n.mix(1.0, picture, paint.colour, "MULTIPLY"), "Base Color")
        n.set(Roughness=paint.roughness, Subsurface_Weight=0.3, Subsurface_Scale=0.002)
        return n.material

    @of.register
    def _(self, paint: EyePaint) -> "bpy.types.Material":
        n = Nodes("eye")
        key = ("iris", paint.iris)
        if key not in self.kept:
            self.kept[key] = new_picture(paint.iris, paint_iris(paint.iris))
        n.link(n.picture(self.kept[key]), "Base Color")
        n.set(Roughness=0.35, Specular_IOR_Level=0.2)
        n.set(Subsurface_Weight=0.25, Subsurface_Scale=0.002)
        return n.material

    @of.register
    def _(self, paint: ClearPaint) -> "bpy.types.Material":
        n = Nodes("clear")
        through, mirror = n.node("BsdfTransparent"), n.node("BsdfGlossy", Roughness=0.02)
        through.inputs[0].default_value = (*paint.tint.tolist(), 1)
        facing, mixed = n.node("Fresnel", IOR=paint.ior), n.node("MixShader")
        for place, end in enumerate((facing, through, mirror)):
            n.tree.links.new(end.outputs[0], mixed.inputs[place])
        n.tree.links.new(mixed.outputs[0], n.out.inputs["Surface"])
        return n.material

    def _kept(self, use: str, path: Path) -> "bpy.types.Image":
        """Return a picture made ready for its use: card, woven, shade, normal or plain."""
        key = (use, str(path))
        if key in self.kept:
            return self.kept[key]
        pixels = _read(path)
        light, alpha = pixels[..., :3].mean(axis=-1), pixels[..., 3]
        match use:
            case "card":  # light and dark of single hairs, whatever their colour
                hairy = alpha > 0.5
                mean = np.median(light[hairy])
                near = gaussian_filter(np.where(hairy, light, mean), 30)
                values = np.clip(light / (0.35 * mean + 0.65 * near + 1e-4), 0.15, 3.5) ** 0.8
            case "woven":
                values = np.clip(light / max(float(np.median(light[alpha > 0.5])), 0.02), 0, 2.2)
            case "shade":
                values = np.clip(light, 0.03, 1) ** 0.35
            case "normal":
                values = pixels[..., :3] ** (1 / 2.2)
            case _:
                values = pixels[..., :3]
        picture = new_picture(path.stem, values, alpha=alpha, data=use == "normal")
        self.kept[key] = picture
        return picture


class Nodes:
    """The nodes of one new material."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.out = self.tree.nodes["Material Output"]

    def node(self, kind: str, **inputs: float) -> "bpy.types.ShaderNode":
        """Return a new node with some of its inputs set."""
        made = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in inputs.items():
            made.inputs[name].default_value = value
        return made

    def set(self, **inputs: float) -> None:
        """Set inputs of the surface; underscores stand for spaces."""
        for name, value in inputs.items():
            self.surface.inputs[name.replace("_", " ")].default_value = value

    def link(self, start: Socket, name: str) -> None:
        """Link an output to an input of the surface."""
        self.tree.links.new(start, self.surface.inputs[name])

    def attribute(self, name: str) -> Socket:
        """Return a value that the mesh carries."""
        made = self.tree.nodes.new("ShaderNodeAttribute")
        made.attribute_name = name
        return made.outputs["Fac"]

    def texture(self, picture: "bpy.types.Image") -> "bpy.types.ShaderNode":
        """Return the node of a picture: colour and alpha."""
        made = self.tree.nodes.new("ShaderNodeTexImage")
        made.image = picture
        return made

    def picture(self, picture: "bpy.types.Image") -> Socket:
        """Return the colour of a picture."""
        return self.texture(picture).outputs[0]

    def math(self, operation: str, *values: Socket | float) -> Socket:
        """Return a sum, product and the like."""
        made = self.tree.nodes.new("ShaderNodeMath")
        made.operation = operation
        for place, value in enumerate(values):
            self._give(value, made.inputs[place])
        return made.outputs[0]

    def mix(
        self, share: Socket | float, a: Socket | Points, b: Socket | Points, blend: str = "MIX"
    ) -> Socket:
        """Return a colour between two."""
        made = self.tree.nodes.new("ShaderNodeMix")
        made.data_type, made.blend_type = "RGBA", blend
        for place, value in ((0, share), (6, a), (7, b)):
            self._give(value, made.inputs[place])
        return made.outputs[2]

    def bump(self, height: Socket, strength: float, distance: float) -> "bpy.types.ShaderNode":
        """Give the surface a relief, `distance` metres high."""
        made = self.node("Bump", Strength=strength, Distance=distance)
        self.tree.links.new(height, made.inputs["Height"])
        self.link(made.outputs[0], "Normal")
        return made

    def _give(self, value: object, socket: object) -> None:
        if isinstance(value, int | float):
            socket.default_value = value  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(value, np.ndarray):
            socket.default_value = (*value.tolist(), 1)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            self.tree.links.new(value, socket)
