import { ref } from "vue";

/** Where somebody wanted to go when the page for it could not be fetched; empty where all is well. */
export const unreached = ref("");
