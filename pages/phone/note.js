// The note inside a picture that is handed out: software changed it.  Canvases write none.

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});
const PNG_HEAD = 33; // bytes of the signature and of IHDR, which stands first

// Returns a JPEG or PNG with an XMP packet inside.
export async function noted(picture, packet) {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const note = new TextEncoder().encode(packet);
  const png = picture.type === "image/png";
  const at = png ? PNG_HEAD : 2;
  return new Blob([bytes.subarray(0, at), png ? chunk(note) : segment(note), bytes.subarray(at)], { type: picture.type });
}

function segment(note) {
  const name = new TextEncoder().encode("http://ns.adobe.com/xap/1.0/\0");
  const length = 2 + name.length + note.length;
  return Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...name, ...note);
}

function chunk(note) {
  const body = Uint8Array.of(...new TextEncoder().encode("iTXtXML:com.adobe.xmp\0\0\0\0\0"), ...note);
  const sum = ~body.reduce((crc, byte) => (crc >>> 8) ^ CRC[(crc ^ byte) & 255], -1);
  const whole = new DataView(new ArrayBuffer(body.length + 8));
  whole.setUint32(0, body.length - 4);
  new Uint8Array(whole.buffer).set(body, 4);
  whole.setUint32(body.length + 4, sum);
  return whole;
}
