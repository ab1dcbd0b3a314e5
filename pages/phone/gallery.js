// The gallery beside which a photo stands: percentile, the nearest by fc7, its place on the map; as
// selfie_core/gallery/gallery.py and map/tsne.py.

const [STEPS, SAME, FEWEST] = [50, 1e-3, 10]; // of `Placer`

export class Gallery {
  // `facts` say the sizes, `parts` gives arrays of the gallery's file by name (see selfie_core/web/phone.py).
  constructor(facts, parts) {
    Object.assign(this, facts, parts);
    const { codes, scale, width } = this;
    this.count = codes.length / width;
    this.lengths = new Float32Array(this.count);
    for (let n = 0, at = 0; n < this.count; n++) for (let d = 0; d < width; d++) this.lengths[n] += (codes[at++] * scale[d]) ** 2;
  }

  // The share of the gallery that scores lower, in [0, 100]; ties count half.
  percentile(score) {
    const { ranked } = this;
    const before = (holds) => {
      let [low, high] = [0, ranked.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (holds(ranked[middle])) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    const single = Math.fround(score);
    return ((before((s) => s < single) + before((s) => s <= single)) * 50) / Math.max(1, ranked.length);
  }

  // The photos most like one to the net, nearest first.
  nearest(fc7, count) {
    const { codes, scale, width, lengths } = this;
    const twice = fc7.map((value, d) => 2 * value * scale[d]);
    const own = fc7.reduce((sum, value) => sum + value * value, 0);
    const squared = lengths.map((length, n) => {
      let sum = length + own;
      for (let d = 0, at = n * width; d < width; d++) sum -= twice[d] * codes[at++];
      return Math.max(0, sum);
    });
    return smallest(squared, count).map((row) => ({ row, score: this.scores[row], distance: Math.sqrt(squared[row]) }));
  }

  // Where a newcomer lands on the map, [x, y] in [0, 1]; null where there is no map.
  place(fc7) {
    if (!this.components) return null;
    const { mean, axes, components, xy, units, perplexity } = this;
    const size = components.length / this.count;
    const own = new Float64Array(size);
    for (let d = 0; d < fc7.length; d++) for (let k = 0; k < size; k++) own[k] += (fc7[d] - mean[d]) * axes[d * size + k];
    const squared = new Float64Array(this.count);
    for (let n = 0, at = 0; n < this.count; n++) for (let k = 0; k < size; k++) squared[n] += (components[at++] - own[k]) ** 2;
    const near = smallest(squared, Math.min(Math.trunc(3 * perplexity), this.count));
    const distances = near.map((n) => squared[n]);
    const at = (n) => [xy[2 * n] * units, xy[2 * n + 1] * units];
    if (distances[0] <= SAME * median(distances)) return at(near[0]).map((v) => v / units);
    const start = affinities(distances, 10);
    let place = [0, 1].map((axis) => weightedMedian(near.map((n) => at(n)[axis]), start));
    if (this.count >= FEWEST) place = this.settle(place, near.map(at), affinities(distances, perplexity));
    return place.map((value) => value / units);
  }

  // Follows the t-SNE gradient of one photo.
  settle([x, y], near, share) {
    const { xy, units } = this;
    for (let step = 0; step < STEPS; step++) {
      let [pulls, px, py] = [0, 0, 0];
      near.forEach(([u, v], i) => {
        const pull = share[i] / (1 + (x - u) ** 2 + (y - v) ** 2);
        pulls += pull;
        px += pull * (x - u);
        py += pull * (y - v);
      });
      let [pushes, qx, qy] = [0, 0, 0];
      for (let at = 0; at < xy.length; at += 2) {
        const [dx, dy] = [x - xy[at] * units, y - xy[at + 1] * units];
        const push = 1 / (1 + dx * dx + dy * dy);
        pushes += push;
        qx += push * push * dx;
        qy += push * push * dy;
      }
      x -= (0.5 * (px - qx / pushes)) / pulls;
      y -= (0.5 * (py - qy / pushes)) / pulls;
    }
    return [x, y];
  }
}

const smallest = (values, count) => Array.from(values.keys()).sort((a, b) => values[a] - values[b]).slice(0, count);

function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function weightedMedian(values, weights) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  let left = 0.5 * weights.reduce((a, b) => a + b);
  return values[order.find((i) => (left -= weights[i]) <= 0) ?? order.at(-1)];
}

// How much each neighbour counts, sum 1: a Gaussian of that perplexity.
function affinities(squared, perplexity) {
  const least = Math.min(...squared);
  const mean = squared.reduce((sum, value) => sum + value - least, 0) / squared.length;
  const beyond = squared.map((value) => (value - least) / Math.max(mean, 1e-12));
  const wanted = Math.log(Math.min(perplexity, beyond.length));
  let [low, high, weights, sum] = [1e-13, 1e13, [], 1];
  for (let turn = 0; turn < 50; turn++) {
    const sharpness = Math.sqrt(low * high);
    weights = beyond.map((value) => Math.exp(-value * sharpness));
    sum = weights.reduce((a, b) => a + b);
    const entropy = Math.log(sum) + (sharpness * weights.reduce((a, w, i) => a + w * beyond[i], 0)) / sum;
    if (entropy > wanted) low = sharpness;
    else high = sharpness;
  }
  return weights.map((w) => w / sum);
}
