/** The identity provider's answer, handed from the address to the page that takes it; good for one reading. */

let held: URLSearchParams | null = null;

export function provide(answer: URLSearchParams | null): void {
  held = answer;
}

export function take(): URLSearchParams | null {
  const found = held;
  held = null;
  return found;
}
