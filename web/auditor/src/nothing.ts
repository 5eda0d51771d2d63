/** In place of a module of Node's that a library asks for and does without (`vite.config.ts`). */

export {};
