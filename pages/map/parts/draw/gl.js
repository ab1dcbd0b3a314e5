// What one WebGL program draws: its attributes, each with a buffer, and its uniforms.  An
// attribute has a number per corner, or one per shape where a shape of many corners is repeated.
export class Shapes {
  constructor(gl, vertex, fragment, { repeated = false } = {}) {
    const program = gl.createProgram();
    Object.assign(this, { gl, program, repeated, buffers: {}, shapes: gl.createVertexArray(), every: 1 });
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  }

  attribute(name, values) {
    const { gl } = this;
    const kind = values instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.FLOAT;
    this.buffers[name] ??= { buffer: gl.createBuffer(), kind, bytes: values.BYTES_PER_ELEMENT };
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name].buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    this.read(name);
  }

  // Draws one of so many shapes from now on.
  drawEvery(every) {
    if (every === this.every) return;
    this.every = every;
    Object.keys(this.buffers).forEach((name) => this.read(name));
  }

  read(name) {
    const { gl, buffers: { [name]: { buffer, kind, bytes } } } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindVertexArray(this.shapes);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 1, kind, false, this.every * bytes, 0);
    gl.vertexAttribDivisor(place, this.repeated ? 1 : 0);
  }

  uniform(name) {
    return this.gl.getUniformLocation(this.program, name);
  }

  // Takes the program up, with the view: middle of the frame on the map, pixels for a width of 1.
  use({ at, width, height }) {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.shapes);
    gl.uniform3f(this.uniform("view"), at.x, at.y, at.scale);
    gl.uniform2f(this.uniform("frame"), width, height);
  }
}
