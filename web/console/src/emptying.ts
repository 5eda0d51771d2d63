/** What writes markup is refused by the pages' policy; ECharts writes one piece of it: nothing, to empty its place. */

interface TrustedTypes {
  createPolicy(name: "default", rules: { createHTML: (markup: string) => string | null }): unknown;
}

/** Let empty markup through, and nothing else; for browsers that have Trusted Types. */
export function allowEmptying(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy("default", { createHTML: (markup) => (markup === "" ? markup : null) });
}
