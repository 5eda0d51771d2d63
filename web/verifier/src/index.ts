/** What the command line, the page and the tests use. */

export { Failure } from "./failure.ts";
export { MAX_BUNDLE } from "./form.ts";
export { licenceTexts } from "./licences.ts";
export { advice, limitLines, readable, readableTime, verdictSentence, verdictTitle } from "./sentences.ts";
export { texts } from "./texts.ts";
export { MAX_TRUST, parseTrust } from "./trust.ts";
export { selfTest } from "./selftest.ts";
export { STEPS } from "./steps.ts";
export { verify } from "./verify.ts";
export { view } from "./view.ts";
