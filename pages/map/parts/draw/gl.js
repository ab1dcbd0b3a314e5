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

// What one program draws: its attributes, each with a buffer, and its uniforms.
export class Shapes {
  constructor(gl, vertex, fragment) {
    Object.assign(this, { gl, program: linkProgram(gl, vertex, fragment), buffers: {} });
    this.shapes = gl.createVertexArray();
  }

  // Fills an attribute of `width` numbers; `each`: 0 for one value per corner, 1 per instance.
  attribute(name, values, { width, each = 0 }) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    this.buffers[name] ??= gl.createBuffer();
    gl.bindVertexArray(this.shapes);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    const kind = values instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.FLOAT;
    gl.vertexAttribPointer(place, width, kind, false, 0, 0);
    gl.vertexAttribDivisor(place, each);
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

// The places of rows, all by default, as x, y, x, y ...
export function interleave(x, y, rows = null) {
  const count = rows ? rows.length : x.length;
  const places = new Float32Array(2 * count);
  for (let number = 0; number < count; number++) {
    const row = rows ? rows[number] : number;
    places[2 * number] = x[row];
    places[2 * number + 1] = y[row];
  }
  return places;
}
