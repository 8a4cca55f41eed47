import { Buffer } from "node:buffer";
import { isAt } from "../../server/mod.ts";

/** An answer over HTTP/1.1, as far as a proxy of calls looks at it. */
export interface RawAnswer {
  readonly status: number;
  /** The body is a part of these bytes, which are valid until more is read: to make a view of it would cost as much as all the rest. */
  readonly bytes: Buffer;
  readonly begin: number;
  readonly end: number;
  /** Whether another request may follow on the connection. */
  readonly isReusable: boolean;
  /** How long the server keeps an idle connection, in milliseconds, where it says so. */
  readonly keepAliveMs: number | undefined;
}

/** What the head of an answer says. */
interface Head {
  readonly status: number;
  readonly framing: "none" | "length" | "chunked" | "to the end";
  readonly length: number;
  readonly isReusable: boolean;
  readonly keepAliveMs: number | undefined;
}

/** Of a head or all trailers, as node:http has it, and of a chunk's line. */
const MAX_HEAD = 16 * 1024;
const MAX_LINE = 4 * 1024;
const MAX_INTERIM = 16;

const NOTHING = Buffer.alloc(0);
/** The end of a head. */
const END = "\r\n\r\n";

/**
 * Reads answers off the bytes of a connection, one after the other. Interim answers (1xx) and trailers are passed over;
 * what could be understood in two ways (two lengths, a length beside chunks, folded lines) is an error, not a guess.
 */
export class AnswerReader {
  readonly #maxBytes: number;
  readonly #heads: KnownHeads;
  #state: "head" | "body" | "size" | "chunk" | "chunk's end" | "trailers" = "head";
  /** Bytes that are not understood yet: less than a head, a line. */
  #pending: Buffer = NOTHING;
  #head: Head | undefined;
  /** The body so far: its first bytes, as many as `#size` says. */
  #body: Buffer = NOTHING;
  #size = 0;
  /** Bytes to come of a body with a length, of a chunk. */
  #left = 0;
  #interim = 0;
  #trailers = 0;

  /**
   * @param maxBytes Bound of a body.
   * @param heads Those of the same server's other connections.
   */
  constructor(maxBytes: number, heads: KnownHeads = new KnownHeads()) {
    this.#maxBytes = maxBytes;
    this.#heads = heads;
  }

  /** Whether a part of an answer was read. */
  get hasBegun(): boolean {
    return this.#state !== "head" || this.#pending.length > 0 || this.#interim > 0;
  }

  /**
   * Reads on. The bytes are not kept.
   *
   * @returns the answer once it is whole.
   * @throws Error in words where the bytes are none.
   */
  read(chunk: Buffer): RawAnswer | undefined {
    // Most answers come in one piece, whose body needs no copy.
    if (this.#state === "head" && this.#pending.length === 0) {
      const known = this.#heads.find(chunk);
      const end = known === undefined ? chunk.indexOf(END) : known.end;
      if (end !== -1) {
        const head = known ?? this.#headOf(chunk, end);
        const start = end + END.length;
        const isWhole = head.framing === "length" && chunk.length - start === head.length;
        if (isWhole && head.length <= this.#maxBytes) {
          this.#interim = 0;
          return answerOf(head, chunk, start, chunk.length);
        }
      }
    }
    this.#pending = this.#pending.length === 0
      ? Buffer.from(chunk)
      : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const before = this.#pending.length;
      const state = this.#state;
      const answer = this.#step();
      if (answer !== undefined) return answer;
      if (this.#pending.length === before && this.#state === state) return undefined;
    }
  }

  /**
   * The peer has ended the connection.
   *
   * @returns the answer, where that is how its end is told.
   */
  end(): RawAnswer | undefined {
    if (this.#state !== "body" || this.#head?.framing !== "to the end") return undefined;
    return this.#finish();
  }

  #step(): RawAnswer | undefined {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody();
      case "size":
        return this.#readSize();
      case "chunk":
        this.#take();
        if (this.#left === 0) this.#state = "chunk's end";
        return undefined;
      case "chunk's end":
        if (this.#pending.length < 2) return undefined;
        if (this.#line() !== "") throw new Error("A chunk of the answer is longer than it says");
        this.#state = "size";
        return undefined;
      case "trailers":
        return this.#readTrailers();
    }
  }

  #readHead(): RawAnswer | undefined {
    const end = this.#pending.indexOf(END);
    if (end === -1) {
      if (this.#pending.length > MAX_HEAD) throw new Error("The head of the answer has no end");
      const begun = this.#pending.toString("latin1", 0, 5);
      if (!"HTTP/".startsWith(begun)) throw notHttp();
      return undefined;
    }
    const head = this.#headOf(this.#pending, end);
    this.#pending = this.#pending.subarray(end + END.length);
    if (head.status < 200) {
      if (head.status === 101 || ++this.#interim > MAX_INTERIM) {
        throw new Error(`The answer begins with status ${head.status}`);
      }
      return undefined;
    }
    this.#head = head;
    this.#left = head.length;
    if (head.framing === "none") return this.#finish();
    if (head.framing === "length" && head.length > this.#maxBytes) throw this.#tooLarge();
    this.#state = head.framing === "chunked" ? "size" : "body";
    return undefined;
  }

  #readBody(): RawAnswer | undefined {
    if (this.#head?.framing === "to the end") {
      this.#left = this.#pending.length;
      this.#take();
      return undefined;
    }
    this.#take();
    return this.#left === 0 ? this.#finish() : undefined;
  }

  #readSize(): undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const size = /^([\da-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new Error("A chunk of the answer has no size");
    this.#left = Number.parseInt(size, 16);
    if (this.#size + this.#left > this.#maxBytes) throw this.#tooLarge();
    this.#state = this.#left === 0 ? "trailers" : "chunk";
  }

  #readTrailers(): RawAnswer | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    this.#trailers += line.length;
    if (this.#trailers > MAX_HEAD) throw new Error("The trailers of the answer have no end");
    return line === "" ? this.#finish() : undefined;
  }

  /** The next line, without its end; nothing if it is not there yet. */
  #line(): string | undefined {
    const end = this.#pending.indexOf("\r\n");
    if (end > MAX_LINE || (end === -1 && this.#pending.length > MAX_LINE)) {
      throw new Error("A line of the answer has no end");
    }
    if (end === -1) return undefined;
    const line = this.#pending.toString("latin1", 0, end);
    this.#pending = this.#pending.subarray(end + 2);
    return line;
  }

  /** Moves what belongs to the body out of the pending bytes. */
  #take(): void {
    const piece = this.#pending.subarray(0, this.#left);
    if (piece.length === 0) return;
    const size = this.#size + piece.length;
    if (size > this.#maxBytes) throw this.#tooLarge();
    // Twice as much each time: chunks of a byte each are not to cost an object each.
    if (size > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#body.length));
      this.#body.copy(larger, 0, 0, this.#size);
      this.#body = larger;
    }
    piece.copy(this.#body, this.#size);
    this.#size = size;
    this.#left -= piece.length;
    this.#pending = this.#pending.subarray(piece.length);
  }

  #finish(): RawAnswer {
    const head = this.#head!;
    if (this.#pending.length > 0) throw new Error("The answer is longer than it says");
    const body = this.#body;
    const size = this.#size;
    this.#state = "head";
    this.#head = undefined;
    this.#body = NOTHING;
    this.#pending = NOTHING;
    this.#size =
      this.#left =
      this.#interim =
      this.#trailers =
        0;
    return answerOf(head, body, 0, size);
  }

  #headOf(bytes: Buffer, end: number): Head {
    if (end > MAX_HEAD) throw new Error("The head of the answer is too long");
    const head = parseHead(bytes.toString("latin1", 0, end));
    this.#heads.add(bytes, end, head);
    return head;
  }

  #tooLarge(): Error {
    return new Error(`The answer is larger than ${this.#maxBytes} bytes`);
  }
}

/**
 * Heads that came before. That of one answer differs from the one before seldom: its date changes once a second, and its
 * length is one of few. Shared by the connections to a server.
 */
export class KnownHeads {
  readonly #heads: KnownHead[] = [];

  /** The head that the bytes begin with, its end as well; no head has an end within it. */
  find(bytes: Buffer): KnownHead | undefined {
    for (const known of this.#heads) {
      if (isAt(known.bytes, bytes, 0)) return known;
    }
    return undefined;
  }

  /** Adds the head of the bytes, which takes the place of the oldest one. */
  add(bytes: Buffer, end: number, head: Head): void {
    if (this.#heads.length === MOST_HEADS) this.#heads.pop();
    this.#heads.unshift({ ...head, end, bytes: Buffer.from(bytes.subarray(0, end + END.length)) });
  }
}

interface KnownHead extends Head {
  readonly bytes: Buffer;
  readonly end: number;
}

const MOST_HEADS = 8;

/**
 * The text of an answer's body.
 *
 * @throws Error in words where it is none.
 */
export function bodyText({ bytes, begin, end }: RawAnswer): string {
  const text = bytes.toString("utf8", begin, end);
  // What is no UTF-8 has become this character, which a text may have as well.
  if (text.includes("\ufffd") && !Buffer.from(text).equals(bytes.subarray(begin, end))) {
    throw new Error("The answer is no UTF-8");
  }
  return text;
}

function answerOf(
  { status, isReusable, keepAliveMs }: Head,
  bytes: Buffer,
  begin: number,
  end: number,
): RawAnswer {
  return { status, bytes, begin, end, isReusable, keepAliveMs };
}

function parseHead(text: string): Head {
  const lines = text.split("\r\n");
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(lines[0]!) ?? [];
  if (minor === undefined) throw notHttp();
  const status = Number(code);
  let length: string | undefined;
  let coding = "";
  let connection = "";
  let keepAlive = "";
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      throw new Error("A header of the answer cannot be read");
    }
    const value = line.slice(colon + 1).trim();
    if (name === "content-length") {
      if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== value)) {
        throw new Error("The answer has no clear Content-Length");
      }
      length = value;
    } else if (name === "transfer-encoding") coding += `,${value.toLowerCase()}`;
    else if (name === "connection") connection += `,${value.toLowerCase()}`;
    else if (name === "keep-alive") keepAlive = value;
    else if (name === "content-encoding" && !/^(identity)?$/i.test(value)) {
      throw new Error(`The answer is encoded as "${value.slice(0, 40)}", which was not asked for`);
    }
  }
  const options = connection.split(",").map((option) => option.trim());
  const isKept = !options.includes("close") && (minor === "1" || options.includes("keep-alive"));
  const seconds = /(?:^|[,; ])timeout=(\d{1,6})/i.exec(keepAlive)?.[1];
  const keepAliveMs = seconds === undefined ? undefined : Number(seconds) * 1000;
  const head = { status, length: 0, isReusable: isKept, keepAliveMs };
  if (status < 200 || status === 204 || status === 304) return { ...head, framing: "none" };
  if (coding !== "") {
    if (coding !== ",chunked" || length !== undefined) {
      throw new Error("The answer does not say clearly where it ends");
    }
    return { ...head, framing: "chunked" };
  }
  if (length !== undefined) return { ...head, framing: "length", length: Number(length) };
  return { ...head, framing: "to the end", isReusable: false };
}

function notHttp(): Error {
  return new Error("What listens there does not speak HTTP/1.1");
}
