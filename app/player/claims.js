// What claims say and are checked by: `app/terms/claims.py` puts its table in here where modules are joined.

/** @import { ClaimTable } from "./types.d.ts" */

/** @type {Partial<ClaimTable>} */
export const CLAIMS = ({});
