// The card to share, laid out as selfie_core/answer/card.py lays it.
import { counted, make, percent, standing } from "../shared/dom.js";

const [WIDTH, HEIGHT, RIM, WIDE, HIGH] = [1080, 1350, 60, 960, 840];
const [PAPER, INK, QUIET] = ["#121114", "#f4f0f7", "#9e96a6"];
const FONT = '"Source Sans", "Source Sans Pro", system-ui, sans-serif';

// A picture of a photo, its score and its place in the strip; `cells` are pictures from worst to best.
// Photo and cells are canvases or bitmaps.
export function drawCard(photo, { score, percentile, photos, cells, ramp }) {
  const canvas = make("canvas", "", { width: WIDTH, height: HEIGHT });
  const pen = canvas.getContext("2d");
  drawGround(pen, photo);
  const scale = Math.min(WIDE / photo.width, HIGH / photo.height);
  const [wide, high] = [photo.width * scale, photo.height * scale];
  fitted(pen, photo, { left: (WIDTH - wide) / 2, top: RIM + (HIGH - high) / 2, wide, high, round: 28 });
  const colour = ramp[Math.min(ramp.length - 1, Math.floor((percentile / 100) * ramp.length))];
  const top = RIM + HIGH + 44;
  write(pen, percent(score), RIM, top, colour, `124px ${FONT}`);
  const beside = RIM + pen.measureText(percent(score)).width + 40;
  write(pen, standing(percentile), beside, top + 6, INK, `46px ${FONT}`);
  write(pen, `of ${counted(photos, "photo")}`, beside, top + 62, QUIET, `36px ${FONT}`);
  drawStrip(pen, photo, { cells, percentile, ramp, colour, top: HEIGHT - RIM - 104 });
  pen.textAlign = "center";
  write(pen, "What a ConvNet thinks of this photo. It judges the photo, never the person.", WIDTH / 2, HEIGHT - 50, QUIET, `25px ${FONT}`);
  return canvas;
}

function drawGround(pen, photo) {
  const few = make("canvas", "", { width: 8, height: 10 });
  few.getContext("2d").drawImage(photo, 0, 0, 8, 10);
  pen.imageSmoothingQuality = "high";
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.globalAlpha = 0.16;
  pen.drawImage(few, 0, 0, WIDTH, HEIGHT);
  pen.globalAlpha = 1;
}

function write(pen, text, x, y, colour, font) {
  Object.assign(pen, { font, fillStyle: colour, textBaseline: "top" });
  pen.fillText(text, x, y);
}

// A picture in a box with round corners, its middle part where the shapes differ.
function fitted(pen, picture, { left, top, wide, high, round }) {
  const scale = Math.max(wide / picture.width, high / picture.height);
  const [w, h] = [wide / scale, high / scale];
  pen.save();
  pen.beginPath();
  pen.roundRect(left, top, wide, high, round);
  pen.clip();
  pen.drawImage(picture, (picture.width - w) / 2, 0.4 * (picture.height - h), w, h, left, top, wide, high);
  pen.restore();
}

function drawStrip(pen, photo, { cells, percentile, ramp, colour, top }) {
  const length = WIDTH - 2 * RIM;
  const cell = length / cells.length;
  cells.forEach((picture, i) => fitted(pen, picture, { left: RIM + i * cell, top, wide: cell, high: cell, round: 0 }));
  const shade = pen.createLinearGradient(RIM, 0, WIDTH - RIM, 0);
  ramp.forEach((stop, i) => shade.addColorStop(i / (ramp.length - 1), stop));
  pen.fillStyle = shade;
  pen.fillRect(RIM, top + cell + 10, length, 5);
  const x = Math.min(Math.max(RIM + (length * percentile) / 100, RIM + 48), WIDTH - RIM - 48);
  const y = top + cell / 2;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, 48, 0, 2 * Math.PI);
  pen.fill();
  fitted(pen, photo, { left: x - 42, top: y - 42, wide: 84, high: 84, round: 42 });
}
