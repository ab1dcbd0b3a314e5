// The points, drawn by WebGL2 or on a plain canvas; both are coloured and painted alike.

import { channels } from "./colours.js";

const VERTEX = `#version 300 es
in vec2 place;
in float shade;
uniform vec3 view;      // middle of the frame on the map, pixels for a width of 1
uniform vec2 frame;     // pixels
uniform float size;     // pixels of the screen
uniform vec4 palette[80];
out vec4 colour;
void main() {
  gl_Position = vec4((place - view.xy) * view.z * 2.0 / frame * vec2(1, -1), 0, 1);
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
  pixel = vec4(colour.rgb * seen, seen);
}`;

export class GlPoints {
  constructor(canvas, x, y, lost) {
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: false }));
    if (!gl) throw new Error("no WebGL2");
    this.count = x.length;
    this.gone = new AbortController();
    canvas.addEventListener("webglcontextlost", lost, { signal: this.gone.signal });
    this.program = this.link();
    this.uniform = (name) => gl.getUniformLocation(this.program, name);
    const places = new Float32Array(2 * x.length);
    for (let row = 0; row < x.length; row++) {
      places[2 * row] = Number.isFinite(x[row]) ? x[row] : 1e6; // far out of sight
      places[2 * row + 1] = Number.isFinite(y[row]) ? y[row] : 1e6;
    }
    this.attribute("place", places, 2, gl.FLOAT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  link() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    return program;
  }

  attribute(name, values, width, kind) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, width, kind, false, 0, 0);
  }

  colour({ steps, palette }) {
    this.attribute("shade", steps, 1, this.gl.UNSIGNED_BYTE);
    const numbers = palette.flatMap((hex, place) => [
      ...channels(hex).map((value) => value / 255),
      place === palette.length - 1 ? 0.45 : 0.9, // the last colour is for missing values
    ]);
    this.gl.uniform4fv(this.uniform("palette"), numbers);
  }

  paint({ at, width, height }, size, sharpness) {
    const { gl } = this;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform3f(this.uniform("view"), at.x, at.y, at.scale);
    gl.uniform2f(this.uniform("frame"), width, height);
    gl.uniform1f(this.uniform("size"), size * sharpness + 1);
    gl.drawArrays(gl.POINTS, 0, this.count);
  }

  leave() {
    this.gone.abort();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow only 16 at once
  }
}

// The same points as squares, for browsers without WebGL2: 50,000 in about 40 ms.
export class CanvasPoints {
  constructor(canvas, x, y) {
    this.pen = canvas.getContext("2d");
    Object.assign(this, { x, y, canvas });
  }

  colour({ steps, palette }) {
    this.palette = palette;
    this.rowsOf = palette.map(() => []);
    steps.forEach((step, row) => this.rowsOf[step].push(row));
  }

  paint({ at, width, height }, size, sharpness) {
    const { pen, x, y } = this;
    pen.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    pen.clearRect(0, 0, width, height);
    const side = 0.9 * size;
    const [left, top] = [width / 2 - at.x * at.scale - side / 2, height / 2 - at.y * at.scale - side / 2];
    this.rowsOf.forEach((rows, step) => {
      pen.fillStyle = this.palette[step];
      for (const row of rows) {
        const [px, py] = [x[row] * at.scale + left, y[row] * at.scale + top];
        if (px > -side && py > -side && px < width && py < height) pen.fillRect(px, py, side, side);
      }
    });
  }

  leave() {}
}
