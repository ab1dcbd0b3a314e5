// A finger drawn across the large photo steps as the buttons do: to the left on to the next lower
// score, to the right back to the next higher.
const FAR = 40; // pixels
let began = null;
document.addEventListener("pointerdown", (event) => {
  began = event.pointerType === "touch" && event.target.closest(".selfie-photo") ? event : null;
});
document.addEventListener("pointerup", (event) => {
  if (!began || event.pointerId !== began.pointerId) return;
  const [right, down] = [event.clientX - began.clientX, event.clientY - began.clientY];
  began = null;
  if (Math.abs(right) < FAR || Math.abs(right) < 2 * Math.abs(down)) return;
  document.querySelector(`.st-key-detail_${right > 0 ? "better" : "worse"} button`)?.click();
});
