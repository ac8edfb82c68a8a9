// Talking to the playground's backend: JSON requests and the stream of events.

const SILENT = "The playground does not answer. Look whether it still runs, then try again.";
const PATIENCE = 20_000;

async function ask(path, options) {
  try {
    const response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    const answer = await response.json().catch(() => null);
    if (answer && typeof answer === "object") {
      if (!response.ok && answer.error === undefined) answer.error = SILENT;
      return response.ok ? answer : { ...answer, ok: false };
    }
  } catch {
    // Refused or timed out: the person reads the same sentence.
  }
  return { ok: false, error: SILENT };
}

export function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return ask(search ? `${path}?${search}` : path, {});
}

export function post(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Hands over a file from this device; what comes back as `file` is Slack's object for it. */
export function upload(user, file) {
  return ask(`/ui/file?${new URLSearchParams({ user, name: file.name })}`, { method: "POST", body: file });
}

/**
 * Calls onEvent for every event of this person, onReturn after a gap in which events may have been missed.
 * Settles when the stream is open, or cannot be opened for now: what is asked before that could be answered unheard.
 */
export function listen(user, { onEvent, onLost, onReturn }) {
  let lost = false;
  let settle;
  const ready = new Promise((resolve) => (settle = resolve));
  const source = new EventSource(`/ui/events?${new URLSearchParams({ user })}`);
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  source.onerror = () => {
    if (!lost) onLost();
    lost = true;
    settle();
  };
  source.onopen = () => {
    if (lost) onReturn();
    lost = false;
    settle();
  };
  return ready;
}
