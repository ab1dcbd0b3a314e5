// Files of the page's own host, and a clear word where they do not arrive.

export const failure = (kind, message) => Object.assign(new Error(message), { kind });

export async function fetched(base, name) {
  let answer;
  try {
    answer = await fetch(new URL(name, base));
  } catch {
    throw failure("network", "the network broke off");
  }
  if (!answer.ok) throw failure("network", `${name} did not arrive (${answer.status})`);
  return answer;
}

// The content of a file; `tell` hears how much of `size` bytes is here.
export async function arrived(base, name, size, tell) {
  const answer = await fetched(base, name);
  try {
    if (!tell || !answer.body) return await answer.arrayBuffer();
    let here = 0;
    const count = new TransformStream({
      transform(chunk, out) {
        tell(Math.min(1, (here += chunk.length) / size));
        out.enqueue(chunk);
      },
    });
    return await new Response(answer.body.pipeThrough(count)).arrayBuffer();
  } catch {
    throw failure("network", "the network broke off in the middle");
  }
}
