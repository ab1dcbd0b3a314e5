// What the pages ask of a gallery's routes.  Every address holds the gallery's version, so the
// browser keeps the answers for ever.  `signal` ends what is under way.
export class Server {
  constructor(base, signal) {
    Object.assign(this, { base, signal });
    this.kept = new Map(); // column -> promise of its values
  }

  async ask(path, options = {}) {
    const answer = await fetch(`${this.base}/${path}`, { signal: this.signal, ...options });
    if (!answer.ok) throw new Error(await answer.text());
    return answer;
  }

  async json(path) {
    return (await this.ask(path)).json();
  }

  async numbers(path, Kind) {
    return new Kind(await (await this.ask(path)).arrayBuffer());
  }

  // Columns of the table, one number per row, NaN where missing; several in one request.
  async columns(names) {
    const missing = names.filter((name) => !this.kept.has(name));
    if (missing.length) {
      const query = new URLSearchParams(missing.map((name) => ["name", name]));
      const asked = this.numbers(`columns.bin?${query}`, Float32Array);
      missing.forEach((name, place) => {
        const its = asked.then((all) => {
          const count = all.length / missing.length;
          return all.subarray(place * count, (place + 1) * count);
        });
        its.catch(() => this.kept.delete(name)); // asked again next time
        this.kept.set(name, its);
      });
    }
    return Promise.all(names.map((name) => this.kept.get(name)));
  }

  about(row) {
    return this.json(`about/${row}`);
  }

  find(text) {
    return this.numbers(`find.bin?text=${encodeURIComponent(text)}`, Uint32Array);
  }

  // What the server makes of chosen rows: "region.json", "region.csv" or "region.jpg".
  // One bit per photo goes out: 6 KB for 50,000, whatever is chosen.
  async region(kind, rows, count) {
    const bits = new Uint8Array(Math.ceil(count / 8));
    for (const row of rows) bits[row >> 3] |= 1 << (row & 7);
    return this.ask(kind, { method: "POST", body: bits });
  }
}
