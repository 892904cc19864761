/** The files in what was dropped or chosen, folders walked to the bottom. */

export interface PickedFile {
  file: File;
  /** Path below what was dropped, with "/": "CT/series 1/IM0001". */
  path: string;
}

export interface Picked {
  files: PickedFile[];
  /** Files of the operating system, left out: they are never films. */
  leftOut: number;
}

const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

export function sortOut(all: readonly PickedFile[]): Picked {
  const files = all.filter(({ file }) => !SYSTEM_FILES.has(file.name));
  return { files, leftOut: all.length - files.length };
}

/** From an <input type="file">, with or without `webkitdirectory`. */
export function collectChosen(list: FileList): Picked {
  return sortOut(
    [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name })),
  );
}

/** From a drop. Must be called in the drop event itself: the entries are gone afterwards. */
export async function collectDropped(transfer: DataTransfer): Promise<Picked> {
  const entries: FileSystemEntry[] = [];
  const loose: PickedFile[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry !== null) entries.push(entry);
    else if (file !== null) loose.push({ file, path: file.name });
  }
  const walked = await Promise.all(entries.map(walk));
  return sortOut([...walked.flat(), ...loose]);
}

async function walk(entry: FileSystemEntry): Promise<PickedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  if (!isDirectory(entry)) return [];
  const found: PickedFile[] = [];
  for (const child of await listFolder(entry)) found.push(...(await walk(child)));
  return found;
}

/** readEntries answers in portions (100 in Chromium) and must be asked until it is empty. */
async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
