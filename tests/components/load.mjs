// The components' files are modules for browsers; node takes them from a data address.
import { readFile } from "node:fs/promises";

const FOLDER = new URL("../../alexcore/dashboard/components/", import.meta.url);

export async function load(name) {
  const text = await readFile(new URL(`${name}/${name}.js`, FOLDER), "utf8");
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
