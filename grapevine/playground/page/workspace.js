// What the page knows of the workspace: its people, channels, the app, and who is looking.

export const workspace = {
  users: [],
  channels: [],
  commands: [],
  shortcuts: [],
  networks: [],
  team: { name: "Playground" },
  app: { name: "Grapevine", bot_user_id: "" },
  transport: "socket",
  me: null,
  dm: null,
};

const COLOURS = ["#6c3fb4", "#0b7a5b", "#b3471d", "#1d63b3", "#a12767", "#566000"];

export function person(id) {
  return workspace.users.find((user) => user.id === id);
}

export function isApp(id) {
  return Boolean(id) && (id === workspace.app.bot_user_id || id === workspace.app.id);
}

export function nameOf(id) {
  if (isApp(id)) return workspace.app.name;
  const known = person(id);
  return known ? displayName(known) : id;
}

export function displayName(user) {
  return user.display_name || user.real_name || user.name;
}

export function channelName(id) {
  const known = workspace.channels.find((channel) => channel.id === id);
  return known ? known.name : id;
}

export function colourOf(id) {
  let sum = 0;
  for (const character of String(id)) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return COLOURS[sum % COLOURS.length];
}

export function timeZone() {
  return (workspace.me && workspace.me.tz) || "UTC";
}

/** English words, as everywhere on this page, with the dates and numbers of the person's region. */
export function locale() {
  const region = new Intl.Locale((workspace.me && workspace.me.locale) || "en-US").region;
  return region ? `en-${region}` : "en-US";
}
