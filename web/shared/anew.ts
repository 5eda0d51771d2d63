/** Loading everything anew, once there is something to load. */

import { call } from "./exchange.ts";

/**
 * Load everything anew at an address, if the exchange can be reached: a browser that failed to load a part of a page need
 * not ask for that part again before, and what it shows in place of a page that it cannot load says nothing of ours.
 *
 * @throws {Unreached} it cannot; everything stays as it is.
 */
export async function anew(href: string): Promise<void> {
  await call("GET", `${import.meta.env.BASE_URL}config.json`);
  history.pushState(null, "", href); // which no router hears
  location.reload();
}
