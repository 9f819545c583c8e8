/** The files beside a web address. A server does not tell which there are; each is found when it is opened. */

import { checkFileName, type Folder } from "./folder.ts";
import { openUrl, type UrlOptions, type UrlSource } from "./url-source.ts";

/**
 * The folder of the file at an address. What stands after the `?` is kept: where it is a signature for the whole
 * folder, it opens the other files too.
 */
export class UrlFolder implements Folder {
  readonly #address: URL;
  readonly #options: UrlOptions;

  /** Throws: `TypeError` for a text that is no address. */
  constructor(address: string | URL, options: UrlOptions = {}) {
    this.#address = new URL(address);
    this.#options = options;
  }

  list(): Promise<null> {
    return Promise.resolve(null);
  }

  async open(name: string, signal?: AbortSignal): Promise<UrlSource> {
    checkFileName(name);
    const url = new URL(this.#address);
    const folder = url.pathname.slice(0, url.pathname.lastIndexOf("/") + 1);
    url.pathname = folder + name.split("/").map(encodeURIComponent).join("/");
    return openUrl(url, { ...this.#options, signal });
  }
}
