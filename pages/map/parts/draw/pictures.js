// Photos as pictures, from blurred to sharp.  Only what the present view wants is queued, so a
// fast zoom leaves no backlog.  What was used longest ago goes first, and never what the
// present view wants: memory is a few times what a screen can show, whatever the gallery.

const CELL = 64; // pixels of a photo in an atlas
export const CORNER = 0.18; // radius of a face's corners, as a share of its side
const CELLS = 64; // photos in an atlas
const TINY = 8; // pixels of a photo in a tiny sheet of 4,096: what is shown until better comes
const LARGE = 320; // pixels of a photo at the closest zoom
const AT_ONCE = 6; // requests under way; browsers queue more than that anyway
const WORTH_AN_ATLAS = 6; // wanted faces from which one atlas beats as many thumbnails
const MOST_COVERED = 400; // faces in the one sheet of the first look
const MOST_KEPT = { tiny: 32, atlas: 48, thumb: 400, photo: 60 }; // at least; 24 to 52 MB each

export class Pictures {
  // `runs` are pairs [row, slot]: from that row on, rows stand in the atlases' cells from that slot.
  constructor(server, runs, arrived) {
    Object.assign(this, { server, runs, arrived });
    this.shelves = { tiny: new Map(), atlas: new Map(), thumb: new Map(), photo: new Map() };
    this.cover = null; // {bitmap, cells: row -> place, across, side}: the faces of the first look
    this.underway = new Set();
    this.failed = new Set();
    this.queue = [];
    this.room = {}; // pictures that the present view may need, by shelf
  }

  leave() {
    for (const shelf of Object.values(this.shelves)) shelf.forEach((bitmap) => bitmap.close());
    this.cover?.bitmap?.close();
  }

  // The picture at hand of a row that is nearest to `pixels` a side, or undefined.
  find(row, pixels) {
    const small = () => this.fromCover(row) ?? this.fromAtlas(row);
    const single = () => this.whole("thumb", row);
    const large = () => this.whole("photo", row);
    const wanted = levelOf(pixels);
    if (wanted === 0) return small() ?? single() ?? large();
    if (wanted === 1) return single() ?? large() ?? small();
    return large() ?? single() ?? small();
  }

  // Which cell of all atlases shows a row: photos that were deleted leave theirs behind.
  slotOf(row) {
    let [low, high] = [0, this.runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.runs[middle][0] <= row) low = middle;
      else high = middle - 1;
    }
    return this.runs[low][1] + row - this.runs[low][0];
  }

  atlasOf(row) {
    return Math.floor(this.slotOf(row) / CELLS);
  }

  // Eight pixels of a row, to be drawn while its picture is under way, or undefined.
  blurred(row) {
    const slot = this.slotOf(row);
    const [atlas, cell] = [(slot >> 6) & 63, slot & 63];
    const line = 8 * (atlas >> 3) + (cell >> 3);
    const column = 8 * (atlas % 8) + (cell % 8);
    return cut(touch(this.shelves.tiny, slot >> 12), { cell: 64 * line + column, across: 64, side: TINY });
  }

  whole(shelf, row) {
    const bitmap = touch(this.shelves[shelf], row);
    return cut(bitmap, { cell: 0, across: 1, side: bitmap?.width });
  }

  fromAtlas(row) {
    const slot = this.slotOf(row);
    const bitmap = touch(this.shelves.atlas, Math.floor(slot / CELLS));
    return cut(bitmap, { cell: slot % CELLS, across: Math.sqrt(CELLS), side: CELL });
  }

  fromCover(row) {
    const { bitmap, cells, across, side } = this.cover ?? {};
    return cells?.has(row) ? cut(bitmap, { cell: cells.get(row), across, side }) : undefined;
  }

  // Fetches the faces of the whole map as one sheet: the first look is two requests.
  async useCover(rows, sharpness) {
    if (this.cover || !rows.length) return;
    const covered = rows.slice(0, MOST_COVERED);
    const side = sharpness > 1.4 ? 96 : CELL;
    const across = Math.ceil(Math.sqrt(covered.length));
    this.cover = { bitmap: null, cells: new Map(covered.map((row, place) => [row, place])), across, side };
    try {
      const address = `grid.jpg?of=${covered.join(",")}&columns=${across}&cell=${side}`;
      this.cover.bitmap = round(await this.fetchBitmap(address), side);
    } catch {
      this.cover = { cells: new Map() }; // its faces come one by one instead
    }
    if (!this.server.signal.aborted) this.arrived();
  }

  // Queues what is missing for these rows, the most wanted first, in place of the last queue.
  want(rows, pixels) {
    const onCover = this.cover && !this.cover.bitmap ? this.cover.cells : new Map(); // under way
    const missing = rows.filter((row) => !onCover.has(row) && !this.find(row, 0));
    const inAtlas = new Map();
    for (const row of missing) inAtlas.set(this.atlasOf(row), (inAtlas.get(this.atlasOf(row)) ?? 0) + 1);
    const sheets = new Set(missing.map((row) => this.slotOf(row) >> 12));
    const blurs = [...sheets].filter((sheet) => !this.shelves.tiny.has(sheet)).map((sheet) => `tiny/${sheet}`);
    const small = missing.map((row) => {
      const atlas = `atlas/${this.atlasOf(row)}`;
      const worth = inAtlas.get(this.atlasOf(row)) >= WORTH_AN_ATLAS && !this.failed.has(atlas);
      return worth ? atlas : `thumb/${row}`;
    });
    const level = levelOf(pixels);
    const shelf = level === 2 ? "photo" : "thumb";
    const sharp = level ? rows.filter((row) => !this.shelves[shelf].has(row)).map((row) => `${shelf}/${row}`) : [];
    this.room = { atlas: 2 * inAtlas.size + 16, thumb: rows.length + 100, photo: rows.length + 20 };
    this.queue = [...new Set([...blurs, ...small, ...sharp])].filter((name) => !this.failed.has(name));
    this.fetchNext();
  }

  // Fetches the atlas around a row once the pointer rests there: its neighbours come next.
  fetchAround(row) {
    const number = this.atlasOf(row);
    if (this.shelves.atlas.has(number) || this.failed.has(`atlas/${number}`)) return;
    this.queue.push(`atlas/${number}`);
    this.fetchNext();
  }

  fetchNext() {
    while (this.underway.size < AT_ONCE && this.queue.length) {
      const name = this.queue.shift();
      if (!this.underway.has(name)) this.fetchOne(name);
    }
  }

  async fetchOne(name) {
    this.underway.add(name);
    const [kind, number] = name.split("/");
    try {
      const bitmap = await this.fetchKind(kind, name);
      this.shelves[kind].set(Number(number), bitmap);
      this.discard(this.shelves[kind], Math.max(MOST_KEPT[kind], this.room[kind] ?? 0));
    } catch {
      if (!this.server.signal.aborted) this.failed.add(name); // an atlas's rows come one by one then
    }
    this.underway.delete(name);
    if (this.server.signal.aborted) return;
    this.arrived();
    this.fetchNext();
  }

  discard(shelf, room) {
    for (const [key, bitmap] of shelf) {
      if (shelf.size <= room) return;
      bitmap.close();
      shelf.delete(key);
    }
  }

  async fetchKind(kind, name) {
    const bitmap = await this.fetchBitmap(name);
    if (kind === "tiny") return bitmap;
    if (kind === "photo") return round(await cutSquare(bitmap), LARGE);
    return round(bitmap, kind === "atlas" ? CELL : 2 * CELL);
  }

  async fetchBitmap(name) {
    return createImageBitmap(await (await this.server.ask(name)).blob());
  }
}

// One of the square cells of a sheet, so many across, each `side` pixels; undefined without one.
function cut(bitmap, { cell, across, side }) {
  if (!bitmap) return undefined;
  return { bitmap, left: (cell % across) * side, top: Math.floor(cell / across) * side, side };
}

// 0: a cell of an atlas will do, 1: a thumbnail, 2: the photo.
function levelOf(pixels) {
  if (pixels <= 1.4 * CELL) return 0;
  return pixels <= 2.6 * CELL ? 1 : 2;
}

// Corners are cut once here and not in every frame.
function round(picture, side) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext("2d");
  for (let top = 0; top < picture.height; top += side) {
    for (let left = 0; left < picture.width; left += side) pen.roundRect(left, top, side, side, side * CORNER);
  }
  pen.clip();
  pen.drawImage(picture, 0, 0);
  picture.close();
  return canvas.transferToImageBitmap();
}

// The square that its thumbnail shows too: heads are above the middle.
async function cutSquare(photo) {
  const side = Math.min(photo.width, photo.height);
  const [left, top] = [(photo.width - side) * 0.5, (photo.height - side) * 0.4];
  const size = { resizeWidth: LARGE, resizeHeight: LARGE, resizeQuality: "high" };
  const square = await createImageBitmap(photo, left, top, side, side, size);
  photo.close();
  return square;
}

// Moves a used entry to the end of its map: the front is what was used longest ago.
function touch(shelf, key) {
  const bitmap = shelf.get(key);
  if (bitmap) shelf.delete(key) && shelf.set(key, bitmap);
  return bitmap;
}
