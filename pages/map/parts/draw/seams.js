// Seams: between neighbours on the map that the net holds far apart runs a border, the redder
// the farther.  It stands across the middle of the two, so that borders join into walls.

import { channels } from "./colours.js";
import { Shapes, interleave } from "./gl.js";

const VERTEX = `#version 300 es
in vec2 corner;         // along the border -1..1, across it -1..1
in vec2 a;
in vec2 b;
in float strength;      // 0..1
uniform vec3 view;
uniform vec2 frame;
uniform float reach;    // neighbours of the map that this layout has torn apart have no border
out float seen;
void main() {
  vec2 half_way = (b - a) * 0.5;
  vec2 middle = ((a + b) * 0.5 - view.xy) * view.z;
  vec2 along = vec2(-half_way.y, half_way.x) * view.z;
  float far = length(along);
  vec2 thick = half_way / max(length(half_way), 1e-9) * (0.5 + 1.1 * strength);
  vec2 at = middle + along * corner.x + thick * corner.y;
  gl_Position = vec4(at * 2.0 / frame * vec2(1, -1), 0, 1);
  seen = length(b - a) > reach ? 0.0 : strength * smoothstep(0.6, 2.5, far);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in float seen;
uniform vec3 ink;
out vec4 pixel;
void main() { pixel = vec4(ink * seen, seen); }`;

const SHOWN = 0.3; // share of the borders that are drawn at all, the strongest

const RED = "#e5304f";

// Whether seams are shown, and what of them is drawn, once that has been asked for.
export class Seams {
  constructor(server) {
    this.server = server;
    this.on = false;
  }

  // Strengths are opacities by rank: the strongest is full, and after three tenths nothing is
  // drawn.  Absolute values would redden whole regions in which all photos differ.
  async load() {
    const [a, b] = await this.server.seams();
    const count = Math.ceil(SHOWN * a.length);
    const strength = Float32Array.from({ length: count }, (_, rank) => 1 - (0.9 * rank) / count);
    this.drawn = { a: a.subarray(0, count), b: b.subarray(0, count), strength, colour: RED };
  }
}

export class SeamLines {
  constructor(gl, { a, b, strength, colour }) {
    Object.assign(this, { gl, ends: { a, b }, count: a.length });
    this.lines = new Shapes(gl, VERTEX, FRAGMENT);
    this.lines.attribute("corner", Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1), { width: 2 });
    this.lines.attribute("strength", strength, { width: 1, each: 1 });
    gl.useProgram(this.lines.program);
    gl.uniform3fv(this.lines.uniform("ink"), channels(colour).map((value) => value / 255));
  }

  move(x, y) {
    for (const [end, rows] of Object.entries(this.ends)) {
      this.lines.attribute(end, interleave(x, y, rows), { width: 2, each: 1 });
    }
  }

  paint(camera, reach) {
    const { gl, lines } = this;
    lines.use(camera);
    gl.uniform1f(lines.uniform("reach"), reach);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
  }
}
