// What the map asks of the server.  Every address holds the gallery's version, so the browser
// keeps the answers for ever.

export class Server {
  constructor(base) {
    this.base = base;
    this.kept = new Map(); // column -> promise of its values
    this.gone = new AbortController();
  }

  leave() {
    this.gone.abort();
  }

  async ask(path, options = {}) {
    const answer = await fetch(`${this.base}/${path}`, { signal: this.gone.signal, ...options });
    if (!answer.ok) throw new Error(await answer.text());
    return answer;
  }

  // Columns of the table, one number per row, NaN where missing; several in one request.
  async columns(names) {
    const missing = names.filter((name) => !this.kept.has(name));
    if (missing.length) {
      const asked = this.fetchColumns(missing);
      missing.forEach((name, place) => {
        const its = asked.then((all) => all[place]);
        its.catch(() => this.kept.delete(name)); // asked again next time
        this.kept.set(name, its);
      });
    }
    return Promise.all(names.map((name) => this.kept.get(name)));
  }

  async fetchColumns(names) {
    const answer = await this.ask(`columns.bin?names=${encodeURIComponent(names)}`);
    const numbers = new Float32Array(await answer.arrayBuffer());
    const count = numbers.length / names.length;
    return names.map((_, place) => numbers.subarray(place * count, (place + 1) * count));
  }

  async words(column) {
    return (await this.ask(`words.json?column=${encodeURIComponent(column)}`)).json();
  }

  async about(row) {
    return (await this.ask(`about/${row}`)).json();
  }

  async near(row) {
    return (await this.ask(`near/${row}`)).json();
  }

  async find(text) {
    const answer = await this.ask(`find.bin?text=${encodeURIComponent(text)}`);
    return new Uint32Array(await answer.arrayBuffer());
  }

  // Borders between neighbours on the map: rows a, rows b, strengths; the strongest first.
  async seams() {
    const numbers = new Float32Array(await (await this.ask("seams.bin")).arrayBuffer());
    const count = numbers.length / 3;
    return [0, 1, 2].map((part) => numbers.subarray(part * count, (part + 1) * count));
  }

  // What the server makes of chosen rows: "region.json", "region.csv" or "region.jpg".
  // One bit per photo goes out: 6 KB for 50,000, whatever is chosen.
  async region(kind, rows, count) {
    const bits = new Uint8Array(Math.ceil(count / 8));
    for (const row of rows) bits[row >> 3] |= 1 << (row & 7);
    return this.ask(kind, { method: "POST", body: bits });
  }
}
