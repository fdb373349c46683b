// Server-sent events from a stream of text: pieces may be cut anywhere.

export interface Message {
  event: string;
  data: string;
}

/** Puts pieces together; gives the messages that are whole. */
export class Messages {
  private rest = "";

  take(piece: string): Message[] {
    const text = this.rest + piece;
    const held = text.endsWith("\r") ? "\r" : ""; // its line feed may come with the next piece
    const parts = text.slice(0, text.length - held.length).replace(/\r\n?/g, "\n").split("\n\n");
    this.rest = (parts.pop() ?? "") + held;
    return parts.map(message).filter((one) => one !== null);
  }
}

function message(text: string): Message | null {
  let event = "message";
  const data: string[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length || event !== "message" ? { event, data: data.join("\n") } : null;
}

/** How long to wait before the next try, in milliseconds: 0.5 s, doubled each time, 15 s at most. */
export function pause(tries: number): number {
  return Math.min(15_000, 500 * 2 ** Math.max(0, tries - 1));
}
