// What one WebGL program draws: its attributes, each with a buffer, and its uniforms.  An
// attribute has a number per corner, or one per shape where a shape of many corners is repeated.
export class Shapes {
  constructor(gl, vertex, fragment, { repeated = false } = {}) {
    const program = gl.createProgram();
    Object.assign(this, { gl, program, repeated, buffers: {}, shapes: gl.createVertexArray() });
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
    const place = gl.getAttribLocation(this.program, name);
    this.buffers[name] ??= gl.createBuffer();
    gl.bindVertexArray(this.shapes);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    const kind = values instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.FLOAT;
    gl.vertexAttribPointer(place, 1, kind, false, 0, 0);
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
