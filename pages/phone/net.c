// The layers of the compact nets, four numbers at a time, for WebAssembly with SIMD.
// Maps lie pixel by pixel, the channels of a pixel together; channels come in eights.
// tests/scorer/test_program.py says how it is compiled.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define LOAD wasm_v128_load
#define STORE wasm_v128_store
#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define ALL wasm_f32x4_splat
#define MADD(a, b, c) ADD(MUL(a, b), c)

enum { NONE, RELU, RELU6 };

static inline v128_t activated(v128_t x, int activation) {
  if (activation) x = wasm_f32x4_pmax(ALL(0), x);
  return activation == RELU6 ? wasm_f32x4_pmin(ALL(6), x) : x;
}

// Pointwise: out (P, N) = in (P, K) x weight (N / 8, K, 8) + bias + residual (P, N), if there is one.
// Five pixels by eight channels are what the registers hold.
#define ROWS 5
EXPORT(gemm)
void gemm(const float *in, const float *weight, const float *bias, const float *residual, float *out,
          int P, int K, int N, int activation) {
  for (int p = 0; p < P; p += ROWS) {
    int rows = P - p < ROWS ? P - p : ROWS;
    const float *row[ROWS];
    for (int r = 0; r < ROWS; r++) row[r] = in + (p + (r < rows ? r : 0)) * K;
    const float *w = weight;
    for (int n = 0; n < N; n += 8) {
      v128_t low = LOAD(bias + n), high = LOAD(bias + n + 4);
      v128_t l0 = low, l1 = low, l2 = low, l3 = low, l4 = low;
      v128_t h0 = high, h1 = high, h2 = high, h3 = high, h4 = high;
      if (rows == 1)
        for (int k = 0; k < K; k++, w += 8) {
          v128_t x = wasm_v128_load32_splat(row[0] + k);
          l0 = MADD(x, LOAD(w), l0), h0 = MADD(x, LOAD(w + 4), h0);
        }
      else
        for (int k = 0; k < K; k++, w += 8) {
          v128_t b = LOAD(w), c = LOAD(w + 4), x;
          x = wasm_v128_load32_splat(row[0] + k), l0 = MADD(x, b, l0), h0 = MADD(x, c, h0);
          x = wasm_v128_load32_splat(row[1] + k), l1 = MADD(x, b, l1), h1 = MADD(x, c, h1);
          x = wasm_v128_load32_splat(row[2] + k), l2 = MADD(x, b, l2), h2 = MADD(x, c, h2);
          x = wasm_v128_load32_splat(row[3] + k), l3 = MADD(x, b, l3), h3 = MADD(x, c, h3);
          x = wasm_v128_load32_splat(row[4] + k), l4 = MADD(x, b, l4), h4 = MADD(x, c, h4);
        }
      v128_t ls[ROWS] = {l0, l1, l2, l3, l4}, hs[ROWS] = {h0, h1, h2, h3, h4};
#pragma clang loop unroll(full)
      for (int r = 0; r < ROWS; r++) {
        if (r >= rows) break;
        int to = (p + r) * N + n;
        v128_t l = ls[r], h = hs[r];
        if (residual) l = ADD(l, LOAD(residual + to)), h = ADD(h, LOAD(residual + to + 4));
        STORE(out + to, activated(l, activation)), STORE(out + to + 4, activated(h, activation));
      }
    }
  }
}

// Each channel for itself: in (H, W, C), weight (k * k, C), `pad` zeros above and to the left.
EXPORT(depthwise)
void depthwise(const float *in, const float *weight, const float *bias, float *out,
               int H, int W, int C, int k, int stride, int down, int across, int activation) {
  int high = (H + stride - 1) / stride, wide = (W + stride - 1) / stride;
  for (int y = 0; y < high; y++)
    for (int x = 0; x < wide; x++, out += C) {
      int top = y * stride - down, left = x * stride - across;
      int i0 = top < 0 ? -top : 0, i1 = top + k > H ? H - top : k;
      int j0 = left < 0 ? -left : 0, j1 = left + k > W ? W - left : k;
      for (int c = 0; c < C; c += 8) {
        v128_t a = LOAD(bias + c), b = LOAD(bias + c + 4);
        for (int i = i0; i < i1; i++) {
          const float *at = in + ((top + i) * W + left + j0) * C + c, *w = weight + (i * k + j0) * C + c;
          for (int j = j0; j < j1; j++, at += C, w += C)
            a = MADD(LOAD(at), LOAD(w), a), b = MADD(LOAD(at + 4), LOAD(w + 4), b);
        }
        STORE(out + c, activated(a, activation)), STORE(out + c + 4, activated(b, activation));
      }
    }
}

// The 3 x 3 neighbours of every `stride`-th pixel of (H, W, C), shape (H / stride, W / stride, 9, C).
EXPORT(patches)
void patches(const float *in, float *out, int H, int W, int C, int stride, int down, int across) {
  for (int y = 0; y < H; y += stride)
    for (int x = 0; x < W; x += stride)
      for (int i = y - down; i < y - down + 3; i++)
        for (int j = x - across; j < x - across + 3; j++) {
          int inside = i >= 0 && j >= 0 && i < H && j < W;
          const float *at = in + (i * W + j) * C;
          for (int c = 0; c < C; c++) *out++ = inside ? at[c] : 0;
        }
}

// Planes (3, P) of 0..255 -> pixels (P, 3) times scale, less offset.
EXPORT(normalise)
void normalise(const float *planes, const float *scale, const float *offset, float *out, int P) {
  for (int p = 0; p < P; p++)
    for (int c = 0; c < 3; c++) *out++ = planes[c * P + p] * scale[c] - offset[c];
}

// Each pixel of (H, W, 2, 2, C) to four: out (2 H, 2 W, C) = ReLU + residual.
EXPORT(upsample)
void upsample(const float *in, const float *residual, float *out, int H, int W, int C) {
  for (int y = 0; y < 2 * H; y++)
    for (int x = 0; x < 2 * W; x++) {
      const float *at = in + ((((y >> 1) * W + (x >> 1)) * 2 + (y & 1)) * 2 + (x & 1)) * C;
      for (int c = 0; c < C; c += 4, out += 4, residual += 4)
        STORE(out, ADD(activated(LOAD(at + c), RELU), LOAD(residual)));
    }
}

static inline v128_t exponential(v128_t x) {  // Cephes' expf, within 2e-7 of itself
  x = wasm_f32x4_max(wasm_f32x4_min(x, ALL(88)), ALL(-87));
  v128_t n = wasm_f32x4_nearest(MUL(x, ALL(1.44269504f)));
  x = SUB(SUB(x, MUL(n, ALL(0.693359375f))), MUL(n, ALL(-2.12194440e-4f)));
  v128_t y = ALL(1.9875691500e-4f);
  y = MADD(y, x, ALL(1.3981999507e-3f)), y = MADD(y, x, ALL(8.3334519073e-3f));
  y = MADD(y, x, ALL(4.1665795894e-2f)), y = MADD(y, x, ALL(1.6666665459e-1f));
  y = MADD(y, x, ALL(5.0000001201e-1f)), y = ADD(MADD(y, MUL(x, x), x), ALL(1));
  v128_t power = wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127));
  return MUL(y, wasm_i32x4_shl(power, 23));
}

static inline v128_t steep(v128_t x, float by) {  // sigmoid(by * x)
  return wasm_f32x4_div(ALL(1), ADD(ALL(1), exponential(MUL(x, ALL(-by)))));
}

// `StyleMaps`: planes (3, H, W) of 0..255 -> means of cells of 16 pixels, (H / 16, W / 16, 17).
EXPORT(style)
void style(const float *planes, float *out, int H, int W) {
  for (int y = 0; y < H; y += 16)
    for (int x = 0; x < W; x += 16, out += 17) {
      v128_t sums[17];
      for (int m = 0; m < 17; m++) sums[m] = ALL(0);
      for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j += 4) {
          const float *at = planes + (y + i) * W + x + j;
          v128_t full = ALL(1 / 255.0f);
          v128_t r = MUL(LOAD(at), full), g = MUL(LOAD(at + H * W), full), b = MUL(LOAD(at + 2 * H * W), full);
          v128_t most = wasm_f32x4_max(r, wasm_f32x4_max(g, b)), least = wasm_f32x4_min(r, wasm_f32x4_min(g, b));
          v128_t light = MADD(b, ALL(0.114f), MADD(g, ALL(0.587f), MUL(r, ALL(0.299f))));
          v128_t saturation = wasm_f32x4_div(SUB(most, least), wasm_f32x4_max(most, full));
          v128_t seen[5] = {r, g, b, saturation, MUL(saturation, saturation)};
          for (int m = 0; m < 5; m++) sums[m] = ADD(sums[m], seen[m]);
          for (int m = 0; m < 10; m++)
            sums[5 + m] = ADD(sums[5 + m], steep(SUB(light, ALL(0.05f + 0.1f * m)), 30));
          sums[15] = ADD(sums[15], steep(SUB(least, ALL(0.88f)), 50));
          sums[16] = ADD(sums[16], steep(SUB(ALL(0.12f), most), 50));
        }
      for (int m = 0; m < 17; m++) {
        v128_t s = sums[m];
        out[m] = (wasm_f32x4_extract_lane(s, 0) + wasm_f32x4_extract_lane(s, 1) +
                  wasm_f32x4_extract_lane(s, 2) + wasm_f32x4_extract_lane(s, 3)) / 256;
      }
    }
}
