const MOST_SEAMS = 6000; // a plain canvas is slow at lines; the strongest come first

// Points as squares, for browsers without WebGL2: 50,000 in about 40 ms.
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

  paint({ at, width, height }, { size, sharpness, moved, reach, every }) {
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
        if (row % every) continue;
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
    for (let edge = 0; edge < Math.min(seams.a.length, MOST_SEAMS); edge++) {
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
}
