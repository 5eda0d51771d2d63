import { ref } from "vue";

/** Whether the display settings are open. */
export const isSettingsOpen = ref(false);
