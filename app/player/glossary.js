// What the player explains: `app/terms/glossary.py` puts its table in here where modules are joined.

/** @import { Glossary } from "./types.d.ts" */

/** @type {Partial<Glossary>} */
export const GLOSSARY = ({});
