// Seams: between neighbours on the map that the net holds far apart runs a border, the redder
// the farther.  It stands across the middle of the two, so that borders join into walls.

import { channels } from "./colours.js";
import { linkProgram } from "./points.js";

const SEAM_VERTEX = `#version 300 es
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

const SEAM_FRAGMENT = `#version 300 es
precision mediump float;
in float seen;
uniform vec3 ink;
out vec4 pixel;
void main() { pixel = vec4(ink * seen, seen); }`;

const SHOWN = 0.3; // share of the borders that are drawn at all, the strongest

// Strengths as opacities by rank: the strongest is full, and after three tenths nothing is drawn.
// Absolute values would redden whole regions in which all photos differ.
export function prepareSeams([a, b], colour) {
  const count = Math.ceil(SHOWN * a.length);
  const strength = Float32Array.from({ length: count }, (_, rank) => 1 - (0.9 * rank) / count);
  return { a: a.subarray(0, count), b: b.subarray(0, count), strength, colour };
}

export class SeamLines {
  constructor(gl, { a, b, strength, colour }) {
    Object.assign(this, { gl, a, b, count: a.length });
    this.program = linkProgram(gl, SEAM_VERTEX, SEAM_FRAGMENT);
    this.lines = gl.createVertexArray();
    this.ends = [gl.createBuffer(), gl.createBuffer()];
    this.put("corner", gl.createBuffer(), Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1), 2, 0);
    this.put("strength", gl.createBuffer(), strength, 1, 1);
    gl.useProgram(this.program);
    gl.uniform3fv(gl.getUniformLocation(this.program, "ink"), channels(colour).map((value) => value / 255));
  }

  put(name, buffer, values, width, each) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindVertexArray(this.lines);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, width, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(place, each); // 1: one value a border, 0: one a corner
  }

  move(x, y) {
    [["a", this.a], ["b", this.b]].forEach(([name, rows], end) => {
      const places = new Float32Array(2 * this.count);
      for (let edge = 0; edge < this.count; edge++) {
        places[2 * edge] = x[rows[edge]];
        places[2 * edge + 1] = y[rows[edge]];
      }
      this.put(name, this.ends[end], places, 2, 1);
    });
  }

  paint({ at, width, height }, reach) {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.lines);
    gl.uniform3f(gl.getUniformLocation(this.program, "view"), at.x, at.y, at.scale);
    gl.uniform2f(gl.getUniformLocation(this.program, "frame"), width, height);
    gl.uniform1f(gl.getUniformLocation(this.program, "reach"), reach);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
  }
}
