// Seams: between neighbours on the map that the net holds far apart runs a border, the redder
// the farther.  It stands across the middle of the two, so that borders join into walls.

import { channels } from "./colours.js";
import { Shapes } from "./gl.js";

const VERTEX = `#version 300 es
in float ax, ay, bx, by;
uniform vec3 view;
uniform vec2 frame;
uniform float count;
uniform float reach;    // neighbours of the map that this layout has torn apart have no border
out float seen;
void main() {
  float strength = 1.0 - 0.9 * float(gl_InstanceID) / count;
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;  // along the border, across it
  vec2 a = vec2(ax, ay);
  vec2 b = vec2(bx, by);
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

// The rows on both sides of the borders that are drawn.  Opacities go by rank: the strongest is
// full, and after three tenths nothing is drawn.  Absolute values would redden whole regions in
// which all photos differ.
export async function loadSeams(server) {
  const numbers = await server.numbers("seams.bin", Float32Array); // all a, all b, their strengths
  const count = numbers.length / 3;
  const shown = Math.ceil(SHOWN * count);
  return { a: numbers.subarray(0, shown), b: numbers.subarray(count, count + shown), colour: RED };
}

export class SeamLines {
  constructor(gl, { a, b, colour }) {
    Object.assign(this, { gl, ends: { a, b }, count: a.length });
    this.lines = new Shapes(gl, VERTEX, FRAGMENT, { repeated: true });
    gl.useProgram(this.lines.program);
    gl.uniform1f(this.lines.uniform("count"), this.count);
    gl.uniform3fv(this.lines.uniform("ink"), channels(colour).map((value) => value / 255));
  }

  move(x, y) {
    for (const [end, rows] of Object.entries(this.ends)) {
      for (const [axis, values] of Object.entries({ x, y })) {
        this.lines.attribute(`${end}${axis}`, Float32Array.from(rows, (row) => values[row]));
      }
    }
  }

  paint(camera, reach) {
    const { gl, lines } = this;
    lines.use(camera);
    gl.uniform1f(lines.uniform("reach"), reach);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
  }
}
