// The points, drawn by WebGL2 or on a plain canvas; both are coloured, moved and painted alike.

import { channels } from "./colours.js";
import { SeamLines } from "./seams.js";

const VERTEX = `#version 300 es
in vec2 place;
in vec2 before;         // where it stood in the layout that is being left
in float shade;
uniform float moved;    // share of the way between the two, 1 at rest
uniform vec3 view;      // middle of the frame on the map, pixels for a width of 1
uniform vec2 frame;     // pixels
uniform float size;     // pixels of the screen
uniform vec4 palette[80];
out vec4 colour;
void main() {
  vec2 at = mix(before, place, moved);
  gl_Position = vec4((at - view.xy) * view.z * 2.0 / frame * vec2(1, -1), 0, 1);
  gl_PointSize = size;
  colour = palette[int(shade)];
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour;
uniform float size;
out vec4 pixel;
void main() {
  float from = length(gl_PointCoord - 0.5) * size;
  float seen = colour.a * (1.0 - smoothstep(size * 0.5 - 1.2, size * 0.5, from));
  if (seen == 0.0) discard;
  pixel = vec4(colour.rgb * seen, seen);
}`;

// Compiles and links a program, or says why not.
export function linkProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

export class GlPoints {
  constructor(canvas, lost) {
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: false }));
    if (!gl) throw new Error("no WebGL2");
    this.gone = new AbortController();
    canvas.addEventListener("webglcontextlost", lost, { signal: this.gone.signal });
    this.program = linkProgram(gl, VERTEX, FRAGMENT);
    this.spots = gl.createVertexArray();
    this.buffers = Object.fromEntries(["place", "before", "shade"].map((name) => [name, gl.createBuffer()]));
    this.uniform = (name) => gl.getUniformLocation(this.program, name);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  // Takes where points stand and where they come from; places are never NaN here.
  move({ x, y, fromX, fromY }) {
    const { gl } = this;
    this.count = x.length;
    this.attribute("place", interleave(x, y), 2, gl.FLOAT);
    this.attribute("before", interleave(fromX, fromY), 2, gl.FLOAT);
    this.seamLines?.move(x, y);
  }

  attribute(name, values, width, kind) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindVertexArray(this.spots);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, width, kind, false, 0, 0);
  }

  colour({ steps, palette, opacities }) {
    const { gl } = this;
    this.attribute("shade", steps, 1, gl.UNSIGNED_BYTE);
    const numbers = palette.flatMap((hex, place) => [...channels(hex).map((v) => v / 255), opacities[place]]);
    gl.useProgram(this.program);
    gl.uniform4fv(this.uniform("palette"), numbers);
  }

  showSeams(seams) {
    this.seamLines = seams && new SeamLines(this.gl, seams);
  }

  paint({ at, width, height }, { size, sharpness, moved, reach }) {
    const { gl } = this;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.spots);
    gl.uniform1f(this.uniform("moved"), moved);
    gl.uniform3f(this.uniform("view"), at.x, at.y, at.scale);
    gl.uniform2f(this.uniform("frame"), width, height);
    gl.uniform1f(this.uniform("size"), size * sharpness + 1);
    gl.drawArrays(gl.POINTS, 0, this.count);
    if (reach) this.seamLines?.paint({ at, width, height }, reach);
  }

  leave() {
    this.gone.abort();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow only 16 at once
  }
}

function interleave(x, y) {
  const places = new Float32Array(2 * x.length);
  for (let row = 0; row < x.length; row++) {
    places[2 * row] = x[row];
    places[2 * row + 1] = y[row];
  }
  return places;
}

// The same points as squares, for browsers without WebGL2: 50,000 in about 40 ms.
const MOST_DRAWN_SEAMS = 6000; // a plain canvas is slow at lines; the strongest come first

export class CanvasPoints {
  constructor(canvas) {
    this.pen = canvas.getContext("2d");
  }

  move(places) {
    this.places = places;
  }

  colour({ steps, palette, opacities }) {
    Object.assign(this, { palette, opacities });
    this.rowsOf = palette.map(() => []);
    steps.forEach((step, row) => this.rowsOf[step].push(row));
  }

  showSeams(seams) {
    this.seams = seams;
  }

  paint({ at, width, height }, { size, sharpness, moved, reach }) {
    const { pen } = this;
    const { x, y, fromX, fromY } = this.places;
    pen.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    pen.clearRect(0, 0, width, height);
    const side = 0.9 * size;
    const [left, top] = [width / 2 - at.x * at.scale - side / 2, height / 2 - at.y * at.scale - side / 2];
    // Muted points come last in the palette and lie beneath the others.
    for (let step = this.palette.length - 1; step >= 0; step--) {
      if (!this.opacities[step]) continue;
      pen.fillStyle = this.palette[step];
      pen.globalAlpha = this.opacities[step];
      for (const row of this.rowsOf[step]) {
        const px = (fromX[row] + (x[row] - fromX[row]) * moved) * at.scale + left;
        const py = (fromY[row] + (y[row] - fromY[row]) * moved) * at.scale + top;
        if (px > -side && py > -side && px < width && py < height) pen.fillRect(px, py, side, side);
      }
    }
    pen.globalAlpha = 1;
    if (reach && this.seams) this.paintSeams({ at, width, height }, reach);
  }

  paintSeams({ at, width, height }, reach) {
    const { pen, seams, places: { x, y } } = this;
    pen.strokeStyle = seams.colour;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let edge = 0; edge < Math.min(seams.a.length, MOST_DRAWN_SEAMS); edge++) {
      const [a, b] = [seams.a[edge], seams.b[edge]];
      const [mx, my] = [(x[a] + x[b]) / 2, (y[a] + y[b]) / 2];
      const [dx, dy] = [(x[b] - x[a]) / 2, (y[b] - y[a]) / 2];
      if (2 * Math.hypot(dx, dy) > reach) continue;
      const [left, top] = [(mx - at.x) * at.scale + width / 2, (my - at.y) * at.scale + height / 2];
      pen.moveTo(left - dy * at.scale, top + dx * at.scale);
      pen.lineTo(left + dy * at.scale, top - dx * at.scale);
    }
    pen.stroke();
  }

  leave() {}
}
