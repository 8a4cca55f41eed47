// Files that replace those on disk, without a change on disk.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const IGNORES_CASE = process.platform === "win32" || process.platform === "darwin";

class Overlay {
  #texts = new Map();
  #folders = new Map();

  /** @param {readonly { path: string, text: string }[]} files Absolute paths. */
  constructor(files) {
    for (const file of files) {
      for (const key of Overlay.keysOf(file.path)) {
        this.#texts.set(key, file.text);
        for (let name = key; path.posix.dirname(name) !== name; name = path.posix.dirname(name)) {
          const folder = path.posix.dirname(name);
          const entries = this.#folders.get(folder) ?? new Set();
          this.#folders.set(folder, entries.add(path.posix.basename(name)));
        }
      }
    }
  }

  /** The forms of a path that a compiler may ask for: as given, and with links resolved. */
  static keysOf(given) {
    return [...new Set([keyOf(given), keyOf(realPath(given))])];
  }

  /** The files whose texts differ between two overlays. */
  static differences(before, after) {
    return [...new Set([...before.names(), ...after.names()])]
      .filter((name) => before.text(name) !== after.text(name));
  }

  static keyOf(name) {
    return keyOf(name);
  }

  has(name) {
    return this.#texts.has(keyOf(name));
  }

  text(name) {
    return this.#texts.get(keyOf(name));
  }

  hasFolder(name) {
    return this.#folders.has(keyOf(name));
  }

  /** Names of the files and folders of the overlay in a folder. */
  entries(name) {
    const folder = keyOf(name);
    const names = [...this.#folders.get(folder) ?? []];
    const isFile = (entry) => this.#texts.has(`${folder === "/" ? "" : folder}/${entry}`);
    return { files: names.filter(isFile), directories: names.filter((each) => !isFile(each)) };
  }

  names() {
    return [...this.#texts.keys()];
  }

  /** True if every file of the overlay is on disk as well. */
  isOnDisk() {
    return this.names().every((name) => fs.existsSync(name));
  }
}

function keyOf(name) {
  const slashes = name.replaceAll("\\", "/");
  return IGNORES_CASE ? slashes.toLowerCase() : slashes;
}

// The nearest folder that exists decides: the file itself may be missing.
function realPath(given) {
  try {
    return fs.realpathSync.native(given);
  } catch {
    const parent = path.dirname(given);
    return parent === given ? given : path.join(realPath(parent), path.basename(given));
  }
}

module.exports = { Overlay };
