import { readFile, realpath } from "node:fs/promises";
import { isInside } from "../is_inside.ts";
import { platform } from "node:os";
import { runProgram } from "../process/mod.ts";

/** A mounted file system. */
export interface Mount {
  /** Absolute path of the folder that it is mounted at. */
  readonly folder: string;
  /** Its type as the system names it: `ext4`, `nfs4`, `fuse.sshfs`. */
  readonly type: string;
}

// Files of these systems change on another machine, or outside of the container or virtual machine.
const NAMES: ReadonlyMap<string, string> = new Map([
  ["9p", "9p"],
  ["afpfs", "AFP"],
  ["afs", "AFS"],
  ["ceph", "Ceph"],
  ["cifs", "SMB"],
  ["coda", "Coda"],
  ["drvfs", "drvfs"],
  ["fakeowner", "a mount of Docker Desktop"],
  ["gpfs", "GPFS"],
  ["lustre", "Lustre"],
  ["nfs", "NFS"],
  ["nfs4", "NFS"],
  ["prl_fs", "Parallels"],
  ["smb3", "SMB"],
  ["smbfs", "SMB"],
  ["vboxsf", "VirtualBox"],
  ["virtiofs", "virtiofs"],
  ["vmhgfs", "VMware"],
  ["webdav", "WebDAV"],
]);
const FUSE = /^(fuse|macfuse|osxfuse|davfs)(\.|$)/;
// Their files change only through the mount itself.
const LOCAL_FUSE = /^fuse\.(cryfs|encfs|fuse-overlayfs|gocryptfs|ntfs-3g)$/;

/** The name of a folder's file system if it reports no changes of files; undefined if it does, or is not known. */
export async function fileSystemWithoutEvents(
  folder: string,
  read: () => Promise<readonly Mount[]> = readMounts,
): Promise<string | undefined> {
  if (/^\\\\wsl(\$|\.localhost)\\/i.test(folder)) return "WSL";
  try {
    const path = await realpath(folder);
    let found: Mount | undefined;
    // The later of two mounts at one folder hides the other.
    for (const mount of await read()) {
      const isLonger = mount.folder.length >= (found?.folder.length ?? 0);
      if (isLonger && isInside(path, mount.folder)) found = mount;
    }
    return found === undefined ? undefined : nameOf(found.type);
  } catch {
    return undefined;
  }
}

function nameOf(type: string): string | undefined {
  if (FUSE.test(type) && !LOCAL_FUSE.test(type)) {
    return type.includes(".") ? `FUSE (${type.slice(type.indexOf(".") + 1)})` : "FUSE";
  }
  return NAMES.get(type);
}

async function readMounts(): Promise<readonly Mount[]> {
  switch (platform()) {
    case "linux":
      return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
    case "darwin":
      return parseMountOutput((await runProgram("/sbin/mount", [], { limitMs: 5000 })).stdout);
    default:
      return [];
  }
}

/** Parses Linux's `/proc/self/mountinfo`. */
export function parseMountInfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [mount = "", system = ""] = line.split(" - ");
    const folder = mount.split(" ")[4];
    const [type = ""] = system.split(" ");
    return folder === undefined || type === "" ? [] : [{ folder: unescaped(folder), type }];
  });
}

/** Parses the output of the `mount` of macOS: `//me@nas/share on /Volumes/share (smbfs, nodev)`. */
export function parseMountOutput(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, folder, type] = / on (\/.*) \((\w+)[^()]*\)$/.exec(line) ?? [];
    return folder === undefined || type === undefined ? [] : [{ folder, type }];
  });
}

// Spaces and backslashes are octal numbers there.
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
