// Which messages are where, and which of them this person has not seen.

import { get } from "./api.js";
import { author } from "./message.js";
import { workspace } from "./workspace.js";

const conversations = new Map();
const unread = new Map();
const watchers = new Set();

function seenKey(channel) {
  return `grapevine.seen.${workspace.me.id}.${channel}`;
}

// A browser may forbid storage altogether; then everything simply counts as unread after a reload.
function seenUpTo(channel) {
  try {
    return Number(localStorage.getItem(seenKey(channel)) || 0);
  } catch {
    return 0;
  }
}

function rememberSeen(channel, ts) {
  try {
    localStorage.setItem(seenKey(channel), String(ts));
  } catch {
    // See above.
  }
}

export function conversation(channel) {
  if (!conversations.has(channel)) conversations.set(channel, new Map());
  return conversations.get(channel);
}

function fromOthers({ message }) {
  return author(message).id !== workspace.me.id;
}

function count(channel) {
  const seen = seenUpTo(channel);
  const fresh = [...conversation(channel).values()].filter(
    (entry) => fromOthers(entry) && Number(entry.message.ts) > seen,
  );
  unread.set(channel, fresh.length);
  for (const watcher of watchers) watcher();
}

export function unreadIn(channel) {
  return unread.get(channel) || 0;
}

export function allUnread() {
  return [...unread.values()].reduce((sum, one) => sum + one, 0);
}

export function onUnread(watcher) {
  watchers.add(watcher);
}

export function markSeen(channel) {
  const last = Math.max(seenUpTo(channel), ...[...conversation(channel).keys()].map(Number));
  rememberSeen(channel, last);
  count(channel);
}

/** Reads the conversation from the backend, this person's ephemeral messages included. */
export async function loadHistory(channel) {
  const answer = await get("/ui/history", { user: workspace.me.id, channel });
  const known = conversation(channel);
  if (answer.messages) known.clear();
  for (const message of answer.messages || [])
    known.set(message.ts, { message, ephemeral: Boolean(message.is_ephemeral) });
  count(channel);
}

export function received(channel, message, ephemeral) {
  const before = conversation(channel).get(message.ts);
  conversation(channel).set(message.ts, {
    message,
    ephemeral: ephemeral || Boolean(before && before.ephemeral) || Boolean(message.is_ephemeral),
  });
  count(channel);
}

export function removed(channel, ts) {
  conversation(channel).delete(ts);
  count(channel);
}

export function inOrder(channel) {
  return [...conversation(channel).values()].sort((one, other) => Number(one.message.ts) - Number(other.message.ts));
}
