// Runs a program of layers, as selfie_core/scorer/program.py writes it, by the kernels of net.c.
// Maps lie pixel by pixel: (height, width, channels).

const BLOCK = 32; // weights that share a scale, and
const LANES = 8; // outputs side by side, as there

export class Program {
  // `bytes` is a .safetensors file, `kernels` the exports of an instance of net.wasm of its own.
  constructor(bytes, kernels) {
    this.kernels = kernels;
    this.top = (kernels.__heap_base.value + 15) & ~15;
    const { header, tensor } = readTensors(bytes);
    Object.assign(this, header); // layers, outputs, and what a scorer says of itself
    for (const layer of this.layers.filter(({ weight }) => weight)) Object.assign(layer, this.load(layer.output, tensor));
    this.head = this.logit && this.load("fc7", tensor);
    this.ends = {}; // the layer that reads each map last
    this.layers.forEach(({ input, residual }, i) => (this.ends[input] = this.ends[residual] = i));
    for (const name of Object.values(this.outputs)) this.ends[name] = Infinity;
    this.scale = this.put(this.scale ?? [1, 1, 1]);
    this.offset = this.put(this.offset ?? [0, 0, 0]);
    this.base = this.top;
  }

  load(name, tensor) {
    const bias = tensor(`${name}.bias`);
    const weight = tensor(`${name}.weight`, tensor(`${name}.scale`));
    return { weight: this.put(weight), bias: this.put(bias), outputs: bias.length, inputs: weight.length / bias.length };
  }

  // Takes planes (3, height, width) of 0..255; returns the outputs by name, each { data, height, width, channels }.
  run(planes, height, width) {
    this.top = this.base;
    this.free = [];
    const { kernels } = this;
    const maps = { photo: this.map(height, width, 3) };
    const given = this.put(planes);
    kernels.normalise(given, this.scale, this.offset, maps.photo.at, height * width);
    this.layers.forEach((layer, i) => {
      maps[layer.output] = this.step(layer, maps[layer.input], maps[layer.residual]);
      for (const name of [layer.input, layer.residual])
        if (this.ends[name] === i && maps[name]) this.free.push(maps[name]);
    });
    const read = ({ at, height, width, channels }) => ({ height, width, channels, data: this.view(at, height * width * channels).slice() });
    return Object.fromEntries(Object.entries(this.outputs).map(([name, map]) => [name, read(maps[map])]));
  }

  step(layer, from, residual) {
    const { kernels } = this;
    const { kind, stride = 1, kernel, weight, bias, outputs, activation } = layer;
    if (kind === "upsample") {
      const to = this.map(2 * from.height, 2 * from.width, from.channels / 4);
      kernels.upsample(from.at, residual.at, to.at, from.height, from.width, to.channels);
      return to;
    }
    const to = this.map(Math.ceil(from.height / stride), Math.ceil(from.width / stride), outputs);
    const before = (now, then) => (layer.pad === "same" ? Math.max(0, ((then - 1) * stride + kernel - now) >> 1) : layer.pad);
    const pads = [before(from.height, to.height), before(from.width, to.width)];
    if (kind === "depthwise") {
      kernels.depthwise(from.at, weight, bias, to.at, from.height, from.width, outputs, kernel, stride, ...pads, activation);
      return to;
    }
    const seen = kind === "conv3x3" ? this.map(to.height, to.width, 9 * from.channels) : from;
    if (seen !== from) {
      kernels.patches(from.at, seen.at, from.height, from.width, from.channels, stride, ...pads);
      this.free.push(seen);
    }
    kernels.gemm(seen.at, weight, bias, residual?.at ?? 0, to.at, to.height * to.width, layer.inputs, outputs, activation);
    return to;
  }

  // Room for a map: the smallest that is free and large enough, else new.
  map(height, width, channels) {
    const size = height * width * channels;
    const fitting = this.free.filter((block) => block.size >= size).sort((a, b) => a.size - b.size)[0];
    if (fitting) this.free.splice(this.free.indexOf(fitting), 1);
    return { at: fitting?.at ?? this.room(size), size: fitting?.size ?? size, height, width, channels };
  }

  room(count) {
    const { memory } = this.kernels;
    const at = this.top;
    this.top = (at + 4 * count + 15) & ~15;
    const lacks = this.top + 64 - memory.buffer.byteLength;
    if (lacks > 0) memory.grow(Math.ceil(lacks / 65536));
    return at;
  }

  put(values) {
    const at = this.room(values.length);
    this.view(at, values.length).set(values);
    return at;
  }

  view(at, count) {
    return new Float32Array(this.kernels.memory.buffer, at, count);
  }
}

// A .safetensors file: the program in its header, the names of its tensors, and what gives one of
// them as floats, or as bytes if it is bytes.
export function readTensors(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const { __metadata__, ...places } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensor = (name, scale) => {
    if (!places[name]) return null;
    const { dtype, shape, data_offsets: ends } = places[name];
    const part = bytes.slice(...ends.map((end) => 8 + length + end));
    if (dtype === "F32") return new Float32Array(part);
    if (dtype === "U8") return new Uint8Array(part);
    return dtype === "F16" ? widened(new Uint16Array(part)) : scaled(new Int8Array(part), scale, shape[1]);
  };
  return { header: JSON.parse(__metadata__.program), names: Object.keys(places), tensor };
}

let halves;
function widened(codes) {
  halves ??= Float32Array.from({ length: 65536 }, (_, code) => {
    const [exponent, fraction] = [(code >> 10) & 31, code & 1023];
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
    return code >> 15 ? -size : size; // no weight is infinite
  });
  return Float32Array.from(codes, (code) => halves[code]);
}

function scaled(codes, scale, inputs) {
  const blocks = Math.ceil(inputs / BLOCK);
  const out = new Float32Array(codes.length);
  for (let group = 0, at = 0; at < out.length; group++)
    for (let k = 0; k < inputs; k++)
      for (let lane = 0, from = (group * blocks + (k >> 5)) * LANES; lane < LANES; lane++, at++) out[at] = codes[at] * scale[from + lane];
  return out;
}
