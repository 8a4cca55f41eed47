import { statfs } from "node:fs/promises";

// Magic numbers of statfs(2). Files of these systems change on another machine, or outside of the container.
const WITHOUT_EVENTS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x786f4256, "VirtualBox"],
  [0x65735546, "FUSE"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
]);

/** The name of a folder's file system if it reports no changes of files; undefined if it does, or is not known. */
export async function fileSystemWithoutEvents(
  folder: string,
  read: (folder: string) => Promise<{ readonly type: number }> = statfs,
): Promise<string | undefined> {
  try {
    const { type } = await read(folder);
    // The number has a sign on some systems.
    return WITHOUT_EVENTS.get(type >>> 0);
  } catch {
    return undefined;
  }
}
