import { channels } from "./colours.js";
import { Shapes } from "./gl.js";
import { SeamLines } from "./seams.js";

const VERTEX = `#version 300 es
in float x, y;
in float fromX, fromY;  // where it stood in the layout that is being left
in float shade;
uniform float moved;    // share of the way between the two, 1 at rest
uniform vec3 view;      // middle of the frame on the map, pixels for a width of 1
uniform vec2 frame;     // pixels
uniform float size;     // pixels of the screen
uniform vec4 palette[80];
out vec4 colour;
void main() {
  vec2 at = mix(vec2(fromX, fromY), vec2(x, y), moved);
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

export class GlPoints {
  constructor(canvas, lost) {
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: false }));
    if (!gl) throw new Error("no WebGL2");
    this.gone = new AbortController();
    canvas.addEventListener("webglcontextlost", lost, { signal: this.gone.signal });
    this.spots = new Shapes(gl, VERTEX, FRAGMENT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  move({ x, y, fromX, fromY }) {
    for (const [name, values] of Object.entries({ x, y, fromX, fromY })) this.spots.attribute(name, values);
    Object.assign(this, { x, y });
    this.seamLines?.move(x, y);
  }

  colour({ steps, palette, opacities }) {
    this.spots.attribute("shade", steps);
    const numbers = palette.flatMap((hex, place) => [...channels(hex).map((v) => v / 255), opacities[place]]);
    this.gl.useProgram(this.spots.program);
    this.gl.uniform4fv(this.spots.uniform("palette"), numbers);
  }

  showSeams(seams) {
    this.seamLines = new SeamLines(this.gl, seams);
    this.seamLines.move(this.x, this.y);
  }

  paint(camera, { size, sharpness, moved, reach, every }) {
    const { gl, spots } = this;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    spots.drawEvery(every);
    spots.use(camera);
    gl.uniform1f(spots.uniform("moved"), moved);
    gl.uniform1f(spots.uniform("size"), size * sharpness + 1);
    gl.drawArrays(gl.POINTS, 0, Math.ceil(this.x.length / every));
    if (reach) this.seamLines?.paint(camera, reach);
  }

  leave() {
    this.gone.abort();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow only 16 at once
  }
}
