export const CELL = 64; // pixels of a photo in an atlas
export const CORNER = 0.18; // radius of a face's corners, as a share of its side
const CELLS = 64; // photos in an atlas
const AT_ONCE = 6; // requests under way; browsers queue more than that anyway
const WORTH_AN_ATLAS = 6; // wanted faces from which one atlas beats as many thumbnails
const MOST_COVERED = 400; // faces in the one sheet of the first look

// Photos in three forms: the cover (one sheet of the faces of the whole map), atlases of 64,
// and single thumbnails.  Only what the present view wants is queued, so a fast zoom leaves
// no backlog.  What was used longest ago goes first, and never what the present view wants:
// memory is a few times what a screen can show.
export class Pictures {
  constructor(base, arrived) {
    Object.assign(this, { base, arrived });
    this.atlases = new Map(); // number -> bitmap, most recently used last
    this.singles = new Map(); // row -> bitmap
    this.cover = null; // {bitmap, cells: row -> place, across, side}
    this.underway = new Set();
    this.failed = new Set();
    this.queue = [];
    this.gone = new AbortController();
  }

  leave() {
    this.gone.abort();
    for (const bitmap of [...this.atlases.values(), ...this.singles.values()]) bitmap.close();
    this.cover?.bitmap?.close();
  }

  // The best picture at hand of a row, or undefined.
  find(row, sharp) {
    const single = () => this.fromSingle(row);
    const small = () => this.fromCover(row) ?? this.fromAtlas(row);
    return sharp ? (single() ?? small()) : (small() ?? single());
  }

  fromSingle(row) {
    const bitmap = touch(this.singles, row);
    return bitmap && { bitmap, left: 0, top: 0, side: bitmap.width };
  }

  fromAtlas(row) {
    const bitmap = touch(this.atlases, Math.floor(row / CELLS));
    const cell = row % CELLS;
    const across = Math.sqrt(CELLS);
    const [left, top] = [(cell % across) * CELL, Math.floor(cell / across) * CELL];
    return bitmap && { bitmap, left, top, side: CELL };
  }

  fromCover(row) {
    const { bitmap, cells, across, side } = this.cover ?? {};
    const cell = cells?.get(row);
    if (!bitmap || cell === undefined) return undefined;
    return { bitmap, left: (cell % across) * side, top: Math.floor(cell / across) * side, side };
  }

  // Fetches the faces of the whole map as one sheet: the first look is two requests.
  useCover(faces, sharpness) {
    if (this.cover || !faces.length) return;
    const rows = faces.slice(0, MOST_COVERED).map((face) => face.row);
    const side = sharpness > 1.4 ? 96 : CELL;
    const across = Math.ceil(Math.sqrt(rows.length));
    const cells = new Map(rows.map((row, place) => [row, place]));
    this.cover = { bitmap: null, cells, across, side };
    const address = `grid.jpg?of=${rows.join(",")}&columns=${across}&cell=${side}`;
    this.fetchRounded(address, side).then(
      (bitmap) => {
        this.cover.bitmap = bitmap;
        this.arrived();
      },
      () => {
        this.cover = { cells: new Map() }; // its faces come one by one instead
        this.arrived();
      },
    );
  }

  // Queues what is missing for these rows, the most wanted first, in place of the last queue.
  want(rows, sharp) {
    this.room = Math.max(600, 2 * rows.length);
    const missing = rows.filter((row) => !this.coming(row) && !this.find(row, false));
    const inAtlas = new Map();
    for (const row of missing) {
      const number = Math.floor(row / CELLS);
      inAtlas.set(number, (inAtlas.get(number) ?? 0) + 1);
    }
    const small = missing.map((row) => {
      const number = Math.floor(row / CELLS);
      return inAtlas.get(number) >= WORTH_AN_ATLAS ? `atlas/${number}` : `thumb/${row}`;
    });
    const large = sharp ? rows.filter((row) => !this.singles.has(row)).map((row) => `thumb/${row}`) : [];
    this.queue = [...new Set([...small, ...large])].filter((name) => !this.failed.has(name));
    this.fetchNext();
  }

  // Whether a row's face is on the cover that is under way.
  coming(row) {
    return Boolean(this.cover && !this.cover.bitmap && this.cover.cells.has(row));
  }

  // Fetches the atlas around a row once the pointer rests there: its neighbours come next.
  fetchAround(row) {
    const name = `atlas/${Math.floor(row / CELLS)}`;
    if (this.atlases.has(Math.floor(row / CELLS)) || this.failed.has(name)) return;
    this.queue.push(name);
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
      const bitmap = await this.fetchRounded(name, kind === "atlas" ? CELL : 2 * CELL);
      const shelf = kind === "atlas" ? this.atlases : this.singles;
      shelf.set(Number(number), bitmap);
      this.discard(this.atlases, Math.max(48, this.room / WORTH_AN_ATLAS));
      this.discard(this.singles, this.room);
    } catch {
      this.failed.add(name); // its row stays a point
    }
    this.underway.delete(name);
    if (this.gone.signal.aborted) return;
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

  // Corners are cut once here and not in every frame.
  async fetchRounded(name, side) {
    const answer = await fetch(`${this.base}/${name}`, { signal: this.gone.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const bitmap = await createImageBitmap(await answer.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext("2d");
    for (let top = 0; top < bitmap.height; top += side) {
      for (let left = 0; left < bitmap.width; left += side) {
        pen.roundRect(left, top, side, side, side * CORNER);
      }
    }
    pen.clip();
    pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas.transferToImageBitmap();
  }
}

// Moves a used entry to the end of its map: the front is what was used longest ago.
function touch(shelf, key) {
  const bitmap = shelf.get(key);
  if (bitmap) shelf.delete(key) && shelf.set(key, bitmap);
  return bitmap;
}
